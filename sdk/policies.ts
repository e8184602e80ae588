/** Policies: who may see what, as versions that another approves; and every decision they make. */
import type {
  PolicyDocument,
  PolicyMatrix,
  PolicyReplay,
  PolicyReview,
  PolicyVersion,
  ProposedPolicies,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Policies = {
  /** Newest first. */
  list: (options?: CallOptions) => Promise<Readonly<{ versions: readonly PolicyVersion[] }>>;
  /** @param id a version, or `active` */
  get: (id: string, options?: CallOptions) => Promise<PolicyVersion & Readonly<{ document: PolicyDocument }>>;
  /** What a version would change, against the one that holds. */
  review: (id: string, options?: CallOptions) => Promise<PolicyReview>;
  /** What would be said of a document; nothing is kept. */
  test: (document: PolicyDocument, options?: CallOptions) => Promise<PolicyReview>;
  propose: (document: PolicyDocument, note: string, options?: CallOptions) => Promise<ProposedPolicies>;
  /** @param hash of the document that was looked at */
  approve: (id: string, hash: string, options?: CallOptions) => Promise<PolicyVersion>;
  /** Holds from the next request on, on every server. */
  activate: (id: string, options?: CallOptions) => Promise<PolicyVersion>;
  matrix: (id: string, options?: CallOptions) => Promise<PolicyMatrix>;
  /** Past decisions of the log under a version. */
  replay: (id: string, options?: CallOptions) => Promise<PolicyReplay>;
};

export function createPolicies({ json }: Transport): Policies {
  const path = '/v1/access/policies';
  const of = (id: string): string => `${path}/${encodeURIComponent(id)}`;
  return {
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    get: (id, options) => json({ method: 'GET', path: of(id), does: 'read' }, options),
    review: (id, options) => json({ method: 'GET', path: `${of(id)}/review`, does: 'read' }, options),
    test: (document, options) =>
      json({ method: 'POST', path: `${path}/test`, json: { document }, does: 'read' }, options),
    propose: (document, note, options) =>
      json({ method: 'POST', path, json: { document, note }, does: 'change' }, options),
    approve: (id, hash, options) =>
      json({ method: 'POST', path: `${of(id)}/approve`, json: { hash }, does: 'change' }, options),
    activate: (id, options) => json({ method: 'POST', path: `${of(id)}/activate`, does: 'change' }, options),
    matrix: (id, options) => json({ method: 'GET', path: `${of(id)}/matrix`, does: 'read' }, options),
    replay: (id, options) => json({ method: 'POST', path: `${of(id)}/replay`, json: {}, does: 'read' }, options),
  };
}
