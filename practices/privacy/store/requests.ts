/** Statements on requests of customers. */
import type { Statements } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

import type { NotedBy } from '../requests/desk.ts';
import type { Asker, Level, Proof } from '../requests/proof.ts';
import type { RequestState } from '../requests/states.ts';

export const KINDS = [
  'access',
  'copy',
  'correction',
  'erasure',
  'restriction',
  'objection',
  'review',
  'doubt',
] as const;
export type RequestKind = (typeof KINDS)[number];
/** Answered by a copy: the center gives it to who is signed in, and it is answered when all of it has gone out. */
export const AT_ONCE: ReadonlySet<RequestKind> = new Set<RequestKind>(['access', 'copy']);
export type RequestRow = Readonly<{
  request_id: Uuid;
  subject_id: SubjectId;
  kind: RequestKind;
  regime: string;
  state: RequestState;
  words: Buffer | null;
  answer: Buffer | null;
  corrections: Buffer | null;
  entry: bigint | null;
  duplicate_of: Uuid | null;
  received_at: Date;
  due_at: Date;
  extended: boolean;
  first_eyes: string | null;
  closed_at: Date | null;
  language: string;
  talk: Buffer | null;
  paused_at: Date | null;
  paused_mail: Uuid | null;
  paused_days: number;
  refused_by: string | null;
  appealed_at: Date | null;
  /** What an appeal is against. */
  answered_as: 'partly' | 'refused' | null;
  values_kept: boolean;
  alarm: number | null;
  mail_id: Uuid | null;
  asker: Asker;
  /** What has shown who asks. */
  proofs: readonly Proof[];
  /** Who of all that asked is nearest to the subject, and what each of them showed: neither ever falls, but what was shown counts for thirty days. */
  nearest: Asker;
  surest: readonly Readonly<{ asker: Asker; proofs: readonly Proof[] }>[];
  /** When it was last looked at; null: it was not. */
  proof_needed: Level | null;
  /** Of a correction: types of the fields that it names. */
  corrects: readonly string[];
  /** Of one that came by letter or telephone; null: asked in the center. */
  noted: NotedBy | null;
}>;
type MadeLater =
  | 'extended'
  | 'first_eyes'
  | 'talk'
  | 'paused_at'
  | 'paused_mail'
  | 'paused_days'
  | 'refused_by'
  | 'appealed_at'
  | 'answered_as'
  | 'values_kept'
  | 'alarm'
  | 'mail_id';
export type StepRow = Readonly<{ request_id: Uuid; seq: number; step: string; actor: string; at: Date; entry: bigint }>;

const json = (proofs: RequestRow['proofs'] | RequestRow['surest']): string => JSON.stringify(proofs);

export async function insertRequest(tx: Statements, row: Omit<RequestRow, MadeLater>): Promise<boolean> {
  const made = await tx`
    insert into privacy.requests (request_id, subject_id, kind, regime, state, words, answer, corrections, entry, duplicate_of, received_at, due_at, closed_at, language, asker, proofs, proof_needed, corrects, noted, nearest, surest)
    values (${row.request_id}, ${row.subject_id}, ${row.kind}, ${row.regime}, ${row.state}, ${row.words}, ${row.answer}, ${row.corrections}, ${row.entry === null ? null : String(row.entry)},
      ${row.duplicate_of}, ${row.received_at}, ${row.due_at}, ${row.closed_at}, ${row.language}, ${row.asker}, ${json(row.proofs)}::text::jsonb, ${row.proof_needed}, ${[...row.corrects]}, ${row.noted === null ? null : JSON.stringify(row.noted)}::text::jsonb, ${row.nearest}, ${json(row.surest)}::text::jsonb)
    on conflict do nothing`;
  return made.count === 1;
}
/** Who asks for the same at the same moment waits until the transaction ends: what is counted and looked for stays so. */
export async function holdAsking(tx: Statements, subjectId: SubjectId, kind: RequestKind): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`privacy request ${subjectId} ${kind}`}, 0))`;
}
/** @param entry that is doubted */
export async function openOf(
  tx: Statements,
  subjectId: SubjectId,
  kind: RequestKind,
  entry: number | null,
): Promise<Uuid | null> {
  const [row] = await tx<{ request_id: Uuid }[]>`
    select request_id from privacy.requests
    where subject_id = ${subjectId} and kind = ${kind} and entry is not distinct from ${entry === null ? null : String(entry)}::bigint and closed_at is null
    limit 1`;
  return row?.request_id ?? null;
}
/** @returns false when something else is asked for there by now, or it was answered */
export async function replaceCorrections(tx: Statements, id: Uuid, before: Buffer | null, after: Pick<RequestRow, 'words' | 'corrections' | 'asker' | 'proofs' | 'corrects' | 'proof_needed' | 'nearest' | 'surest'>): Promise<boolean> {
  const put = await tx`
    update privacy.requests set corrections = ${after.corrections}, words = coalesce(${after.words}::bytea, words),
      asker = ${after.asker}, proofs = ${json(after.proofs)}::text::jsonb, corrects = ${[...after.corrects]}, proof_needed = ${after.proof_needed},
      nearest = ${after.nearest}, surest = ${json(after.surest)}::text::jsonb
    where request_id = ${id} and closed_at is null and corrections is not distinct from ${before}::bytea`;
  return put.count === 1;
} // prettier-ignore
export async function findRequest(db: Statements, id: Uuid): Promise<RequestRow | null> {
  const [row] = await db<RequestRow[]>`select * from privacy.requests where request_id = ${id}`;
  return row ?? null;
}
/** Of one subject and kind since a moment: to see who asks without end. */
export async function countSince(
  db: Statements,
  subjectId: SubjectId,
  kind: RequestKind,
  since: Date,
): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from privacy.requests where subject_id = ${subjectId} and kind = ${kind} and received_at > ${since}`;
  return row?.n ?? 0;
}
/** Of those, what was taken back. */
export async function countWithdrawn(db: Statements, { subject_id, kind }: Pick<RequestRow, 'subject_id' | 'kind'>, since: Date): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from privacy.requests where subject_id = ${subject_id} and kind = ${kind} and received_at > ${since} and state = 'withdrawn'`;
  return row?.n ?? 0;
} // prettier-ignore
export async function insertStep(tx: Statements, id: Uuid, step: Omit<StepRow, 'request_id' | 'seq'>): Promise<void> {
  await tx`
    insert into privacy.request_steps (request_id, seq, step, actor, at, entry)
    select ${id}, coalesce(max(seq), 0) + 1, ${step.step}, ${step.actor}, ${step.at}, ${String(step.entry)}::bigint
    from privacy.request_steps where request_id = ${id}`;
}
export async function lockRequest(tx: Statements, id: Uuid): Promise<RequestRow | null> {
  const [row] = await tx<RequestRow[]>`select * from privacy.requests where request_id = ${id} for update`;
  return row ?? null;
}
/** What a step changes of a request. */
export type RequestChange = Readonly<
  Partial<
    Omit<RequestRow, 'request_id' | 'subject_id' | 'kind' | 'regime' | 'words' | 'entry' | 'received_at' | 'noted'>
  >
>;
export async function changeRequest(tx: Statements, id: Uuid, change: RequestChange): Promise<void> {
  const { proofs, surest, ...rest } = change;
  if (Object.keys(rest).length > 0) await tx`update privacy.requests set ${tx(rest as never)} where request_id = ${id}`;
  if (proofs !== undefined)
    await tx`update privacy.requests set proofs = ${json(proofs)}::text::jsonb where request_id = ${id}`;
  if (surest !== undefined)
    await tx`update privacy.requests set surest = ${json(surest)}::text::jsonb where request_id = ${id}`;
}
/** What it was found to need. */
export async function setProofNeeded(db: Statements, id: Uuid, level: Level): Promise<void> {
  await db`update privacy.requests set proof_needed = ${level} where request_id = ${id} and proof_needed is distinct from ${level}`;
}
export async function requestsOf(db: Statements, subjectId: SubjectId): Promise<RequestRow[]> {
  return db<RequestRow[]>`
    select * from privacy.requests where subject_id = ${subjectId} order by received_at desc limit 200`;
}
/** Which looks are doubted, and since when: a doubt that was taken back is none. */
export async function doubtsAbout(
  db: Statements,
  subjectId: SubjectId,
  entries: readonly number[],
): Promise<{ entry: bigint; received_at: Date }[]> {
  return db<{ entry: bigint; received_at: Date }[]>`
    select entry, max(received_at) as received_at from privacy.requests
    where subject_id = ${subjectId} and kind = 'doubt' and state <> 'withdrawn' and entry = any(${entries.map(String)}::bigint[])
    group by entry`;
}
/** A page of all of them, the oldest first. @param after exclusive */
export async function requestsAfter(
  db: Statements,
  subjectId: SubjectId,
  after: Uuid | null,
  limit: number,
): Promise<RequestRow[]> {
  return db<RequestRow[]>`
    select * from privacy.requests where subject_id = ${subjectId} and (${after}::uuid is null or request_id > ${after}::uuid)
    order by request_id limit ${limit}`;
}
type Page = Readonly<{ id: Uuid; only: readonly SubjectId[] | null; limit: number }>;
const ofOnly = (db: Statements, only: Page['only']) =>
  only === null ? db`` : db`and subject_id = any(${[...only]}::uuid[])`;
/** Open ones, the next deadline first. @param page after this one, exclusive */
export async function openAfter(db: Statements, { at, id, only, limit }: Page & { at: Date }): Promise<RequestRow[]> {
  return db<RequestRow[]>`
    select * from privacy.requests
    where closed_at is null and (due_at, request_id) > (${at}, ${id}::uuid) ${ofOnly(db, only)}
    order by due_at, request_id limit ${limit}`;
}
/** Those that were answered, the newest first. @param page after this one, exclusive */
export async function closedAfter(db: Statements, { at, id, only, limit }: Page & { at: Date }): Promise<RequestRow[]> {
  return db<RequestRow[]>`
    select * from privacy.requests
    where closed_at is not null and (closed_at, request_id) < (${at}, ${id}::uuid) ${ofOnly(db, only)}
    order by closed_at desc, request_id desc limit ${limit}`;
}
export async function stepsOf(db: Statements, id: Uuid): Promise<StepRow[]> {
  return db<StepRow[]>`select * from privacy.request_steps where request_id = ${id} order by seq`;
}

/** Answered by a mail, a page of them, the newest first: whether it left is another's to say. @param page before this one, exclusive */
export async function mailed(db: Statements, since: Date, { id, only, limit }: Page): Promise<RequestRow[]> {
  return db<RequestRow[]>`
    select * from privacy.requests
    where mail_id is not null and closed_at > ${since} and request_id < ${id}::uuid ${ofOnly(db, only)}
    order by request_id desc limit ${limit}`;
}
/** Answered before a moment, with values in it that nobody can appeal for any more. */
export async function withValues(db: Statements, before: Date, limit: number): Promise<RequestRow[]> {
  return db<RequestRow[]>`
    select * from privacy.requests where values_kept and closed_at < ${before} order by closed_at limit ${limit}`;
}
/** Open, due before a moment, and not told of as late as that. */
export async function nearDue(db: Statements, before: Date, after: Uuid | null, limit: number): Promise<RequestRow[]> {
  return db<RequestRow[]>`
    select * from privacy.requests
    where closed_at is null and due_at < ${before} and (${after}::uuid is null or request_id > ${after}::uuid) and coalesce(alarm, 127) > -1
    order by request_id limit ${limit}`;
}
