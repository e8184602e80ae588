/** Who may run what: attacks that two people armed for a time, and the switch that stops everything. */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';

import { assuranceFailure } from '../failures.ts';
import type { Person } from '../findings/findings.ts';
import { approveArm, endArm, holdArm, insertArm, listArms, readSwitch, setSwitch, type ArmRow } from '../store/canaries.ts'; // prettier-ignore
import { askAnyToStop } from '../store/runs.ts';
import { askScanToStop } from '../store/scans.ts';

export const ARMED_KINDS = ['attack', 'chaos'] as const;
export type ArmView = Readonly<{
  id: string;
  kinds: readonly string[];
  reason: string;
  until: string;
  state: 'proposed' | 'armed' | 'over';
  proposedBy: string;
  proposedAt: string;
  approvedBy: string | null;
  endedBy: string | null;
}>;
export type SwitchView = Readonly<{ pulled: boolean; by: string | null; reason: string; at: string | null }>;
export type Arms = ReturnType<typeof createArms>;

type Needs = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  clock: () => Date;
  arePeople: (tx: Statements) => Promise<boolean>;
  stop: (why: string) => void;
}>;

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 90;
const LISTED = 50;
/** Why a run stopped, in its own row. */
export const PULLED = 'somebody pulled the switch';

export function createArms({ db, audit, clock, arePeople, stop }: Needs) {
  const noted = (tx: Statements, by: Person, action: string, detail: Readonly<Record<string, string | readonly string[]>>): Promise<unknown> =>
    audit.appendIn(tx, { action, actor: by.actor, outcome: 'done', requestId: by.requestId, detail });
  const viewed = (row: ArmRow): ArmView => ({
    id: publicId('arm', row.arm_id),
    kinds: row.kinds,
    reason: row.reason,
    until: row.until.toISOString(),
    state: row.ended_at !== null || row.until <= clock() ? 'over' : row.approved_at === null ? 'proposed' : 'armed',
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at.toISOString(),
    approvedBy: row.approved_by,
    endedBy: row.ended_by,
  });
  const who = (by: Person): string => whoActs({ id: by.actor.id, person: by.person });
  const held = async (tx: Statements, id: string): Promise<ArmRow> => {
    const uuid = parsePublicId('arm', id);
    const row = uuid === null ? null : await holdArm(tx, uuid);
    if (row === null) throw assuranceFailure('NOT_FOUND');
    if (viewed(row).state === 'over') throw assuranceFailure('WRONG_STATE');
    return row;
  };
  const again = async (tx: Statements, id: Uuid): Promise<ArmView> => viewed((await holdArm(tx, id)) as ArmRow);
  return {
    /** @throws ASSURANCE_TOO_LONG */
    propose: (by: Person, { kinds, days, reason }: Readonly<{ kinds: readonly string[]; days: number; reason: string }>): Promise<ArmView> => {
      if (days > LONGEST_DAYS) throw assuranceFailure('TOO_LONG');
      return transact(db, async (tx) => {
        const row = { arm_id: uuidv7(clock().getTime()), kinds: [...new Set(kinds)], reason, until: new Date(clock().getTime() + days * DAY_MS), proposed_by: who(by), proposed_at: clock() };
        await insertArm(tx, row);
        await noted(tx, by, 'assurance.arm.propose', { arm: publicId('arm', row.arm_id), kinds: row.kinds, until: row.until.toISOString() });
        return again(tx, row.arm_id);
      });
    },
    /** @throws ASSURANCE_SAME_PERSON, ASSURANCE_PERSON_NEEDED, ASSURANCE_WRONG_STATE */
    approve: (by: Person, id: string): Promise<ArmView> =>
      transact(db, async (tx) => {
        const row = await held(tx, id);
        if (row.approved_at !== null) throw assuranceFailure('WRONG_STATE');
        const whyNot = await whyNotOneOfTwo({ id: by.actor.id, person: by.person }, row.proposed_by, () => arePeople(tx));
        if (whyNot !== null) throw assuranceFailure(whyNot === 'same person' ? 'SAME_PERSON' : 'PERSON_NEEDED');
        await approveArm(tx, row.arm_id, who(by), clock());
        await noted(tx, by, 'assurance.arm.approve', { arm: id, proposedBy: row.proposed_by });
        return again(tx, row.arm_id);
      }),
    /** One is enough to end it. */
    end: (by: Person, id: string): Promise<ArmView> =>
      transact(db, async (tx) => {
        const row = await held(tx, id);
        await endArm(tx, row.arm_id, who(by), clock());
        await noted(tx, by, 'assurance.arm.end', { arm: id });
        return again(tx, row.arm_id);
      }),
    list: async (): Promise<ArmView[]> => (await listArms(db, LISTED)).map(viewed),
    switch: async (): Promise<SwitchView> => {
      const row = await readSwitch(db);
      return row === null ? { pulled: false, by: null, reason: '', at: null } : { ...row, at: row.at.toISOString() };
    },
    /** A run that goes on stops; none begins. */
    pull: async (by: Person, pulled: boolean, reason: string): Promise<SwitchView> => {
      const at = clock();
      await transact(db, async (tx) => {
        await setSwitch(tx, { pulled, by: who(by), reason, at });
        if (pulled) {
          // another server hears of it also when it is released before that one looks
          await askAnyToStop(tx, PULLED);
          await askScanToStop(tx, who(by));
        }
        await noted(tx, by, pulled ? 'assurance.switch.pull' : 'assurance.switch.release', {});
      });
      if (pulled) stop(PULLED);
      return { pulled, by: who(by), reason, at: at.toISOString() };
    },
  };
} // prettier-ignore
