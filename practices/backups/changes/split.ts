/**
 * Messages of whole transactions, parted by plane: rows of keys go where keys go. What was stored before is recognised by
 * its place in the log and left out, so that whoever was killed between storing and acknowledging repeats nothing.
 */
import { backupsFailure } from '../failures.ts';
import { PLANES } from '../planes.ts';
import type { RunPlane } from '../store/journal.ts';
import { readMessage } from './pgoutput.ts';

/** Of these only that they changed is told: what they hold is taken out of its wrapping, or is a migration's. */
export const ESCROWED = ['vault.epochs', 'vault.identities'] as const;
export const SCHEMA = 'platform.migrations';

/** Where a message of this table goes. @throws BACKUPS_TABLE_UNDECLARED */
export function planeOf(table: string): RunPlane {
  const plane = table === SCHEMA ? 'data' : PLANES.get(table);
  if (plane === 'data' || plane === 'key') return plane;
  throw backupsFailure('TABLE_UNDECLARED', { detail: `${table} is published and in neither plane` });
}

export type Taken = Readonly<{
  /** In order, each for its plane. */
  out: readonly Readonly<{ plane: RunPlane; message: Buffer }>[];
  /** A transaction ended here: a segment may. */
  whole: boolean;
}>;
export type Told = Readonly<{
  transactions: number;
  changes: number;
  firstAt: Date | null;
  lastAt: Date | null;
  /** Of the last one, stored before or not; 0 when there was none. */
  endLsn: bigint;
  newestXid: bigint;
  /** Epochs or identities changed: what the newest escrow has is not all there is. */
  escrow: boolean;
  /** Transactions that noted a migration. */
  migrating: readonly number[];
}>;

/** @param after commits that began before this place in the log are stored */
export function splitter({ after }: Readonly<{ after: bigint }>) {
  const relations = new Map<number, { plane: RunPlane; table: string; message: Buffer }>();
  const sent: Record<RunPlane, Set<number>> = { data: new Set(), key: new Set() };
  const state = { transactions: 0, changes: 0, firstAt: null as Date | null, lastAt: null as Date | null, endLsn: 0n, escrow: false, migrating: [] as number[] }; // prettier-ignore
  const xids = new Set<number>();
  let begun: { message: Buffer; at: Date; xid: number; open: Set<RunPlane> } | null = null;
  let inside = false;

  const changed = (oid: number, message: Buffer): Taken['out'] => {
    if (begun === null) return [];
    const relation = relations.get(oid);
    if (relation === undefined)
      throw backupsFailure('CHANGES_MALFORMED', { detail: 'a row of a table that was not told of' });
    const { plane } = relation;
    const out: { plane: RunPlane; message: Buffer }[] = [];
    if (!begun.open.has(plane)) {
      begun.open.add(plane);
      out.push({ plane, message: begun.message });
    }
    if (!sent[plane].has(oid)) {
      sent[plane].add(oid);
      out.push({ plane, message: relation.message });
    }
    out.push({ plane, message });
    state.changes += 1;
    if ((ESCROWED as readonly string[]).includes(relation.table)) state.escrow = true;
    if (relation.table === SCHEMA && state.migrating.at(-1) !== begun.xid) state.migrating.push(begun.xid);
    return out;
  };

  return {
    /** @throws BACKUPS_CHANGES_MALFORMED, BACKUPS_TABLE_UNDECLARED */
    take: (message: Buffer): Taken => {
      const read = readMessage(message);
      const wrong = (): Error => backupsFailure('CHANGES_MALFORMED', { detail: `${read.is} out of its order` });
      if (read.is === 'begin') {
        if (inside) throw wrong();
        inside = true;
        begun = read.commitLsn < after ? null : { message, at: read.at, xid: read.xid, open: new Set() };
        return NOTHING;
      }
      if (read.is === 'relation') {
        const { oid, table } = read.relation;
        relations.set(oid, { plane: planeOf(table), table, message });
        for (const plane of ['data', 'key'] as const) sent[plane].delete(oid);
        return NOTHING;
      }
      if (read.is === 'other') return NOTHING;
      if (!inside) throw wrong();
      if (read.is === 'commit') {
        inside = false;
        const out = [...(begun?.open ?? [])].map((plane) => ({ plane, message }));
        if (begun !== null && out.length > 0) {
          state.transactions += 1;
          state.firstAt ??= begun.at;
          state.lastAt = begun.at;
          xids.add(begun.xid);
        }
        state.endLsn = read.endLsn;
        begun = null;
        return { out, whole: true };
      }
      if (read.is === 'truncate')
        return { out: read.oids.flatMap((oid) => changed(oid, truncateOf(oid, read.options))), whole: false };
      return { out: changed(read.oid, message), whole: false };
    },
    /** @param nextXid asked for after the messages were: it makes 64 bits of 32 */
    told: (nextXid: bigint): Told => ({
      ...state,
      newestXid: [...xids].map((xid) => fullXid(xid, nextXid)).reduce((a, b) => (a > b ? a : b), 0n),
    }),
  };
}

const NOTHING: Taken = { out: [], whole: false };

/** The transaction of this number that is the newest before `next`. */
export const fullXid = (xid: number, next: bigint): bigint => next - BigInt((Number(next & 0xffffffffn) - xid) >>> 0);

/** A truncation of one table. */
function truncateOf(oid: number, options: number): Buffer {
  const message = Buffer.alloc(10);
  message.write('T');
  message.writeUInt32BE(1, 1);
  message.writeUInt8(options, 5);
  message.writeUInt32BE(oid, 6);
  return message;
}
