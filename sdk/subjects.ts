/**
 * Subjects: the people the data is about. Find one, restrict what is done with their data, forget them.
 */
import type { ErasureReceipt, FoundSubject, RestrictionReason, Subject, SubjectId } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Subjects = {
  get: (id: SubjectId, options?: CallOptions) => Promise<Subject>;
  /** By your own id of the person. It travels in the body: no value stands in a URL. */
  find: (by: Readonly<{ collection: string; externalId: string }>, options?: CallOptions) => Promise<FoundSubject>;
  /**
   * Forgets a person for good: destroys the key, then the sealed data, the search entries and the tokens. Every copy
   * anywhere is dead with the key. There is no way back. @returns a receipt to keep
   */
  erase: (id: SubjectId, options?: CallOptions) => Promise<ErasureReceipt>;
  /** GDPR art. 18: stays stored, is read by nobody but who may in spite of it. */
  restrict: (id: SubjectId, reason: RestrictionReason, options?: CallOptions) => Promise<unknown>;
  liftRestriction: (id: SubjectId, options?: CallOptions) => Promise<unknown>;
};

const subject = (id: SubjectId): string => `/v1/vault/subjects/${encodeURIComponent(id)}`;

export function createSubjects({ json }: Transport): Subjects {
  return {
    get: (id, options) => json({ method: 'GET', path: subject(id), does: 'read' }, options),
    find: (by, options) => json({ method: 'POST', path: '/v1/vault/subjects/find', json: by, does: 'read' }, options),
    erase: (id, options) => json({ method: 'DELETE', path: subject(id), does: 'change' }, options),
    restrict: (id, reason, options) =>
      json({ method: 'POST', path: `${subject(id)}/restriction`, json: { reason }, does: 'change' }, options),
    liftRestriction: (id, options) =>
      json({ method: 'DELETE', path: `${subject(id)}/restriction`, does: 'change' }, options),
  };
}
