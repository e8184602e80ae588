/** Statements on tokens. */
import type { Statements } from '#platform/db';
import type { RecordId, SubjectId } from '#platform/ids';

export type TokenKind = 'random' | 'format' | 'pairwise';
export type TokenRow = Readonly<{
  id: RecordId;
  field: string;
  kind: TokenKind;
  audience: string | null;
  purpose: string | null;
}>;

type TokenRecord = {
  subject_id: SubjectId;
  record_no: bigint;
  field: string;
  kind: TokenKind;
  audience: string | null;
  purpose: string | null;
};

const asToken = (row: TokenRecord): TokenRow => ({
  id: { subjectId: row.subject_id, recordNo: row.record_no },
  field: row.field,
  kind: row.kind,
  audience: row.audience,
  purpose: row.purpose,
});

type TokenLimits = Readonly<{ usesLeft: number | null; expiresAt: Date | null }>;

/** @returns false when the lookup is taken by another value (format) */
export async function insertToken(
  db: Statements,
  lookup: Buffer,
  row: TokenRow,
  limits: TokenLimits,
): Promise<boolean> {
  const inserted = await db`
    insert into vault.tokens (lookup, subject_id, record_no, field, kind, audience, purpose, uses_left, expires_at)
    values (${lookup}, ${row.id.subjectId}, ${String(row.id.recordNo)}::bigint, ${row.field}, ${row.kind}, ${row.audience}, ${row.purpose}, ${limits.usesLeft}, ${limits.expiresAt})
    on conflict do nothing`;
  return inserted.count === 1;
}

/** A pairwise token may be there already: one that has ended begins anew, and one that lives, lives as long as it was ever promised. */
export async function keepPairwise(db: Statements, lookup: Buffer, row: TokenRow, limits: TokenLimits): Promise<void> {
  const ended = db`(t.expires_at <= now() or t.uses_left = 0)`;
  await db`
    insert into vault.tokens as t (lookup, subject_id, record_no, field, kind, audience, purpose, uses_left, expires_at)
    values (${lookup}, ${row.id.subjectId}, ${String(row.id.recordNo)}::bigint, ${row.field}, 'pairwise', ${row.audience}, ${row.purpose}, ${limits.usesLeft}, ${limits.expiresAt})
    on conflict (lookup, subject_id, record_no, field) do update set
      uses_left = case when ${ended} then excluded.uses_left
        when t.uses_left is not null and excluded.uses_left is not null then greatest(t.uses_left, excluded.uses_left) end,
      expires_at = case when ${ended} then excluded.expires_at
        when t.expires_at is not null and excluded.expires_at is not null then greatest(t.expires_at, excluded.expires_at) end`;
}

/** Finds a living token without using it: one row, or for a pairwise token one for each record that holds its value, oldest first. */
export async function findTokens(db: Statements, lookup: Buffer): Promise<TokenRow[]> {
  const rows = await db<TokenRecord[]>`
    select subject_id, record_no, field, kind, audience, purpose from vault.tokens
    where lookup = ${lookup} and (expires_at is null or expires_at > now()) and (uses_left is null or uses_left > 0)
    order by created_at, subject_id, record_no, field`;
  return rows.map(asToken);
}

/** Uses a living token once, in one statement, so that two readers cannot share its last use. @returns false when it is used up */
export async function useToken(db: Statements, lookup: Buffer, row: TokenRow): Promise<boolean> {
  const used = await db`
    update vault.tokens set uses_left = uses_left - 1
    where lookup = ${lookup} and subject_id = ${row.id.subjectId} and record_no = ${String(row.id.recordNo)}::bigint and field = ${row.field}
      and (expires_at is null or expires_at > now()) and (uses_left is null or uses_left > 0)`;
  return used.count === 1;
}

/** A use that showed nothing is none. */
export async function returnUse(db: Statements, lookup: Buffer, row: TokenRow): Promise<void> {
  await db`
    update vault.tokens set uses_left = uses_left + 1
    where lookup = ${lookup} and subject_id = ${row.id.subjectId} and record_no = ${String(row.id.recordNo)}::bigint and field = ${row.field}`;
}

/** A pairwise token stands for a value: a record that holds another one now does not answer for it any more. */
export async function dropPairwiseTokens(tx: Statements, id: RecordId, fields: readonly string[]): Promise<void> {
  await tx`
    delete from vault.tokens
    where subject_id = ${id.subjectId} and record_no = ${String(id.recordNo)}::bigint and kind = 'pairwise' and field = any(${[...fields]}::text[])`;
}

/** All tokens of these fields: what they stood for is gone. @returns how many */
export async function dropTokensOf(tx: Statements, id: RecordId, fields: readonly string[]): Promise<number> {
  const gone = await tx`
    delete from vault.tokens
    where subject_id = ${id.subjectId} and record_no = ${String(id.recordNo)}::bigint and field = any(${[...fields]}::text[])`;
  return gone.count;
}

export async function dropExpiredTokens(db: Statements): Promise<number> {
  const gone = await db`delete from vault.tokens where expires_at <= now() or uses_left = 0`;
  return gone.count;
}
