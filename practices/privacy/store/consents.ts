/** Statements on the ledger of consent. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import { CHAIN_START, type ChainEnd, type ChainEvent } from '../consent/chain.ts';
import type { Said } from '../consent/said.ts';

export type HolderKind = 'subject' | 'anonymous';
export type StoredEvent = ChainEvent & Readonly<{ sealed: boolean; hash: Buffer }>;

/** The end of a holder's chain, locked until the transaction ends. @returns also what its holder was when it began */
export async function lockChain(
  tx: Statements,
  holder: Uuid,
  kind: HolderKind,
): Promise<{ seq: number; hash: Buffer; kind: HolderKind }> {
  const [row] = await tx<{ seq: number; hash: Buffer; kind: HolderKind; fresh: boolean }[]>`
    insert into privacy.consent_chains (holder, kind, seq, hash) values (${holder}, ${kind}, 1, ${CHAIN_START})
    on conflict (holder) do update set seq = consent_chains.seq
    returning seq, hash, kind, (xmax = 0) as fresh`;
  if (row === undefined || row.fresh) return { seq: 0, hash: CHAIN_START, kind };
  return { seq: row.seq, hash: row.hash, kind: row.kind };
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
  await noteExpiries(tx, events);
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

/** A page of a holder's events, in order. */
export async function eventsAfter(db: Statements, holder: Uuid, seq: number, limit: number): Promise<StoredEvent[]> {
  const rows = await db<EventRow[]>`
    select * from privacy.consent_events where holder = ${holder} and seq > ${seq} order by seq limit ${limit}`;
  return rows.map(asEvent);
}

/** The last of each kind to each purpose, in order: the fold of these is the fold of all, however many there are. */
export async function standingOf(db: Statements, holder: Uuid): Promise<StoredEvent[]> {
  const rows = await db<EventRow[]>`
    select * from (
      select distinct on (purpose, what) * from privacy.consent_events where holder = ${holder}
      order by purpose, what, seq desc) last
    order by seq`;
  return rows.map(asEvent);
}

/** Notes which yes of a purpose ends by itself, and that others do so no more. In the transaction that appends. */
async function noteExpiries(tx: Statements, events: readonly StoredEvent[]): Promise<void> {
  const last = new Map(events.filter(({ what }) => what !== 'gpc_off').map((event) => [event.purpose, event]));
  for (const { holder, purpose, seq, what, expiresAt } of last.values())
    if (what === 'given' && expiresAt !== null)
      await tx`
        insert into privacy.consent_expiries (holder, purpose, seq, expires_at) values (${holder}, ${purpose}, ${seq}, ${expiresAt})
        on conflict (holder, purpose) do update set seq = excluded.seq, expires_at = excluded.expires_at`;
    else await tx`delete from privacy.consent_expiries where holder = ${holder} and purpose = ${purpose}`;
}

/** Yeses whose time is over, longest ago first. */
export async function expiredEvents(db: Statements, now: Date, limit: number): Promise<StoredEvent[]> {
  const rows = await db<EventRow[]>`
    select e.* from (select * from privacy.consent_expiries where expires_at <= ${now} order by expires_at limit ${limit}) due
    join privacy.consent_events e on e.holder = due.holder and e.seq = due.seq
    order by due.expires_at`;
  return rows.map(asEvent);
}
