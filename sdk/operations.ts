/**
 * What an operator and an auditor ask: algorithms in use, rotations, checks of what is stored, the audit log, keys.
 */
import type {
  AuditEntries,
  AuditIndex,
  CreatedKey,
  Health,
  Job,
  KeyEntry,
  NewKey,
  RotationKind,
  SystemStatus,
  WhoAmI,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Rotations = {
  /** `epoch`: new key-encryption key. `keys`: new data keys. `index`: new search keys. `root`: new wrap by the provider. */
  start: (what: RotationKind, options?: CallOptions) => Promise<Job>;
  get: (id: string, options?: CallOptions) => Promise<Job>;
  list: (options?: CallOptions) => Promise<Readonly<{ works: readonly Job[] }>>;
};
export type Verification = {
  /** Compares every stored record with the audit log, as a job. */
  start: (options?: CallOptions) => Promise<Job>;
  /** The newest one. */
  get: (options?: CallOptions) => Promise<Job>;
};
export type Algorithms = {
  /** Algorithms with counts and deadlines. */
  list: (options?: CallOptions) => Promise<Readonly<Record<string, unknown>>>;
  /** The same as a CycloneDX cryptography bill of materials. */
  cbom: (options?: CallOptions) => Promise<Readonly<Record<string, unknown>>>;
};
export type Audit = {
  /** The newest signed checkpoint, as the signed note it is (C2SP tlog-checkpoint). */
  checkpoint: (options?: CallOptions) => Promise<string>;
  /** A tile by its path after `/v1/audit/tile/` (C2SP tlog-tiles). */
  tile: (path: string, options?: CallOptions) => Promise<Uint8Array>;
  /** Entries as JSON, from an index on. */
  entries: (query?: Readonly<{ from?: AuditIndex; limit?: number }>, options?: CallOptions) => Promise<AuditEntries>;
  /** Proof that an entry is in the log, to be verified offline (C2SP tlog-proof). */
  proof: (index: AuditIndex, options?: CallOptions) => Promise<string>;
  /** The same with the entry in it, for `verifyProof`. */
  entryProof: (index: AuditIndex, options?: CallOptions) => Promise<string>;
  /** The log's keys, one on a line. Whoever verifies should have them from elsewhere. */
  key: (options?: CallOptions) => Promise<string>;
};
export type Keys = {
  create: (key: NewKey, options?: CallOptions) => Promise<CreatedKey>;
  list: (options?: CallOptions) => Promise<Readonly<{ keys: readonly KeyEntry[] }>>;
  /** At once, on every server. */
  revoke: (id: string, options?: CallOptions) => Promise<unknown>;
  /** A new key in place of one, which goes on for `overlapHours` (24) so that nothing has to stop. */
  rotate: (id: string, overlapHours?: number, options?: CallOptions) => Promise<CreatedKey>;
  /** Who the key in use belongs to, and what it may do. */
  whoami: (options?: CallOptions) => Promise<WhoAmI>;
};
export type Status = {
  /** Is it up? Needs no key. */
  health: (options?: CallOptions) => Promise<Health>;
  /** May requests be sent there? Fails with HTTP_DRAINING while it is about to stop. Needs no key. */
  ready: (options?: CallOptions) => Promise<Pick<Health, 'status'>>;
  /** Does the process answer? Needs no key. */
  live: (options?: CallOptions) => Promise<Pick<Health, 'status'>>;
  get: (options?: CallOptions) => Promise<SystemStatus>;
};

export function createRotations({ json }: Transport): Rotations {
  const path = '/v1/vault/rotations';
  return {
    start: (what, options) => json({ method: 'POST', path, json: { what }, does: 'change' }, options),
    get: (id, options) => json({ method: 'GET', path: `${path}/${encodeURIComponent(id)}`, does: 'read' }, options),
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
  };
}

export function createVerification({ json }: Transport): Verification {
  const path = '/v1/vault/verification';
  return {
    start: (options) => json({ method: 'POST', path, does: 'change' }, options),
    get: (options) => json({ method: 'GET', path, does: 'read' }, options),
  };
}

export function createAlgorithms({ json }: Transport): Algorithms {
  const path = '/v1/vault/algorithms';
  return {
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    cbom: (options) => json({ method: 'GET', path, accept: 'application/vnd.cyclonedx+json', does: 'read' }, options),
  };
}

export function createAudit({ json, stream }: Transport): Audit {
  const text = async (
    path: string,
    options: CallOptions | undefined,
    query: Readonly<Record<string, string>> = {},
  ): Promise<string> =>
    (await stream({ method: 'GET', path, query, accept: 'text/plain', does: 'read' }, options)).text();
  return {
    checkpoint: (options) => text('/v1/audit/checkpoint', options),
    tile: async (path, options) => {
      const call = { method: 'GET', path: `/v1/audit/tile/${path}`, accept: '*/*', does: 'read' } as const;
      return new Uint8Array(await (await stream(call, options)).arrayBuffer());
    },
    entries: ({ from, limit } = {}, options) =>
      json(
        {
          method: 'GET',
          path: '/v1/audit/entries',
          query: { from: from?.toString(), limit: limit?.toString() },
          does: 'read',
        },
        options,
      ),
    proof: (index, options) => text(`/v1/audit/entries/${index}/proof`, options),
    entryProof: (index, options) => text(`/v1/audit/entries/${index}/proof`, options, { with: 'entry' }),
    key: (options) => text('/v1/audit/key', options),
  };
}

export function createKeys({ json }: Transport): Keys {
  const path = '/v1/access/keys';
  return {
    create: (key, options) => json({ method: 'POST', path, json: key, does: 'change' }, options),
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    revoke: (id, options) =>
      json({ method: 'DELETE', path: `${path}/${encodeURIComponent(id)}`, does: 'change' }, options),
    rotate: (id, overlapHours = 24, options) =>
      json(
        {
          method: 'POST',
          path: `/v1/access/keys/${encodeURIComponent(id)}/rotate`,
          json: { overlapHours },
          does: 'change',
        },
        options,
      ),
    whoami: (options) => json({ method: 'GET', path: '/v1/access/whoami', does: 'read' }, options),
  };
}

export function createStatus({ json }: Transport): Status {
  return {
    health: (options) => json({ method: 'GET', path: '/healthz', does: 'read' }, options),
    ready: (options) => json({ method: 'GET', path: '/health/ready', does: 'read' }, options),
    live: (options) => json({ method: 'GET', path: '/health/live', does: 'read' }, options),
    get: (options) => json({ method: 'GET', path: '/v1/status', does: 'read' }, options),
  };
}
