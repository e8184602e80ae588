/** Statements on the review of fields. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type FieldUse = Readonly<{
  collection: string;
  field: string;
  purpose: string;
  kind: 'service' | 'staff';
  /** `YYYY-MM-DD` */
  day: string;
  clear: number;
  masked: number;
  records: number;
}>;
export type Written = Readonly<{ collection: string; day: string; records: number }>;

export async function addFieldUses(
  tx: Statements,
  uses: readonly FieldUse[],
  written: readonly Written[],
): Promise<void> {
  if (uses.length > 0)
    await tx`
      insert into collection.field_usage as u (collection, field, purpose, kind, day, clear, masked, records)
      select * from unnest(${uses.map((each) => each.collection)}::text[], ${uses.map((each) => each.field)}::text[],
        ${uses.map((each) => each.purpose)}::text[], ${uses.map((each) => each.kind)}::text[], ${uses.map((each) => each.day)}::date[],
        ${uses.map((each) => each.clear)}::bigint[], ${uses.map((each) => each.masked)}::bigint[], ${uses.map((each) => each.records)}::bigint[])
      on conflict (collection, field, purpose, kind, day)
      do update set clear = u.clear + excluded.clear, masked = u.masked + excluded.masked, records = u.records + excluded.records`;
  if (written.length > 0)
    await tx`
      insert into collection.records_written as w (collection, day, records)
      select * from unnest(${written.map((each) => each.collection)}::text[], ${written.map((each) => each.day)}::date[],
        ${written.map((each) => each.records)}::bigint[])
      on conflict (collection, day) do update set records = w.records + excluded.records`;
}

export type UsedSince = Readonly<{
  collection: string;
  field: string;
  purpose: string;
  clear: number;
  masked: number;
  records: number;
  last: string;
}>;
export async function usedSince(db: Statements, since: Date): Promise<UsedSince[]> {
  return db<UsedSince[]>`
    select collection, field, purpose, sum(clear)::float8 as clear, sum(masked)::float8 as masked, sum(records)::float8 as records,
      to_char(max(day), 'YYYY-MM-DD') as last
    from collection.field_usage where day >= ${since}::date group by collection, field, purpose order by collection, field, purpose`;
}

export async function writtenSince(db: Statements, since: Date): Promise<ReadonlyMap<string, number>> {
  const rows = await db<{ collection: string; n: number }[]>`
    select collection, sum(records)::float8 as n from collection.records_written where day >= ${since}::date group by collection`;
  return new Map(rows.map((row) => [row.collection, row.n]));
}

export async function reviewState(db: Statements): Promise<{ since: Date; last_at: Date | null }> {
  const [row] = await db<{ since: Date; last_at: Date | null }[]>`select since, last_at from collection.field_review`;
  return row as { since: Date; last_at: Date | null };
}
/** Takes the turn of this round. @returns false when another server has had it since */
export async function takeReview(tx: Statements, at: Date, before: Date): Promise<boolean> {
  const taken = await tx`
    update collection.field_review set last_at = ${at} where last_at is null or last_at <= ${before} or last_at > ${at}`;
  return taken.count === 1;
}

export type ProposalRow = Readonly<{
  proposal_id: Uuid;
  collection: string;
  field: string;
  kind: 'never-read' | 'one-purpose' | 'over-precise' | 'mostly-empty' | 'always-same' | 'duplicate';
  suggests: 'erase' | 'coarsen' | 'narrow';
  evidence: Readonly<Record<string, string | number>>;
  owner: string;
  due_at: Date;
  state: 'open' | 'kept' | 'applied' | 'gone';
  review_at: Date | null;
  history: readonly Readonly<Record<string, string>>[];
  made_at: Date;
}>;
export type NewProposal = Pick<
  ProposalRow,
  'proposal_id' | 'collection' | 'field' | 'kind' | 'suggests' | 'evidence' | 'owner' | 'due_at' | 'made_at'
>;

/** A new one, or newer evidence for the one that is open. One that was kept stays so until its next review. */
export async function keepProposal(tx: Statements, row: NewProposal): Promise<void> {
  await tx`
    insert into collection.field_proposals (proposal_id, collection, field, kind, suggests, evidence, owner, due_at, state, made_at)
    select ${row.proposal_id}::uuid, ${row.collection}, ${row.field}, ${row.kind}, ${row.suggests}, ${JSON.stringify(row.evidence)}::text::jsonb,
      ${row.owner}, ${row.due_at}::timestamptz, 'open', ${row.made_at}::timestamptz
    where not exists (select from collection.field_proposals
      where collection = ${row.collection} and field = ${row.field} and kind = ${row.kind}
        and (state = 'applied' or (state = 'kept' and review_at > ${row.made_at}::timestamptz)))
    on conflict (collection, field, kind) where state = 'open' do update set evidence = excluded.evidence`;
}

/** Open ones that were not found again. @param found `collection field kind` */
export async function closeOthers(tx: Statements, found: readonly string[]): Promise<void> {
  await tx`
    update collection.field_proposals set state = 'gone'
    where state = 'open' and not (collection || ' ' || field || ' ' || kind = any(${[...found]}::text[]))`;
}

export async function listProposals(db: Statements): Promise<ProposalRow[]> {
  return db<ProposalRow[]>`
    select * from collection.field_proposals where state <> 'gone' order by state <> 'open', due_at, collection, field limit 1000`;
}

export async function lockProposal(tx: Statements, id: Uuid): Promise<ProposalRow | null> {
  const [row] = await tx<ProposalRow[]>`select * from collection.field_proposals where proposal_id = ${id} for update`;
  return row ?? null;
}

export async function decideProposal(
  tx: Statements,
  id: Uuid,
  to: Readonly<{ state: 'kept' | 'applied'; reviewAt: Date | null; line: Readonly<Record<string, string>> }>,
): Promise<void> {
  await tx`
    update collection.field_proposals
    set state = ${to.state}, review_at = ${to.reviewAt}, history = history || ${JSON.stringify([to.line])}::text::jsonb
    where proposal_id = ${id}`;
}

export async function orderField(
  tx: Statements,
  order: Readonly<{ collection: string; field: string; action: 'erase' | 'coarsen'; at: Date; proposalId: Uuid }>,
): Promise<void> {
  await tx`
    insert into collection.field_orders (collection, field, action, at, proposal_id)
    values (${order.collection}, ${order.field}, ${order.action}, ${order.at}, ${order.proposalId})
    on conflict (collection, field) do update set action = excluded.action, at = excluded.at, proposal_id = excluded.proposal_id`;
}

/** What was ordered of fields that the catalogue does not have any more is done: one of the same name later is another. */
export async function endOrders(tx: Statements, fields: readonly string[]): Promise<void> {
  if (fields.length > 0)
    await tx`delete from collection.field_orders where collection || ' ' || field = any(${[...fields]}::text[])`;
}
