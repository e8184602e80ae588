/** Permission that ends: asked for, approved by others, activated by who asked. */
import type {
  BrokenGlass,
  Eligibility,
  GlassAsk,
  GlassReview,
  Grant,
  GrantHistory,
  GrantRequest,
  GrantState,
  UnusedPermissions,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Grants = {
  /** What your role may ask for, for how long, and who approves it. */
  eligibility: (options?: CallOptions) => Promise<Eligibility>;
  request: (ask: GrantRequest, options?: CallOptions) => Promise<Grant>;
  /** Requests that you made or may decide on; `pending` when no state is named. */
  requests: (
    query?: Readonly<{ state?: GrantState | 'any' }>,
    options?: CallOptions,
  ) => Promise<Readonly<{ requests: readonly Grant[] }>>;
  get: (id: string, options?: CallOptions) => Promise<GrantHistory>;
  /** @param scopeHash of the scope you looked at */
  approve: (id: string, scopeHash: string, options?: CallOptions) => Promise<Grant>;
  deny: (id: string, note: string, options?: CallOptions) => Promise<Grant>;
  cancel: (id: string, options?: CallOptions) => Promise<Grant>;
  /** The clock starts. */
  activate: (id: string, options?: CallOptions) => Promise<Grant>;
  /** Those that are active now, or those that were. */
  list: (
    query?: Readonly<{ which?: 'active' | 'ended' }>,
    options?: CallOptions,
  ) => Promise<Readonly<{ grants: readonly Grant[] }>>;
  /** At the very next read, on every server. */
  revoke: (id: string, note: string, options?: CallOptions) => Promise<Grant>;
  /** In an emergency, by a person who is on call and signed in with a passkey. */
  breakGlass: (ask: GlassAsk, options?: CallOptions) => Promise<Grant>;
  /** Where glass was broken, and whether another person has looked at it. */
  glass: (options?: CallOptions) => Promise<BrokenGlass>;
  /** Permissions that nobody used for 30, 60, 90 days. */
  unused: (options?: CallOptions) => Promise<UnusedPermissions>;
  reviewGlass: (id: string, review: GlassReview, options?: CallOptions) => Promise<Grant>;
};

export function createGrants({ json }: Transport): Grants {
  const path = '/v1/access/requests';
  const of = (id: string): string => `${path}/${encodeURIComponent(id)}`;
  return {
    eligibility: (options) => json({ method: 'GET', path: '/v1/access/eligibility', does: 'read' }, options),
    request: (ask, options) => json({ method: 'POST', path, json: ask, does: 'change' }, options),
    requests: ({ state } = {}, options) => json({ method: 'GET', path, query: { state }, does: 'read' }, options),
    get: (id, options) => json({ method: 'GET', path: of(id), does: 'read' }, options),
    approve: (id, scopeHash, options) =>
      json({ method: 'POST', path: `${of(id)}/approve`, json: { scopeHash }, does: 'change' }, options),
    deny: (id, note, options) =>
      json({ method: 'POST', path: `${of(id)}/deny`, json: { note }, does: 'change' }, options),
    cancel: (id, options) => json({ method: 'POST', path: `${of(id)}/cancel`, does: 'change' }, options),
    activate: (id, options) => json({ method: 'POST', path: `${of(id)}/activate`, does: 'change' }, options),
    list: ({ which } = {}, options) =>
      json({ method: 'GET', path: '/v1/access/grants', query: { which }, does: 'read' }, options),
    revoke: (id, note, options) =>
      json(
        { method: 'POST', path: `/v1/access/grants/${encodeURIComponent(id)}/revoke`, json: { note }, does: 'change' },
        options,
      ),
    breakGlass: (ask, options) =>
      json({ method: 'POST', path: '/v1/access/break-glass', json: ask, does: 'change' }, options),
    glass: (options) => json({ method: 'GET', path: '/v1/access/break-glass', does: 'read' }, options),
    unused: (options) => json({ method: 'GET', path: '/v1/access/unused', does: 'read' }, options),
    reviewGlass: (id, review, options) =>
      json(
        {
          method: 'POST',
          path: `/v1/access/break-glass/${encodeURIComponent(id)}/review`,
          json: review,
          does: 'change',
        },
        options,
      ),
  };
}
