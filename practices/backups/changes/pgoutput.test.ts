import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { isFailure } from '#platform/failure';

import { messagesOf, packMessage } from './messages.ts';
import { lsnText, parseLsn, readMessage, UNCHANGED, type Cell, type Message } from './pgoutput.ts';
import { seenBy } from './seen-by.ts';
import { openSegment, segmentName, seqOfSegment } from './segment-manifest.ts';
import { fullXid, splitter } from './split.ts';

const malformed = (thrown: unknown): boolean => isFailure(thrown, 'BACKUPS_CHANGES_MALFORMED');

/** A slow twin: messages written as PostgreSQL's documentation says, part by part. */
const u8 = (n: number): Buffer => Buffer.of(n);
const u16 = (n: number): Buffer => Buffer.of(n >> 8, n & 255);
const u32 = (n: number): Buffer => Buffer.concat([u16(n >>> 16), u16(n & 0xffff)]);
const u64 = (n: bigint): Buffer => Buffer.concat([u32(Number(n >> 32n)), u32(Number(n & 0xffffffffn))]);
const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const time = (at: Date): Buffer => u64(BigInt(at.getTime() - Date.UTC(2000, 0, 1)) * 1000n);
const letter = (value: string): Buffer => Buffer.from(value);
const cellBytes = (cell: Cell): Buffer =>
  cell === null
    ? letter('n')
    : cell === UNCHANGED
      ? letter('u')
      : Buffer.concat([letter('t'), u32(Buffer.byteLength(cell)), Buffer.from(cell)]);
const rowBytes = (row: readonly Cell[]): Buffer => Buffer.concat([u16(row.length), ...row.map(cellBytes)]);

function write(message: Message): Buffer {
  switch (message.is) {
    case 'begin':
      return Buffer.concat([letter('B'), u64(message.commitLsn), time(message.at), u32(message.xid)]);
    case 'commit':
      return Buffer.concat([letter('C'), u8(0), u64(message.commitLsn), u64(message.endLsn), time(message.at)]);
    case 'relation': {
      const { oid, table, columns, key } = message.relation;
      const names = table.split('.').map(text);
      const each = columns.map((name, n) => Buffer.concat([u8(key[n] === true ? 1 : 0), text(name), u32(25), u32(0xffffffff)])); // prettier-ignore
      return Buffer.concat([letter('R'), u32(oid), ...names, letter('d'), u16(columns.length), ...each]);
    }
    case 'insert':
      return Buffer.concat([letter('I'), u32(message.oid), letter('N'), rowBytes(message.row)]);
    case 'update': {
      const old = message.old === null ? [] : [letter('K'), rowBytes(message.old)];
      return Buffer.concat([letter('U'), u32(message.oid), ...old, letter('N'), rowBytes(message.row)]);
    }
    case 'delete':
      return Buffer.concat([letter('D'), u32(message.oid), letter('K'), rowBytes(message.old)]);
    case 'truncate':
      return Buffer.concat([letter('T'), u32(message.oids.length), u8(message.options), ...message.oids.map(u32)]);
    case 'other':
    default:
      return Buffer.concat([letter('O'), u64(1n), text('origin')]);
  }
}

const oid = fc.integer({ min: 1, max: 0xffffffff });
const lsn = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const at = fc.date({ min: new Date('2001-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
const row = fc.array(fc.oneof(fc.constant(null), fc.constant(UNCHANGED as Cell), fc.string({ unit: 'binary' }).map((value) => value.toWellFormed())), { maxLength: 6 }); // prettier-ignore
const name = fc.stringMatching(/^[a-z_]{1,20}$/);
const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ is: fc.constant('begin' as const), commitLsn: lsn, at, xid: oid }),
  fc.record({ is: fc.constant('commit' as const), commitLsn: lsn, endLsn: lsn, at }),
  fc.record({
    is: fc.constant('relation' as const),
    relation: fc
      .tuple(oid, name, name, fc.array(fc.tuple(name, fc.boolean()), { maxLength: 5 }))
      .map(([n, schema, table, columns]) => ({ oid: n, table: `${schema}.${table}`, columns: columns.map(([each]) => each), key: columns.map(([, key]) => key) })), // prettier-ignore
  }),
  fc.record({ is: fc.constant('insert' as const), oid, row }),
  fc.record({ is: fc.constant('update' as const), oid, old: fc.option(row), row }),
  fc.record({ is: fc.constant('delete' as const), oid, old: row }),
  fc.record({ is: fc.constant('truncate' as const), oids: fc.array(oid, { maxLength: 4 }), options: fc.constant(0) }),
  fc.constant({ is: 'other' as const }),
);

test('every message that PostgreSQL may send is read as it was meant', () => {
  fc.assert(fc.property(anyMessage, (message) => assert.deepEqual(readMessage(write(message)), { ...message })));
});

test('a message that is cut off anywhere, or goes on, is refused', () => {
  fc.assert(
    fc.property(anyMessage, fc.nat(), (message, n) => {
      const bytes = write(message);
      assert.throws(() => readMessage(bytes.subarray(0, n % bytes.length)), malformed);
      assert.throws(() => readMessage(Buffer.concat([bytes, Buffer.of(n & 255)])), malformed);
    }),
  );
});

test('whatever bytes there are: a message or a refusal, and no more memory than they have', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        readMessage(Buffer.from(bytes));
      } catch (thrown) {
        assert.ok(malformed(thrown), String(thrown));
      }
    }),
  );
  // four thousand million of truncated tables, in ten bytes
  assert.throws(() => readMessage(Buffer.from('54ffffffff0000000001', 'hex')), malformed);
  assert.throws(() => readMessage(Buffer.from('49000000014effff', 'hex')), malformed);
});

test('messages come out of a frame as they went in; one that is cut off is refused', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 }), fc.nat(), (all, n) => {
      const messages = all.map((each) => Buffer.from(each));
      const packed = Buffer.concat(messages.flatMap(packMessage));
      assert.deepEqual([...messagesOf(packed)], messages);
      const cut = n % Math.max(1, packed.length);
      const ends = messages.map((_, end) => Buffer.concat(messages.slice(0, end).flatMap(packMessage)).length);
      if (!ends.includes(cut) && packed.length > 0)
        assert.throws(() => [...messagesOf(packed.subarray(0, cut))], malformed);
    }),
  );
});

test('places in the log and numbers of transactions, across where 32 bits end', () => {
  fc.assert(fc.property(lsn, (value) => assert.equal(parseLsn(lsnText(value)), value)));
  assert.throws(() => parseLsn('0/'), malformed);
  fc.assert(
    fc.property(fc.bigInt({ min: 2n ** 32n, max: 2n ** 40n }), fc.integer({ min: 1, max: 2 ** 30 }), (next, back) => {
      const full = next - BigInt(back);
      assert.equal(fullXid(Number(full & 0xffffffffn), next), full);
    }),
  );
});

test('what a snapshot sees, as PostgreSQL defines it', () => {
  const base = 3n * 2n ** 32n + 2n;
  const seen = seenBy(`${base - 4n}:${base + 3n}:${base - 4n},${base + 1n}`);
  const sees = (distance: bigint): boolean => seen.sees(Number((base + distance) & 0xffffffffn));
  assert.deepEqual([-6n, -5n, -4n, -3n, 0n, 1n, 2n, 3n, 400n].map(sees), [true, true, false, true, true, false, true, false, false]); // prettier-ignore
  assert.throws(() => seenBy('1:2'), malformed);
});

test('transactions are parted by plane, what was stored is left out, and each plane is told of its tables', () => {
  const begin = (n: bigint): Buffer => write({ is: 'begin', commitLsn: n, at: new Date(1e12), xid: Number(n) });
  const commit = (n: bigint): Buffer => write({ is: 'commit', commitLsn: n, endLsn: n + 8n, at: new Date(1e12) });
  const relation = (n: number, table: string): Buffer => write({ is: 'relation', relation: { oid: n, table, columns: ['id'], key: [true] } }); // prettier-ignore
  const insert = (n: number): Buffer => write({ is: 'insert', oid: n, row: ['x'] });
  const split = splitter({ after: 20n });
  const out = { data: [] as string[], key: [] as string[] };
  const take = (...messages: Buffer[]): void => {
    for (const message of messages)
      for (const each of split.take(message).out) out[each.plane].push(String.fromCharCode(each.message[0] as number));
  };
  take(begin(12n), relation(1, 'vault.records'), insert(1), commit(12n));
  take(begin(20n), insert(1), relation(2, 'vault.keyrings'), insert(2), insert(1), commit(20n));
  take(begin(30n), insert(2), commit(30n));
  take(begin(40n), relation(3, 'vault.epochs'), insert(3), commit(40n));
  assert.equal(out.data.join(''), 'BRIIC', 'the first was stored; its table is told of with the second');
  assert.equal(out.key.join(''), 'BRICBICBRIC');
  const told = split.told(100n);
  assert.deepEqual([told.transactions, told.changes, told.endLsn, told.newestXid, told.escrow], [3, 5, 48n, 40n, true]);
  assert.throws(() => split.take(insert(1)), malformed, 'a row outside of a transaction');
  assert.throws(() => take(begin(50n), begin(60n)), malformed);
  assert.throws(() => split.take(relation(4, 'vault.works')), (thrown) => isFailure(thrown, 'BACKUPS_TABLE_UNDECLARED')); // prettier-ignore
});

test('the name of a segment says its number; another document is none', () => {
  assert.equal(seqOfSegment(segmentName(12, 'a'.repeat(32))), 12);
  assert.equal(seqOfSegment('data/segments/12-a'), null);
  assert.throws(() => openSegment(Buffer.from('{}\n'), 1, 'f'), (thrown) => isFailure(thrown, 'BACKUPS_SIGNATURE_REFUSED')); // prettier-ignore
});
