/** Programs that bring a short-lived token of an issuer they are known by, instead of a key. */
import type { NewWorkload, TrustedWorkload, WorkloadEntry } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Workloads = {
  list: (options?: CallOptions) => Promise<Readonly<{ workloads: readonly WorkloadEntry[] }>>;
  /** Trusts one subject of an issuer, in one role. Its public keys are given, or fetched from `jwksUrl`. */
  trust: (workload: NewWorkload, options?: CallOptions) => Promise<TrustedWorkload>;
  /** Its next request fails, on every server. */
  revoke: (id: string, options?: CallOptions) => Promise<unknown>;
};

export function createWorkloads({ json }: Transport): Workloads {
  const path = '/v1/access/workloads';
  return {
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    trust: (workload, options) => json({ method: 'POST', path, json: workload, does: 'change' }, options),
    revoke: (id, options) =>
      json({ method: 'DELETE', path: `${path}/${encodeURIComponent(id)}`, does: 'change' }, options),
  };
}
