/** Statements on the ledger of consent. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import { CHAIN_START, type ChainEnd, type ChainEvent } from '../consent/chain.ts';
import type { Said } from '../consent/said.ts';

export type HolderKind = 'subject' | 'anonymous';
export type StoredEvent = ChainEvent & Readonly<{ sealed: boolean; hash: Buffer }>;

/** The end of a holder's chain, locked until the transaction ends. */
export async function lockChain(
  tx: Statements,
  holder: Uuid,
  kind: HolderKind,
): Promise<{ seq: number; hash: Buffer }> {
  const [row] = await tx<{ seq: number; hash: Buffer; fresh: boolean }[]>`
    insert into privacy.consent_chains (holder, kind, seq, hash) values (${holder}, ${kind}, 1, ${CHAIN_START})
    on conflict (holder) do update set seq = consent_chains.seq
    returning seq, hash, (xmax = 0) as fresh`;
  if (row === undefined || row.fresh) return { seq: 0, hash: CHAIN_START };
  return { seq: row.seq, hash: row.hash };
}

/** When the last event of a chain was; null: there is none. */
export async function lastSaidAt(db: Statements, holder: Uuid): Promise<Date | null> {
  const [row] = await db<{ at: Date }[]>`
    select at from privacy.consent_events where holder = ${holder} order by seq desc limit 1`;
  return row?.at ?? null;
}

export async function endOfChain(db: Statements, holder: Uuid): Promise<ChainEnd> {
  const [row] = await db<{ seq: number; hash: Buffer }[]>`
    select seq, hash from privacy.consent_chains where holder = ${holder}`;
  return row ?? null;
}

export async function appendEvents(tx: Statements, events: readonly StoredEvent[]): Promise<void> {
  const [last] = events.slice(-1) as [StoredEvent];
  const hex = (of: (event: StoredEvent) => Buffer): string[] => events.map((event) => of(event).toString('hex'));
  await tx`
    insert into privacy.consent_events (holder, seq, event_id, what, purpose, at, expires_at, record, sealed, prev, hash)
    select ${last.holder}, s, e, w, p, a, x, decode(r, 'hex'), ${last.sealed}, decode(v, 'hex'), decode(h, 'hex')
    from unnest(${events.map(({ seq }) => seq)}::int[], ${events.map(({ eventId }) => eventId)}::uuid[],
      ${events.map(({ what }) => what)}::text[], ${events.map(({ purpose }) => purpose)}::text[],
      ${events.map(({ at }) => at.toISOString())}::timestamptz[], ${events.map(({ expiresAt }) => expiresAt?.toISOString() ?? null)}::timestamptz[],
      ${hex(({ record }) => record)}::text[], ${hex(({ prev }) => prev)}::text[], ${hex(({ hash }) => hash)}::text[])
      as t (s, e, w, p, a, x, r, v, h)`;
  await tx`update privacy.consent_chains set seq = ${last.seq}, hash = ${last.hash} where holder = ${last.holder}`;
}

type EventRow = {
  holder: Uuid;
  seq: number;
  event_id: Uuid;
  what: Said;
  purpose: string;
  at: Date;
  expires_at: Date | null;
  record: Buffer;
  sealed: boolean;
  prev: Buffer;
  hash: Buffer;
};
const asEvent = ({ event_id, expires_at, ...row }: EventRow): StoredEvent => ({
  ...row,
  eventId: event_id,
  expiresAt: expires_at,
});

/** All events of a holder, in order: few, for a person says few things to few purposes. */
export async function eventsOf(db: Statements, holder: Uuid): Promise<StoredEvent[]> {
  const rows = await db<
    EventRow[]
  >`select * from privacy.consent_events where holder = ${holder} order by seq limit 10000`;
  return rows.map(asEvent);
}

/** Yeses whose time is over and that nothing followed, oldest first. */
export async function expiredEvents(db: Statements, now: Date, limit: number): Promise<StoredEvent[]> {
  const rows = await db<EventRow[]>`
    select e.* from privacy.consent_events e
    where e.expires_at <= ${now} and e.what = 'given' and not exists (
      select from privacy.consent_events l
      where l.holder = e.holder and l.purpose = e.purpose and l.seq > e.seq and l.what <> 'gpc_off')
    order by e.expires_at limit ${limit}`;
  return rows.map(asEvent);
}
