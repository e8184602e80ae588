/**
 * Roles in which parts of this system act for somebody else, such as the privacy center for the customer who is signed in.
 *
 * INVARIANT: no key, workload, person or group is given one: whoever manages keys and people would read customers by it.
 */
const SYSTEM_ROLES: ReadonlySet<string> = new Set(['center']);

export const isSystemRole = (role: string): boolean => SYSTEM_ROLES.has(role);
