/** Statements on budgets and answers of counts. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type Whose = Readonly<{ recipient: string; purpose: string }>;
export type AnswerRow = Whose &
  Readonly<{
    answer_id: Uuid;
    query_hash: string;
    query: Readonly<Record<string, unknown>>;
    epsilon_milli: number;
    cells: readonly Readonly<{ group: readonly (string | null)[]; count: number }>[];
    /** Of the budget, this answer among it. */
    spent_milli: bigint;
    asked_by: string;
    at: Date;
  }>;
export type BudgetRow = Whose & Readonly<{ budget_milli: number; spent_milli: bigint; name: string }>;

/** Who has this row answers; all others of the recipient and purpose wait. @returns what is spent */
export async function lockBudget(tx: Statements, { recipient, purpose }: Whose): Promise<bigint> {
  await tx`insert into collection.count_budgets (recipient, purpose) values (${recipient}, ${purpose}) on conflict do nothing`;
  const [row] = await tx<{ spent_milli: bigint }[]>`
    select spent_milli from collection.count_budgets where recipient = ${recipient} and purpose = ${purpose} for update`;
  return (row as { spent_milli: bigint }).spent_milli;
}

export async function spentOf(db: Statements, { recipient, purpose }: Whose): Promise<bigint> {
  const [row] = await db<{ spent_milli: bigint }[]>`
    select spent_milli from collection.count_budgets where recipient = ${recipient} and purpose = ${purpose}`;
  return row?.spent_milli ?? 0n;
}

export async function findAnswer(db: Statements, whose: Whose, hash: string): Promise<AnswerRow | null> {
  const [row] = await db<AnswerRow[]>`
    select * from collection.count_answers
    where recipient = ${whose.recipient} and purpose = ${whose.purpose} and query_hash = ${hash}`;
  return row ?? null;
}

/** The answer, and what it costs. */
export async function insertAnswer(tx: Statements, row: AnswerRow): Promise<void> {
  await tx`
    update collection.count_budgets set spent_milli = ${String(row.spent_milli)}::bigint
    where recipient = ${row.recipient} and purpose = ${row.purpose}`;
  await tx`
    insert into collection.count_answers (answer_id, recipient, purpose, query_hash, query, epsilon_milli, cells, spent_milli, asked_by, at)
    values (${row.answer_id}, ${row.recipient}, ${row.purpose}, ${row.query_hash}, ${JSON.stringify(row.query)}::text::jsonb,
      ${row.epsilon_milli}, ${JSON.stringify(row.cells)}::text::jsonb, ${String(row.spent_milli)}::bigint, ${row.asked_by}, ${row.at})`;
}

/** Newest first. */
export async function listAnswers(db: Statements): Promise<AnswerRow[]> {
  return db<AnswerRow[]>`select * from collection.count_answers order by at desc, answer_id desc limit 200`;
}

/** Of the profiles that hold. */
export async function listBudgets(db: Statements): Promise<BudgetRow[]> {
  return db<BudgetRow[]>`
    select p.name, p.recipient, p.purpose, (p.profile ->> 'budgetMilli')::int as budget_milli, coalesce(b.spent_milli, 0)::bigint as spent_milli
    from collection.export_profiles p left join collection.count_budgets b using (recipient, purpose)
    where p.state = 'approved' and p.kind = 'counts' order by p.name`;
}
