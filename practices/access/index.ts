/** The door of the access practice. */
export { createAccess, type Access, type KeyView, type NewKey } from './access.ts';
export { accessFailure } from './failures.ts';
export { decide, type Actor, type Ask, type Decision, type FieldState, type Scope } from './decide.ts';
export { ROLES, type Action, type Role } from './roles.ts';
export { accessRoutes } from './http.ts';
