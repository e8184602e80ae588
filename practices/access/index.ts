/** The door of the access practice. */
export { openAccess, type Access, type KeyView, type NewKey } from './access.ts';
export { accessFailure } from './failures.ts';
export type { Actor, Ask, Decide, Decision, Scope } from './decide.ts';
export type { FieldState } from './engine.ts';
export type { Action } from './actions.ts';
export { starterDecide } from './starter-decide.ts';
export { createIdentity, type Identity } from './identity/identity.ts';
export { createCallers } from './http/caller.ts';
export { accessRoutes } from './http/index.ts';
