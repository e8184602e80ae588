/** Whose processing is restricted (GDPR art. 18), and telling them before it ends. */
import type { RestrictedSubject, RestrictionEnd, SubjectId } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Restrictions = {
  /** The longest first. */
  list: (options?: CallOptions) => Promise<Readonly<{ restrictions: readonly RestrictedSubject[] }>>;
  /** Tells somebody that their restriction ends; when that day has come, `subjects.liftRestriction` lifts it, and not before. */
  end: (subject: SubjectId, told: RestrictionEnd, options?: CallOptions) => Promise<RestrictedSubject>;
};

export function createRestrictions({ json }: Transport): Restrictions {
  const path = '/v1/privacy/restrictions';
  return {
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    end: (subject, told, options) => json({ method: 'POST', path: `${path}/${encodeURIComponent(subject)}/end`, json: told, does: 'change' }, options),
  }; // prettier-ignore
}
