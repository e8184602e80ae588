/**
 * What PostgreSQL's `pgoutput` says about committed transactions, message by message: read here when a segment is taken and
 * again when it is restored. Text values, protocol 1, no streaming of unfinished transactions.
 *
 * INVARIANT: a message is read to its last byte or refused; what is cut off or longer than it says is never half believed.
 * Source: PostgreSQL documentation, "Logical Replication Message Formats"
 */
import { backupsFailure } from '../failures.ts';

/** A value as text; null; or `unchanged`: a large one that an update did not touch and PostgreSQL did not read. */
export type Cell = string | null | typeof UNCHANGED;
export const UNCHANGED = Symbol('unchanged');

export type Relation = Readonly<{ oid: number; table: string; columns: readonly string[]; key: readonly boolean[] }>;
export type Message =
  | Readonly<{ is: 'begin'; commitLsn: bigint; at: Date; xid: number }>
  | Readonly<{ is: 'commit'; commitLsn: bigint; endLsn: bigint; at: Date }>
  | Readonly<{ is: 'relation'; relation: Relation }>
  | Readonly<{ is: 'insert'; oid: number; row: readonly Cell[] }>
  | Readonly<{ is: 'update'; oid: number; old: readonly Cell[] | null; row: readonly Cell[] }>
  | Readonly<{ is: 'delete'; oid: number; old: readonly Cell[] }>
  | Readonly<{ is: 'truncate'; oids: readonly number[]; options: number }>
  /** Types and origins: of no use to a restore. */
  | Readonly<{ is: 'other' }>;

/** Where PostgreSQL's time begins, in ms since 1970. */
const EPOCH_MS = 946_684_800_000;

/** @throws BACKUPS_CHANGES_MALFORMED */
export function readMessage(bytes: Buffer): Message {
  const from = reader(bytes);
  const message = read(from);
  from.end();
  return message;
}

function read(from: Reader): Message {
  switch (from.letter()) {
    case 'B':
      return { is: 'begin', commitLsn: from.lsn(), at: from.time(), xid: from.uint32() };
    case 'C':
      from.uint8();
      return { is: 'commit', commitLsn: from.lsn(), endLsn: from.lsn(), at: from.time() };
    case 'R':
      return { is: 'relation', relation: readRelation(from) };
    case 'I': {
      const oid = from.uint32();
      if (from.letter() !== 'N') throw from.malformed();
      return { is: 'insert', oid, row: from.row() };
    }
    case 'U': {
      const oid = from.uint32();
      const kind = from.letter();
      if (kind === 'N') return { is: 'update', oid, old: null, row: from.row() };
      if (kind !== 'K' && kind !== 'O') throw from.malformed();
      const old = from.row();
      if (from.letter() !== 'N') throw from.malformed();
      return { is: 'update', oid, old, row: from.row() };
    }
    case 'D': {
      const oid = from.uint32();
      const kind = from.letter();
      if (kind !== 'K' && kind !== 'O') throw from.malformed();
      return { is: 'delete', oid, old: from.row() };
    }
    case 'T': {
      const count = from.uint32();
      const options = from.uint8();
      if (count > from.left() / 4) throw from.malformed();
      return { is: 'truncate', options, oids: Array.from({ length: count }, () => from.uint32()) };
    }
    case 'Y':
      from.uint32();
      from.text();
      from.text();
      return { is: 'other' };
    case 'O':
      from.lsn();
      from.text();
      return { is: 'other' };
    default:
      throw from.malformed();
  }
}

function readRelation(from: Reader): Relation {
  const oid = from.uint32();
  const table = `${from.text()}.${from.text()}`;
  // replica identity: what it is made of is in the columns' flags
  from.uint8();
  const columns: string[] = [];
  const key: boolean[] = [];
  for (let left = from.uint16(); left > 0; left -= 1) {
    key.push((from.uint8() & 1) === 1);
    columns.push(from.text());
    from.uint32();
    from.uint32();
  }
  return { oid, table, columns, key };
}

type Reader = ReturnType<typeof reader>;

function reader(bytes: Buffer) {
  let at = 0;
  const malformed = (): Error =>
    backupsFailure('CHANGES_MALFORMED', { detail: `a message of ${bytes.length} bytes, near byte ${at}` });
  const take = (size: number): number => {
    if (size > bytes.length - at) throw malformed();
    at += size;
    return at - size;
  };
  const uint8 = (): number => bytes.readUInt8(take(1));
  const uint16 = (): number => bytes.readUInt16BE(take(2));
  const uint32 = (): number => bytes.readUInt32BE(take(4));
  const letter = (): string => String.fromCharCode(uint8());
  const text = (): string => {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw malformed();
    const start = take(end - at + 1);
    return bytes.toString('utf8', start, end);
  };
  const cell = (): Cell => {
    const kind = letter();
    if (kind === 'n') return null;
    if (kind === 'u') return UNCHANGED;
    if (kind !== 't') throw malformed();
    const size = uint32();
    const start = take(size);
    return bytes.toString('utf8', start, start + size);
  };
  return {
    malformed,
    uint8,
    uint16,
    uint32,
    letter,
    text,
    left: (): number => bytes.length - at,
    lsn: (): bigint => bytes.readBigUInt64BE(take(8)),
    time: (): Date => new Date(EPOCH_MS + Number(bytes.readBigInt64BE(take(8)) / 1000n)),
    row: (): Cell[] => Array.from({ length: uint16() }, cell),
    end: (): void => {
      if (at !== bytes.length) throw malformed();
    },
  };
}

/** `16/B374D848`, as PostgreSQL writes a place in its log. */
export const lsnText = (lsn: bigint): string =>
  `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffffffffn).toString(16).toUpperCase()}`;

export function parseLsn(text: string): bigint {
  const [, high = '', low = ''] = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text) ?? [];
  if (high === '') throw backupsFailure('CHANGES_MALFORMED', { detail: 'a place in the log is none' });
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
