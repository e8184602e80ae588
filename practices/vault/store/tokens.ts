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

/** @returns false when the lookup is taken: by another value (format), or by this very token (pairwise) */
export async function insertToken(
  db: Statements,
  lookup: Buffer,
  row: TokenRow,
  limits: { usesLeft: number | null; expiresAt: Date | null },
): Promise<boolean> {
  const inserted = await db`
    insert into vault.tokens (lookup, subject_id, record_no, field, kind, audience, purpose, uses_left, expires_at)
    values (${lookup}, ${row.id.subjectId}, ${String(row.id.recordNo)}::bigint, ${row.field}, ${row.kind}, ${row.audience}, ${row.purpose}, ${limits.usesLeft}, ${limits.expiresAt})
    on conflict do nothing`;
  return inserted.count === 1;
}

/** Finds a living token without using it. */
export async function findToken(db: Statements, lookup: Buffer): Promise<TokenRow | null> {
  const [row] = await db<TokenRecord[]>`
    select subject_id, record_no, field, kind, audience, purpose from vault.tokens
    where lookup = ${lookup} and (expires_at is null or expires_at > now()) and (uses_left is null or uses_left > 0)`;
  return row === undefined ? null : asToken(row);
}

/** Finds a living token and uses it once, in one statement, so that two readers cannot share its last use. */
export async function useToken(db: Statements, lookup: Buffer): Promise<TokenRow | null> {
  const [row] = await db<TokenRecord[]>`
    update vault.tokens set uses_left = uses_left - 1
    where lookup = ${lookup} and (expires_at is null or expires_at > now()) and (uses_left is null or uses_left > 0)
    returning subject_id, record_no, field, kind, audience, purpose`;
  return row === undefined ? null : asToken(row);
}

export async function dropExpiredTokens(db: Statements): Promise<number> {
  const gone = await db`delete from vault.tokens where expires_at <= now() or uses_left = 0`;
  return gone.count;
}
