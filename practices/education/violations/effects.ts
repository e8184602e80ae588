/**
 * What a decision does, in the transaction in which it is made: killed in between, neither is there. The program revokes a
 * course and ends access; that somebody is talked to, or referred, is written down, and people do it.
 */
import type { Tx } from '#platform/db';
import { parsePublicId, publicId } from '#platform/ids';

import type { By } from '../by.ts';
import { noteChange } from '../store/changes.ts';
import {
  holdStandingRemoval,
  liftRevocation,
  updateViolation,
  type Effects,
  type ViolationRow,
} from '../store/violations.ts';
import type { Outcome } from './ladder.ts';
import type { Opened, Outside, RolesTaken } from './needs.ts';

type Needs = Pick<Opened, 'audit' | 'gate' | 'revokeIn'>;
/** What was asked before the transaction: what is beyond this practice, and how many work here. */
export type Beside = Readonly<{ outside: Outside; staff: number }>;

export async function applyIn(needs: Needs, tx: Tx, by: By, row: ViolationRow, outcome: Outcome, { outside, staff }: Beside): Promise<Effects> {
  if (outcome === 'course-again' && row.course !== null) {
    const text = { kind: 'course', id: row.course } as const;
    // that it was by a violation stands in its own row, which ends; this one stays
    const revocation = await needs.revokeIn(tx, by, row.person_id, text, 'to be passed anew', staff);
    return { revocation: publicId('rvk', revocation) };
  }
  if (outcome === 'access-removal') return { roles: await outside.end(tx, by, publicId('per', row.person_id)) };
  return {};
} // prettier-ignore

/** What can be undone: the pass counts again, and roles come back as far as today's policies let the person have them. */
export async function undoIn(
  needs: Needs,
  tx: Tx,
  by: By,
  row: ViolationRow,
  { outside }: Pick<Beside, 'outside'>,
): Promise<readonly string[]> {
  const { revocation, roles } = row.effects ?? {};
  const given = roles === undefined ? [] : await giveBackIn(tx, by, row, roles, outside);
  const id = revocation === undefined ? null : parsePublicId('rvk', revocation);
  if (id !== null && (await liftRevocation(tx, id, by.person ?? by.actor.id, needs.gate.now()))) {
    await noteChange(tx, row.person_id);
    await needs.audit.appendIn(tx, {
      action: 'education.revoke.lift', actor: by.actor, outcome: 'done', requestId: by.requestId,
      detail: { person: publicId('per', row.person_id), kind: 'course', text: row.course ?? '' },
    }); // prettier-ignore
  }
  return given;
}

/** Another decision by which access ended and that stands: it keeps ended, and what this one took comes back with that one. */
async function giveBackIn(tx: Tx, by: By, row: ViolationRow, roles: RolesTaken, outside: Outside): Promise<readonly string[]> {
  const other = await holdStandingRemoval(tx, row, roles.since);
  if (other === null) return outside.giveBack(tx, by, publicId('per', row.person_id), roles);
  const held = other.effects?.roles ?? { own: [], group: [], resting: [] };
  const both = (kind: 'own' | 'group' | 'resting'): readonly string[] => [...new Set([...held[kind], ...roles[kind]])];
  await updateViolation(tx, other, { effects: { ...other.effects, roles: { since: roles.since, own: both('own'), group: both('group'), resting: both('resting') } } });
  return [];
} // prettier-ignore
