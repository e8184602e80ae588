/**
 * Separation of duties: roles that one person does not have together. What one person does not do to one thing (propose
 * and approve, ask and approve, break glass and review) is refused where it is done.
 * Source: INCITS 359-2012 §6.3 (static separation); a session has one active role, which is the dynamic one
 */
import { READING_ACTIONS, type Action } from '../actions.ts';
import type { Engine } from '../engine.ts';

/** By what roles may do, so that a role of another name is held to it too. */
const PAIRS: readonly Readonly<{ one: readonly Action[]; other: readonly Action[]; says: string }>[] = [
  { one: ['keys.rotate'], other: READING_ACTIONS, says: 'who keeps the keys does not read customers' },
];
/** By name, where what they may do overlaps. */
const NAMED: readonly Readonly<{ one: string; other: string; says: string }>[] = [
  { one: 'auditor', other: 'admin', says: 'who checks does not administer' },
];

/** @returns why these roles are not one person's; null when they may be */
export function notTogether(engine: Engine, roles: readonly string[]): string | null {
  const held = new Set(roles.flatMap((role) => [role, ...(engine.document.roles[role]?.includes ?? [])]));
  for (const { one, other, says } of NAMED) if (held.has(one) && held.has(other)) return `${says}: ${one} and ${other}`;
  for (const { one, other, says } of PAIRS) {
    const may = (actions: readonly Action[]): string | undefined =>
      roles.find((role) => actions.some((action) => engine.canPermit(role, action)));
    const [first, second] = [may(one), may(other)];
    if (first !== undefined && second !== undefined) return `${says}: ${first} and ${second}`;
  }
  return null;
}
