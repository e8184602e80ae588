/** Statements on made-up persons, and on who may run what. */
import type { Statements } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

export async function insertCanaries(tx: Statements, runId: Uuid, subjects: readonly SubjectId[]): Promise<void> {
  await tx`
    insert into assurance.canaries (subject_id, run_id)
    select id, ${runId} from unnest(${[...subjects]}::uuid[]) as t (id) on conflict do nothing`;
}

/** They are known for as long as anything of theirs may be asked about. */
export async function knownCanaries(db: Statements): Promise<SubjectId[]> {
  const rows = await db<{ subject_id: SubjectId }[]>`
    select subject_id from assurance.canaries where gone_at is null or planted_at > now() - interval '8 days'`;
  return rows.map(({ subject_id }) => subject_id);
}

export async function canariesOf(db: Statements, runId: Uuid): Promise<SubjectId[]> {
  const rows = await db<{ subject_id: SubjectId }[]>`
    select subject_id from assurance.canaries where run_id = ${runId} and gone_at is null`;
  return rows.map(({ subject_id }) => subject_id);
}

export async function markGone(db: Statements, subjects: readonly SubjectId[]): Promise<void> {
  await db`update assurance.canaries set gone_at = now() where subject_id = any (${[...subjects]}::uuid[])`;
}

export type Switch = Readonly<{ pulled: boolean; by: string; reason: string; at: Date }>;

export async function readSwitch(db: Statements): Promise<Switch | null> {
  const [row] = await db<Switch[]>`select pulled, by, reason, at from assurance.switch`;
  return row ?? null;
}

export async function setSwitch(tx: Statements, { pulled, by, reason, at }: Switch): Promise<void> {
  await tx`
    insert into assurance.switch (pulled, by, reason, at) values (${pulled}, ${by}, ${reason}, ${at})
    on conflict (one) do update set pulled = excluded.pulled, by = excluded.by, reason = excluded.reason, at = excluded.at`;
}

export type ArmRow = Readonly<{
  arm_id: Uuid;
  kinds: string[];
  reason: string;
  until: Date;
  proposed_by: string;
  proposed_at: Date;
  approved_by: string | null;
  approved_at: Date | null;
  ended_by: string | null;
  ended_at: Date | null;
}>;

export async function insertArm(
  tx: Statements,
  row: Pick<ArmRow, 'arm_id' | 'kinds' | 'reason' | 'until' | 'proposed_by' | 'proposed_at'>,
): Promise<void> {
  await tx`
    insert into assurance.arms (arm_id, kinds, reason, until, proposed_by, proposed_at)
    values (${row.arm_id}, ${row.kinds}::text[], ${row.reason}, ${row.until}, ${row.proposed_by}, ${row.proposed_at})`;
}

/** Locked until the transaction ends. */
export async function holdArm(tx: Statements, armId: Uuid): Promise<ArmRow | null> {
  const [row] = await tx<ArmRow[]>`select * from assurance.arms where arm_id = ${armId} for update`;
  return row ?? null;
}

export async function approveArm(tx: Statements, armId: Uuid, by: string, at: Date): Promise<void> {
  await tx`update assurance.arms set approved_by = ${by}, approved_at = ${at} where arm_id = ${armId} and approved_at is null`;
}

export async function endArm(tx: Statements, armId: Uuid, by: string, at: Date): Promise<void> {
  await tx`update assurance.arms set ended_by = ${by}, ended_at = ${at} where arm_id = ${armId} and ended_at is null`;
}

/** Newest first. */
export async function listArms(db: Statements, limit: number): Promise<ArmRow[]> {
  return db<ArmRow[]>`select * from assurance.arms order by proposed_at desc limit ${limit}`;
}

/** Kinds of tests that two people let run now. */
export async function armedKinds(db: Statements, now: Date): Promise<string[]> {
  const rows = await db<{ kind: string }[]>`
    select distinct unnest(kinds) as kind from assurance.arms where approved_at is not null and ended_at is null and until > ${now}`;
  return rows.map(({ kind }) => kind);
}
