/**
 * The erasure ledger: who was forgotten or restricted, in order, as a chain of hashes, in a place that the data is not in. A
 * restore replays it; without it, or with an old one, nothing restored is ever served.
 *
 * A beat says how far the ledger and the backups are. It is written even when nothing happened, so that a store that hides
 * the newest entries, or gives an old copy of itself, is found. Source: docs/formats/backup.md §6
 */
import { createHash } from 'node:crypto';

import { lengthPrefixed } from '#platform/crypto';
import { transact, type Db } from '#platform/db';
import { isFailure } from '#platform/failure';

import { backupsFailure } from './failures.ts';
import { freshParts, type PartsSince } from './ledger-parts.ts';
import { freshRenewals, type Renewal } from './renewals.ts';
import { openDocument, signDocument, type Signer } from './signed.ts';
import { newestRun } from './store/journal.ts';
import { slotRow } from './store/slot.ts';
import {
  appendEntries,
  entriesAfter,
  forgetSent,
  knownErasures,
  knownRestrictions,
  lockLedger,
  newestErasure,
  newestSent,
  noteBeat,
  noteSent,
  sentTo,
  type LedgerRow,
  type LedgerWhat,
} from './store/ledger.ts';
import { randomName, type NamedTarget, type Stores } from './stores.ts';
import { written, type Listed, type Target } from './targets/target.ts';

export type ForgottenNow = Readonly<{
  erasures: readonly Readonly<{ idHash: string; at: Date; epoch: number }>[];
  /** Everybody who is restricted now; null: the same as when `mark` was told last. */
  restrictions: readonly Readonly<{ idHash: string; because: string; at: Date }>[] | null;
  mark?: string;
  renewals?: readonly Renewal[];
}>;
export type LedgerNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  installation: string;
  signer: () => Promise<Signer>;
  stores: Stores;
  /** @param mark of the restrictions that are in the ledger already */
  forgottenSince: (since: Date, mark: string | null) => Promise<ForgottenNow>;
  /** Which restrictions this server has compared with the ledger, and up to which entry of it: another server adds some, too. */
  compared: { mark: string | null; seq: number };
  partsSince: PartsSince;
  ledgerDays: number;
}>;

export type LedgerEntry = Readonly<{
  seq: number;
  what: LedgerWhat;
  idHash: string;
  scope: string;
  at: string;
  previous: string;
  hash: string;
}>;
type LedgerPart = Readonly<{ format: 'strongroom/ledger/1'; installation: string; entries: readonly LedgerEntry[] }>;
export type Beat = Readonly<{
  format: 'strongroom/ledger-beat/1';
  installation: string;
  at: string;
  ledgerSeq: number;
  ledgerHash: string;
  /** Newest backups of each plane; 0 when there is none. */
  data: number;
  key: number;
  /** The newest segment, the time line that is read now, and until when it was read; not in beats of before there were any. */
  segment?: number;
  timeline?: string | null;
  readAt?: string | null;
}>;

/** Before the first entry. */
export const NO_ENTRY = '0'.repeat(64);
const IN_ONE = 2000;
/** Transactions that were under way when the last one was read commit behind it. */
const OVERLAP_MS = 3_600_000;

export const entryHash = ({ seq, what, idHash, scope, at, previous }: Omit<LedgerEntry, 'hash'>): string =>
  createHash('sha256')
    .update(lengthPrefixed('strongroom/ledger/1', String(seq), what, idHash, scope, at, previous))
    .digest('hex');

/** Takes in what happened since. @returns how many entries it made */
export async function feedLedger({ db, clock, forgottenSince, partsSince, compared }: LedgerNeeds): Promise<number> {
  const next: LedgerNeeds['compared'] = { mark: null, seq: 0 };
  const fed = await transact(db, async (tx) => {
    const head = await lockLedger(tx);
    const newest = await newestErasure(tx);
    // one who was restricted and let go leaves the mark as it was, and, by another server, an entry
    const seen = Number(head?.seq ?? 0n) === compared.seq ? compared.mark : null;
    const now = await forgottenSince(new Date((newest?.getTime() ?? OVERLAP_MS) - OVERLAP_MS), seen);
    const known = await knownErasures(
      tx,
      now.erasures.map(({ idHash }) => idHash),
    );
    const restrictions = now.restrictions ?? [];
    const before = now.restrictions === null ? new Map<string, string>() : await knownRestrictions(tx);
    const living = new Map(restrictions.map((each) => [each.idHash, each]));
    const erased = new Set(now.erasures.map(({ idHash }) => idHash));
    const fresh: Pick<LedgerEntry, 'what' | 'idHash' | 'scope' | 'at'>[] = [
      ...now.erasures
        .filter(({ idHash }) => !known.has(idHash))
        .map(({ idHash, at, epoch }) => ({
          what: 'erasure' as const,
          idHash,
          scope: `epoch ${epoch}`,
          at: at.toISOString(),
        })),
      ...restrictions
        .filter(({ idHash, because }) => before.get(idHash) !== because)
        .map(({ idHash, because, at }) => ({
          what: 'restriction' as const,
          idHash,
          scope: because,
          at: at.toISOString(),
        })),
      ...[...before]
        .filter(([idHash]) => !living.has(idHash) && !erased.has(idHash))
        .map(([idHash]) => ({ what: 'lift' as const, idHash, scope: '', at: clock().toISOString() })),
    ];
    fresh.push(...(await freshRenewals(tx, now.renewals ?? [], clock())), ...(await freshParts(tx, partsSince)));
    let [seq, previous] = [Number(head?.seq ?? 0n), head?.hash ?? NO_ENTRY];
    const rows = fresh.map((each): LedgerRow => {
      seq += 1;
      const hash = entryHash({ ...each, seq, previous });
      const row = {
        seq: BigInt(seq),
        what: each.what,
        id_hash: each.idHash,
        scope: each.scope,
        at: new Date(each.at),
        previous,
        hash,
      };
      previous = hash;
      return row;
    });
    for (let at = 0; at < rows.length; at += IN_ONE) await appendEntries(tx, rows.slice(at, at + IN_ONE));
    Object.assign(next, { mark: now.mark ?? null, seq });
    return rows.length;
  });
  // only now: what was not committed is compared again
  Object.assign(compared, next);
  return fed;
}

/**
 * Brings each store what it lacks, in order: one that was named later gets everything. One that does not answer holds up
 * no other.
 * @throws the first failure, after all were tried
 */
export async function sendLedger(needs: LedgerNeeds): Promise<void> {
  await eachStore(needs, (store) => sendTo(store, needs));
}

async function sendTo(
  { address, target }: NamedTarget,
  { db, installation, signer, ledgerDays, clock }: LedgerNeeds,
): Promise<void> {
  for (;;) {
    const rows = await entriesAfter(db, await sentTo(db, address), IN_ONE);
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) return;
    const entries = rows.map((row): LedgerEntry => ({ seq: Number(row.seq), what: row.what, idHash: row.id_hash, scope: row.scope, at: row.at.toISOString(), previous: row.previous, hash: row.hash })); // prettier-ignore
    const bytes = signDocument({ format: 'strongroom/ledger/1', installation, entries }, await signer());
    const name = `ledger/entries/${String(first.seq).padStart(10, '0')}-${randomName()}`;
    const time = Math.max(clock().getTime(), (await target.now()).getTime());
    await target.put(name, bytes, { lock: { until: new Date(time + ledgerDays * 86_400_000) } });
    await noteSent(db, address, last.seq);
  }
}

/** Tells each store how far everything is, by its own clock. @throws the first failure, after all were tried */
export async function beat(needs: LedgerNeeds): Promise<void> {
  const { db, installation, signer } = needs;
  const slot = await slotRow(db);
  const [data, key, segment] = [await newestRun(db, 'data'), await newestRun(db, 'key'), await newestRun(db, 'segment')]; // prettier-ignore
  await eachStore(needs, async ({ address, target }) => {
    const earlier = await target.list(BEATS);
    // somebody put an empty disk where the ledger was
    if (earlier.length === 0 && (await forgetSent(db, address))) await sendTo({ address, target }, needs);
    const head = await newestSent(db, [address]);
    const at = await target.now();
    const content: Beat = {
      format: 'strongroom/ledger-beat/1',
      installation,
      at: at.toISOString(),
      ledgerSeq: Number(head?.seq ?? 0n),
      ledgerHash: head?.hash ?? NO_ENTRY,
      data: Number(data?.seq ?? 0n),
      key: Number(key?.seq ?? 0n),
      segment: Number(segment?.seq ?? 0n),
      timeline: slot?.timeline ?? null,
      readAt: slot === null || slot.ready_at === null ? null : slot.read_at.toISOString(),
    };
    await target.put(
      `${BEATS}${String(at.getTime()).padStart(15, '0')}-${randomName()}`,
      signDocument(content, await signer()),
      { lock: null },
    );
    await noteBeat(db, address);
    await dropBeats(target, earlier.slice(0, -KEPT_BEATS));
  });
}

const BEATS = 'ledger/beats/';
const KEPT_BEATS = 100;

/** Old beats say nothing that the newest does not. Where they may not be deleted, they stay. */
async function dropBeats(target: Target, old: readonly Listed[]): Promise<void> {
  for (const { name, version } of old)
    try {
      await target.remove(name, version);
    } catch (thrown) {
      if (isFailure(thrown, 'BACKUPS_OBJECT_LOCKED') || isFailure(thrown, 'BACKUPS_TARGET_DENIED')) return;
      if (!isFailure(thrown, 'BACKUPS_OBJECT_MISSING')) throw thrown;
    }
}

async function eachStore({ stores }: LedgerNeeds, work: (store: NamedTarget) => Promise<void>): Promise<void> {
  const works = stores.addresses.ledger.map(async (address) => work({ address, target: await stores.at(address) }));
  const failed = (await Promise.allSettled(works)).find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

export type ReadLedger = Readonly<{ entries: readonly LedgerEntry[]; beat: Beat }>;

/**
 * The ledger as a store has it, whole.
 * @throws BACKUPS_LEDGER_MISSING when there is no beat, BACKUPS_LEDGER_STALE when entries are missing that the beat tells of,
 *   BACKUPS_LEDGER_BROKEN, BACKUPS_SIGNATURE_REFUSED, BACKUPS_SIGNER_UNKNOWN
 */
export async function readLedger(target: Target, trusted: string): Promise<ReadLedger> {
  const newest = written(await target.list(BEATS)).at(-1);
  if (newest === undefined) throw backupsFailure('LEDGER_MISSING');
  const last = openDocument<Beat>(await target.get(newest.name, newest), 'strongroom/ledger-beat/1', trusted);
  const entries = new Map<number, LedgerEntry>();
  for (const { name, version } of written(await target.list('ledger/entries/'))) {
    const part = openDocument<LedgerPart>(await target.get(name, { version }), 'strongroom/ledger/1', trusted);
    for (const entry of part.entries) {
      const known = entries.get(entry.seq);
      if (known !== undefined && known.hash !== entry.hash)
        throw backupsFailure('LEDGER_BROKEN', { detail: `there are two entries ${entry.seq}` });
      entries.set(entry.seq, entry);
    }
  }
  const chain = [...entries.values()].toSorted((a, b) => a.seq - b.seq);
  let previous = NO_ENTRY;
  for (const [n, entry] of chain.entries()) {
    if (entry.seq !== n + 1 || entry.previous !== previous || entryHash(entry) !== entry.hash)
      throw backupsFailure('LEDGER_BROKEN', { detail: `entry ${n + 1} does not follow` });
    previous = entry.hash;
  }
  const said = chain[last.ledgerSeq - 1];
  if (last.ledgerSeq > chain.length)
    throw backupsFailure('LEDGER_STALE', { detail: `the store shows ${chain.length} of ${last.ledgerSeq} entries` });
  if ((said?.hash ?? NO_ENTRY) !== last.ledgerHash)
    throw backupsFailure('LEDGER_BROKEN', { detail: 'the beat tells of another entry' });
  return { entries: chain, beat: last };
}
