/** Lessons, policies, and who stands how with what their role asks for. */
import type { EducationTexts, PublishedText, TextHistory, TextKind, TextToPublish } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Education = {
  /** The newest version of each text. */
  texts: (options?: CallOptions) => Promise<EducationTexts>;
  /** All versions of a text, and the newest as it was published. */
  text: (kind: TextKind, id: string, options?: CallOptions) => Promise<TextHistory>;
  /** On top of the version that was read: `replaces` is its hash. */
  publish: (text: TextToPublish, options?: CallOptions) => Promise<PublishedText>;
};

export function createEducation({ json }: Transport): Education {
  const path = '/v1/education';
  return {
    texts: (options) => json({ method: 'GET', path: `${path}/texts`, does: 'read' }, options),
    text: (kind, id, options) => json({ method: 'GET', path: `${path}/texts/${kind}/${encodeURIComponent(id)}`, does: 'read' }, options),
    publish: (text, options) => json({ method: 'POST', path: `${path}/texts`, json: text, does: 'change' }, options),
  }; // prettier-ignore
}
