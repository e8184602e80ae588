/** Roles that rest since nobody used them: asked for, lent for a time or given back, by another person. */
import type { RoleRequest, RoleRequestAsk, RoleRequests as Listed } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type RoleRequests = {
  /** What you may ask for, your requests, and those that you decide on. */
  list: (options?: CallOptions) => Promise<Listed>;
  /** Without `minutes` for good. */
  ask: (ask: RoleRequestAsk, options?: CallOptions) => Promise<RoleRequest>;
  approve: (id: string, options?: CallOptions) => Promise<RoleRequest>;
  deny: (id: string, options?: CallOptions) => Promise<RoleRequest>;
  /** Takes one of your own back, or ends what was lent. */
  end: (id: string, options?: CallOptions) => Promise<RoleRequest>;
};

export function createRoleRequests({ json }: Transport): RoleRequests {
  const path = '/v1/access/role-requests';
  const of = (id: string): string => `${path}/${encodeURIComponent(id)}`;
  return {
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    ask: (ask, options) => json({ method: 'POST', path, json: ask, does: 'change' }, options),
    approve: (id, options) => json({ method: 'POST', path: `${of(id)}/approve`, does: 'change' }, options),
    deny: (id, options) => json({ method: 'POST', path: `${of(id)}/deny`, does: 'change' }, options),
    end: (id, options) => json({ method: 'POST', path: `${of(id)}/end`, does: 'change' }, options),
  };
}
