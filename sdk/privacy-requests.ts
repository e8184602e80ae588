/** What customers ask for, with clocks. */
import type {
  NewPrivacyRequest,
  PrivacyClocks,
  PrivacyDecision,
  PrivacyRequest,
  PrivacyRequestHistory,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type PrivacyRequests = {
  list: (
    which?: 'open' | 'closed',
    options?: CallOptions,
  ) => Promise<Readonly<{ requests: readonly PrivacyRequest[] }>>;
  get: (id: string, options?: CallOptions) => Promise<PrivacyRequestHistory>;
  take: (request: NewPrivacyRequest, options?: CallOptions) => Promise<PrivacyRequest>;
  /** An erasure is done when a second person has agreed. */
  decide: (id: string, decision: PrivacyDecision, options?: CallOptions) => Promise<PrivacyRequest>;
  clocks: (options?: CallOptions) => Promise<PrivacyClocks>;
};

export function createPrivacyRequests({ json }: Transport): PrivacyRequests {
  const path = '/v1/privacy/requests';
  return {
    list: (which = 'open', options) => json({ method: 'GET', path: which === 'closed' ? `${path}?which=closed` : path, does: 'read' }, options),
    get: (id, options) => json({ method: 'GET', path: `${path}/${encodeURIComponent(id)}`, does: 'read' }, options),
    take: (request, options) => json({ method: 'POST', path, json: request, does: 'change' }, options),
    decide: (id, decision, options) => json({ method: 'POST', path: `${path}/${encodeURIComponent(id)}/decide`, json: decision, does: 'change' }, options),
    clocks: (options) => json({ method: 'GET', path: '/v1/privacy/clocks', does: 'read' }, options),
  }; // prettier-ignore
}
