/** What has to go and when: events of subjects, plans and runs, legal holds, the account of what went. */
import type {
  DecidedProposal,
  Erasures,
  EventResults,
  FieldDecision,
  FieldProposal,
  FieldUses,
  Hold,
  NewHold,
  RetentionProof,
  RetentionRun,
  RetentionSettings,
  RetentionSettingsView,
  RetentionStatus,
  SubjectEvent,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Retention = {
  /** At most 1,000. The same event again is `known`: repeat as you like. */
  record: (events: readonly SubjectEvent[], options?: CallOptions) => Promise<EventResults>;
  status: (options?: CallOptions) => Promise<RetentionStatus>;
  /** A dry run: counts and samples. Nothing is done before it is approved. */
  plan: (options?: CallOptions) => Promise<RetentionRun>;
  runs: (options?: CallOptions) => Promise<Readonly<{ runs: readonly RetentionRun[] }>>;
  get: (id: string, options?: CallOptions) => Promise<RetentionRun>;
  /** Of exactly this plan. @param planHash as the plan has it */
  approve: (id: string, planHash: string, options?: CallOptions) => Promise<RetentionRun>;
  cancel: (id: string, options?: CallOptions) => Promise<RetentionRun>;
  /** A signed note; `verifyCertificate` checks it without a server. */
  certificate: (id: string, options?: CallOptions) => Promise<Readonly<{ certificate: string }>>;
  /** Is anything left that should have gone? */
  prove: (options?: CallOptions) => Promise<RetentionProof>;
  /** What went, by HMAC, in the order of the log. @param after `seq` of the last one seen; empty: from the first */
  erasures: (after?: string, options?: CallOptions) => Promise<Erasures>;
  proposeSettings: (settings: RetentionSettings, options?: CallOptions) => Promise<RetentionSettingsView>;
  approveSettings: (hash: string, options?: CallOptions) => Promise<RetentionSettingsView>;
};
export type Holds = {
  list: (options?: CallOptions) => Promise<Readonly<{ holds: readonly Hold[] }>>;
  /** It stands once somebody else approved it. */
  request: (hold: NewHold, options?: CallOptions) => Promise<Hold>;
  /** The second person: places it, or lifts it when that was asked for. */
  approve: (id: string, options?: CallOptions) => Promise<Hold>;
  refuse: (id: string, options?: CallOptions) => Promise<Hold>;
  lift: (id: string, reason: string, options?: CallOptions) => Promise<Hold>;
};

export type Fields = {
  /** Of each field: how many values, how old, last read when and for which purpose. */
  list: (options?: CallOptions) => Promise<FieldUses>;
  proposals: (options?: CallOptions) => Promise<Readonly<{ proposals: readonly FieldProposal[] }>>;
  /** Looks anew; it is done once a day without being asked. @param days how far back */
  review: (days?: number, options?: CallOptions) => Promise<Readonly<{ proposals: readonly FieldProposal[] }>>;
  decide: (id: string, decision: FieldDecision, options?: CallOptions) => Promise<DecidedProposal>;
};

export function createFields({ json }: Transport): Fields {
  const path = '/v1/collection/fields';
  return {
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    proposals: (options) => json({ method: 'GET', path: `${path}/proposals`, does: 'read' }, options),
    review: (days = 90, options) =>
      json({ method: 'POST', path: `${path}/review`, json: { days }, does: 'change' }, options),
    decide: (id, decision, options) =>
      json(
        { method: 'POST', path: `${path}/proposals/${encodeURIComponent(id)}/decide`, json: decision, does: 'change' },
        options,
      ),
  };
}

export function createRetention({ json }: Transport): Retention {
  const path = '/v1/collection/retention';
  const run = (id: string, rest = ''): string => `${path}/runs/${encodeURIComponent(id)}${rest}`;
  return {
    record: (events, options) =>
      json({ method: 'POST', path: '/v1/collection/events', json: { events }, does: 'change' }, options),
    status: (options) => json({ method: 'GET', path, does: 'read' }, options),
    plan: (options) => json({ method: 'POST', path: `${path}/runs`, does: 'change' }, options),
    runs: (options) => json({ method: 'GET', path: `${path}/runs`, does: 'read' }, options),
    get: (id, options) => json({ method: 'GET', path: run(id), does: 'read' }, options),
    approve: (id, planHash, options) =>
      json({ method: 'POST', path: run(id, '/approve'), json: { planHash }, does: 'change' }, options),
    cancel: (id, options) => json({ method: 'POST', path: run(id, '/cancel'), does: 'change' }, options),
    certificate: (id, options) => json({ method: 'GET', path: run(id, '/certificate'), does: 'read' }, options),
    prove: (options) => json({ method: 'POST', path: `${path}/proofs`, does: 'change' }, options),
    erasures: (after = '', options) =>
      json({ method: 'GET', path: `${path}/erasures`, query: after === '' ? {} : { after }, does: 'read' }, options),
    proposeSettings: (settings, options) =>
      json({ method: 'POST', path: `${path}/settings`, json: settings, does: 'change' }, options),
    approveSettings: (hash, options) =>
      json({ method: 'POST', path: `${path}/settings/approve`, json: { hash }, does: 'change' }, options),
  };
}

export function createHolds({ json }: Transport): Holds {
  const path = '/v1/collection/holds';
  const one = (id: string, what: string): string => `${path}/${encodeURIComponent(id)}/${what}`;
  return {
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    request: (hold, options) => json({ method: 'POST', path, json: hold, does: 'change' }, options),
    approve: (id, options) => json({ method: 'POST', path: one(id, 'approve'), does: 'change' }, options),
    refuse: (id, options) => json({ method: 'POST', path: one(id, 'refuse'), does: 'change' }, options),
    lift: (id, reason, options) =>
      json({ method: 'POST', path: one(id, 'lift'), json: { reason }, does: 'change' }, options),
  };
}
