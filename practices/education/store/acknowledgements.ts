/** Statements on what was signed: it is added, and stays. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type AckRow = Readonly<{
  ack_id: Uuid;
  person_id: Uuid;
  policy: string;
  seq: number;
  hash: string;
  locale: string;
  session_id: string;
  entry: bigint;
  signed_at: Date;
}>;

export async function insertAck(tx: Statements, row: AckRow): Promise<void> {
  await tx`
    insert into education.acknowledgements (ack_id, person_id, policy, seq, hash, locale, session_id, entry, signed_at)
    values (${row.ack_id}, ${row.person_id}, ${row.policy}, ${row.seq}, ${row.hash}, ${row.locale}, ${row.session_id}, ${row.entry}, ${row.signed_at})`;
}

/** Newest first. */
export async function acksOf(db: Statements, person: Uuid): Promise<AckRow[]> {
  return db<AckRow[]>`select * from education.acknowledgements where person_id = ${person} order by signed_at desc`;
}
