/**
 * Who is held back: an address that is refused, a key or person that is slowed down. Every measure has an end and a reason,
 * is in the audit log, and never meets those who run the system: wrongful bans are what people curse such tools for.
 *
 * Each server asks a copy in memory, renewed every two seconds and at once where it was changed.
 */
import type { Audit, AuditEvent } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import { addressBytes, inNetworks, isIn, readNetwork, type Network } from '#platform/networks';

import { trafficFailure } from '../failures.ts';
import { findCase } from '../store/cases.ts';
import {
  countMeasures,
  endMeasure,
  insertMeasure,
  liveMeasures,
  type LiveMeasure,
  type MeasureKind,
  type MeasureRow,
} from '../store/measures.ts';
import { NO_BLOCKS, readBlocks } from './blocked.ts';
import { isOneself, type OwnerOf } from './oneself.ts';

export type MeasureView = Readonly<{
  id: string;
  kind: MeasureKind;
  target: string;
  until: string;
  case: string | null;
  reason: string;
  by: string;
  madeAt: string;
}>;
export type NewMeasure = Readonly<{
  kind: MeasureKind;
  target: string;
  seconds: number;
  reason: string;
  caseId: Uuid | null;
  /** Of an order: carried out twice, it is one measure. */
  id?: Uuid;
}>;
export type By = Readonly<{
  actor: AuditEvent['actor'];
  requestId?: string | undefined;
  /** The person behind the key or session. */
  person?: string | undefined;
  /** Of who asks. */ address: string;
}>;
export type Measures = Readonly<{
  /** @throws TRAFFIC_PROTECTED_ADDRESS, TRAFFIC_NETWORK_TOO_WIDE, TRAFFIC_TARGET_MALFORMED, TRAFFIC_NOT_FOUND of the case, TRAFFIC_FULL */
  take: (by: By, wanted: NewMeasure) => Promise<MeasureView>;
  /** @throws TRAFFIC_NOT_FOUND, TRAFFIC_OWN_CASE where it holds back who asks */
  end: (by: By, id: string) => Promise<void>;
  list: () => Promise<MeasureView[]>;
  /** Before anybody is asked who they are. @throws TRAFFIC_BLOCKED */
  atDoor: (address: string) => void;
  /** When it is known who asks. @throws TRAFFIC_HELD_BACK */
  afterDoor: (actors: readonly string[]) => void;
  refresh: () => Promise<void>;
}>;
export type MeasuresNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  clock: () => Date;
  /** Trusted proxies, and what the settings say is never blocked. */
  protectedNetworks: readonly Network[];
  ownerOf: OwnerOf;
}>;

/** What a network may be wide, in bits of the prefix. */
const NARROWEST = { v4: 24, v6: 56 } as const;
/** Somebody who is slowed down gets one request in so many milliseconds, and a few in advance. */
const PACE = { everyMs: 2000, burst: 5 } as const;
const LOOPBACK = ['127.0.0.0/8', '::1'];
/** That hold at once: each server has them in memory, and whoever asks for them gets them all. */
const MOST = 10_000;

export function createMeasures({ db, audit, clock, protectedNetworks, ownerOf }: MeasuresNeeds): Measures {
  let blocked = NO_BLOCKS;
  let slowed: ReadonlyMap<string, number> = new Map();
  const buckets = new Map<string, { tokens: number; at: number }>();

  const hold = (live: readonly LiveMeasure[]): void => {
    const now = clock().getTime();
    // by our own clock they are asked about
    const rows = live.map((row) => ({ ...row, until: new Date(now + row.leftMs) }));
    blocked = readBlocks(rows.filter(({ kind }) => kind === 'block-address'));
    const ends = new Map<string, number>();
    // of several of the same the last to end counts
    for (const { kind, target, until } of rows)
      if (kind === 'throttle') ends.set(target, Math.max(ends.get(target) ?? 0, until.getTime()));
    slowed = ends;
    for (const target of buckets.keys()) if (!slowed.has(target)) buckets.delete(target);
  };
  const refresh = async (): Promise<void> => hold(await liveMeasures(db));
  const log = (tx: Tx, by: By, action: string, detail: NonNullable<AuditEvent['detail']>) =>
    audit.appendIn(tx, { action, actor: by.actor, outcome: 'done', detail, requestId: by.requestId });
  const isProtected = (address: string): boolean =>
    inNetworks(LOOPBACK, address) || isIn(protectedNetworks, address);

  /** @returns the network as it is written down */
  const blockable = (target: string, own: string): string => {
    const network = readNetwork(target.trim());
    if (network === null) throw trafficFailure('TARGET_MALFORMED');
    if (network.bits < (network.bytes.length === 4 ? NARROWEST.v4 : NARROWEST.v6)) throw trafficFailure('NETWORK_TOO_WIDE');
    // either within the other: a protected address inside a blocked network would be shut out with it
    const meets = (other: Network): boolean => isWithin(network, other) || isWithin(other, network);
    const loopback = LOOPBACK.flatMap((each) => readNetwork(each) ?? []);
    // who asks by IPv6 has another address of the same /64 tomorrow (RFC 8981)
    const asking = addressBytes(own);
    const around = asking === null ? [] : [{ bytes: asking, bits: asking.length === 4 ? 32 : 64 }];
    if ([...loopback, ...protectedNetworks, ...around].some(meets)) throw trafficFailure('PROTECTED_ADDRESS');
    return target.trim();
  };

  return {
    take: async (by, { kind, target, seconds, reason, caseId, id = uuidv7(clock().getTime()) }) => {
      if (kind === 'throttle' && !/^(?:key|per|wkl)_[0-9a-z]{26}$/.test(target)) throw trafficFailure('TARGET_MALFORMED');
      const written = kind === 'throttle' ? target : blockable(target, by.address);
      const made = await transact(db, async (tx) => {
        if ((await countMeasures(tx)) >= MOST) throw trafficFailure('FULL', { detail: `${MOST} measures hold now` });
        if (caseId !== null && (await findCase(tx, caseId)) === null) throw trafficFailure('NOT_FOUND');
        const { until, isNew } = await insertMeasure(tx, { measure_id: id, kind, target: written, seconds, case_id: caseId, reason, by: by.actor.id });
        const of = caseId === null ? {} : { case: publicId('case', caseId) };
        if (isNew) await log(tx, by, 'traffic.measure.take', { measure: publicId('msr', id), kind, seconds, ...of, ...(kind === 'throttle' ? { target: written } : {}) });
        return until;
      });
      await refresh();
      return { id: publicId('msr', id), kind, target: written, until: made.toISOString(), case: caseId === null ? null : publicId('case', caseId), reason, by: by.actor.id, madeAt: clock().toISOString() };
    },
    end: async (by, id) => {
      const measureId = parsePublicId('msr', id);
      await transact(db, async (tx) => {
        const row = measureId === null ? null : await endMeasure(tx, measureId, by.actor.id);
        if (row === null) throw trafficFailure('NOT_FOUND');
        if (await isOneself(by, [row.target], (key) => ownerOf(tx, key))) throw trafficFailure('OWN_CASE');
        await log(tx, by, 'traffic.measure.end', { measure: id, kind: row.kind });
      });
      await refresh();
    },
    list: async () => (await liveMeasures(db)).map(viewOf),
    atDoor: (address) => {
      if (blocked.size === 0 || address === '' || blocked.until(address) <= clock().getTime() || isProtected(address)) return;
      throw trafficFailure('BLOCKED');
    },
    afterDoor: (actors) => {
      if (slowed.size === 0) return;
      const now = clock().getTime();
      for (const actor of actors) {
        if ((slowed.get(actor) ?? 0) <= now) continue;
        const bucket = buckets.get(actor) ?? { tokens: PACE.burst, at: now };
        bucket.tokens = Math.min(PACE.burst, bucket.tokens + Math.max(0, now - bucket.at) / PACE.everyMs);
        bucket.at = now;
        buckets.set(actor, bucket);
        if (bucket.tokens < 1) throw trafficFailure('HELD_BACK', { extra: { retryAfterSeconds: Math.ceil(PACE.everyMs / 1000) } });
        bucket.tokens -= 1;
      }
    },
    refresh,
  };
} // prettier-ignore

const isWithin = (inner: Network, outer: Network): boolean =>
  inner.bytes.length === outer.bytes.length &&
  inner.bits >= outer.bits &&
  outer.bytes.every((byte, i) => {
    const bits = Math.min(8, Math.max(0, outer.bits - i * 8));
    const mask = (0xff << (8 - bits)) & 0xff;
    return (byte & mask) === ((inner.bytes[i] as number) & mask);
  });

const viewOf = (row: MeasureRow): MeasureView => ({
  id: publicId('msr', row.measure_id),
  kind: row.kind,
  target: row.target,
  until: row.until.toISOString(),
  case: row.case_id === null ? null : publicId('case', row.case_id),
  reason: row.reason,
  by: row.by,
  madeAt: row.made_at.toISOString(),
});
