/** The door of the access practice. */
export { openAccess, type Access } from './access.ts';
export type { KeyView, NewKey } from './key-actor.ts';
export { accessFailure } from './failures.ts';
export { decideWith, type Actor, type Ask, type Decide, type Decision, type Scope } from './decide.ts';
export { openEngine, type FieldState } from './engine.ts';
export { ACTIONS, type Action } from './actions.ts';
export { starterDocument } from './starter.ts';
export { starterDecide } from './starter-decide.ts';
export { createIdentity, type Identity } from './identity/identity.ts';
export { createLeaked } from './identity/leaked-passwords.ts';
export type { Provider } from './identity/oidc-client.ts';
export { createCallers } from './http/caller.ts';
export { createSurroundings, reachOf } from './surroundings.ts';
export { createUsage, type Usage } from './grants/usage.ts';
export { createNotices, type Notices } from './notices/notices.ts';
export { createReviews, type Reviews } from './grants/reviews.ts';
export { allowedActor } from './http/guard.ts';
export { accessRoutes } from './http/index.ts';
