/** Statements on answers kept under idempotency keys, and on works. */
import type { Statements } from '#platform/db';

export async function findAnswer(
  db: Statements,
  actor: string,
  key: string,
): Promise<{ requestHash: Buffer; status: number; answer: Record<string, unknown> } | null> {
  const [row] = await db<{ request_hash: Buffer; status: number; answer: Record<string, unknown> }[]>`
    select request_hash, status, answer from vault.idempotency where actor = ${actor} and key = ${key}`;
  return row === undefined ? null : { requestHash: row.request_hash, status: row.status, answer: row.answer };
}

export async function keepAnswer(
  tx: Statements,
  actor: string,
  key: string,
  requestHash: Buffer,
  answer: { status: number; body: object },
): Promise<boolean> {
  const kept = await tx`
    insert into vault.idempotency (actor, key, request_hash, status, answer)
    values (${actor}, ${key}, ${requestHash}, ${answer.status}, ${JSON.stringify(answer.body)}::text::jsonb)
    on conflict do nothing`;
  return kept.count === 1;
}

/** Answers older than a day: their keys may be used again. */
export async function dropOldAnswers(db: Statements): Promise<number> {
  const gone = await db`delete from vault.idempotency where created_at < now() - interval '1 day'`;
  return gone.count;
}
