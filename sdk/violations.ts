/** Violations: that somebody may have broken a rule, what they say to it, what two people decide, and what comes of an appeal. */
import type { Body, Reply } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Violation = Reply<'getViolation', '200'>;
export type ViolationLine = Reply<'listViolations', '200'>['violations'][number];
export type ViolationToOpen = Body<'openViolation'>;
export type ViolationSource = Reply<'lookAtSource', '200'>;
export type ViolationChoice = Body<'decideOnViolation'>;

export type Violations = {
  /** Those that are about oneself; all of them, always. */
  mine: (options?: CallOptions) => Promise<Reply<'myViolations', '200'>>;
  /** Those in which one has another part. @param after `next` of the page before */
  list: (after?: string, options?: CallOptions) => Promise<Reply<'listViolations', '200'>>;
  /** Who decides has read it from then on. */
  get: (id: string, options?: CallOptions) => Promise<Violation>;
  /** `proof` verifies without us: `verifyProof`. */
  proof: (id: string, options?: CallOptions) => Promise<Reply<'violationProof', '200'>>;
  /** An entry of the log, and whether it could be held against that person as carelessness. */
  source: (entry: number, person?: string, options?: CallOptions) => Promise<ViolationSource>;
  open: (violation: ViolationToOpen, options?: CallOptions) => Promise<Violation>;
  /** Once. Without words one says that one says nothing. */
  state: (id: string, text?: string, options?: CallOptions) => Promise<Violation>;
  decide: (id: string, decision: ViolationChoice, options?: CallOptions) => Promise<Violation>;
  appeal: (id: string, text: string, options?: CallOptions) => Promise<Violation>;
  answer: (id: string, answer: Body<'answerAppeal'>, options?: CallOptions) => Promise<Violation>;
};

export function createViolations({ json }: Transport): Violations {
  const path = '/v1/education/violations';
  const of = (...parts: readonly string[]): string =>
    [path, ...parts.map((each) => encodeURIComponent(each))].join('/');
  const post = <T>(where: string, body: object, options?: CallOptions): Promise<T> =>
    json({ method: 'POST', path: where, does: 'change', json: body }, options);
  const read = <T>(where: string, options?: CallOptions): Promise<T> =>
    json({ method: 'GET', path: where, does: 'read' }, options);
  return {
    mine: (options) => read(of('mine'), options),
    list: (after, options) => json({ method: 'GET', path, query: { after }, does: 'read' }, options),
    get: (id, options) => read(of(id), options),
    proof: (id, options) => read(of(id, 'proof'), options),
    source: (entry, person, options) =>
      json({ method: 'GET', path: of('sources', String(entry)), query: { person }, does: 'read' }, options),
    open: (violation, options) => post(path, violation, options),
    state: (id, text, options) => post(of(id, 'statement'), text === undefined ? {} : { text }, options),
    decide: (id, decision, options) => post(of(id, 'votes'), decision, options),
    appeal: (id, text, options) => post(of(id, 'appeal'), { text }, options),
    answer: (id, answer, options) => post(of(id, 'answer'), answer, options),
  };
}
