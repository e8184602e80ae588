import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { migrate, type Db } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import {
  formatVerifierKey,
  leafHash,
  NOTE_ED25519,
  noteKeyOf,
  parseCheckpoint,
  rootOf,
  signNote,
  splitNote,
  verifyInclusion,
} from '#platform/tlog';

import { createAudit, verifyLog, type Audit, type AuditEvent } from './index.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const event = (n: number): AuditEvent => ({
  action: 'test.event',
  actor: { kind: 'system', id: 'test' },
  outcome: 'done',
  detail: { n },
});

async function newLog(t: Parameters<typeof freshDatabase>[0], entries: number): Promise<{ db: Db; audit: Audit }> {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'audit', folder: new URL('./sql/', import.meta.url) }]);
  const audit = createAudit({
    db,
    clock: () => new Date(),
    signer: { name: 'example.org/log', privateKey },
    node: 'node_test',
    pseudonymKey: createSecretKey(randomBytes(32)),
    sealPersonal: async (_id, bytes) => await Promise.resolve(bytes),
  });
  await Promise.all(Array.from({ length: entries }, (_, n) => audit.append(event(n))));
  await audit.checkpoint();
  return { db, audit };
}

const verify = (audit: Audit, remembered: string | null = null) =>
  verifyLog({ source: audit.source, verifierKey: audit.verifierKey, remembered });

/** As somebody who owns the database would. */
async function behindTheTriggers(db: Db, table: string, work: () => Promise<unknown>): Promise<void> {
  await db.unsafe(`alter table audit.${table} disable trigger all`);
  await work();
  await db.unsafe(`alter table audit.${table} enable trigger all`);
}

test('appends at once get contiguous indexes, each its own, and the log verifies', async (t) => {
  const { db, audit } = await newLog(t, 700);

  const more = await Promise.all(Array.from({ length: 300 }, (_, n) => audit.append(event(n))));

  assert.equal(new Set(more.map(({ index }) => index)).size, 300);
  assert.equal(await audit.size(), 1000);
  const [row] = await db<{ n: number; top: bigint }[]>`select count(*)::int as n, max(index) as top from audit.entries`;
  assert.deepEqual(row && [row.n, row.top], [1000, 999n]);
  assert.deepEqual((await verify(audit)).problems, []);
});

test('an entry whose transaction is rolled back is not in the log, and leaves no gap', async (t) => {
  const { db, audit } = await newLog(t, 3);

  await assert.rejects(
    db.begin(async (tx) => {
      await audit.appendIn(tx, event(3));
      throw new Error('rolled back');
    }),
  );
  await audit.append(event(4));

  assert.equal(await audit.size(), 4);
  assert.equal((await verify(audit)).ok, true);
});

test('entries can be neither changed nor taken out', async (t) => {
  const { db } = await newLog(t, 3);

  await assert.rejects(db`update audit.entries set bytes = '\\x00' where index = 1`);
  await assert.rejects(db`delete from audit.entries where index = 1`);
  await assert.rejects(db`truncate audit.entries`);
});

test('an edited entry is found and named', async (t) => {
  const { db, audit } = await newLog(t, 300);

  await behindTheTriggers(db, 'entries', async () => {
    await db`update audit.entries set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), '"n":7}', '"n":8}'), 'UTF8') where index = 7`;
  });

  const report = await verify(audit);
  assert.equal(report.ok, false);
  assert.ok(
    report.problems.some((problem) => problem.includes('entry 7 ')),
    report.problems.join(),
  );
});

test('a deleted entry is found', async (t) => {
  const { db, audit } = await newLog(t, 300);

  await behindTheTriggers(db, 'entries', async () => await db`delete from audit.entries where index = 20`);

  assert.equal((await verify(audit)).ok, false);
});

test('an edited row with its tile and its root set to match is not signed again', async (t) => {
  const { db, audit } = await newLog(t, 5);
  const forged = Buffer.from('{"v":1,"ts":"2026-01-01T00:00:00.000Z","action":"forged"}');
  const [tile] = await db<{ hashes: Buffer }[]>`select hashes from audit.tiles where level = 0 and index = 0`;
  const hashes = Buffer.from((tile as { hashes: Buffer }).hashes);
  leafHash(forged).copy(hashes, 2 * 32);
  const root = rootOf(Array.from({ length: 5 }, (_, i) => hashes.subarray(i * 32, i * 32 + 32)));
  const note = `example.org/log\n5\n${root.toString('base64')}\n\n— example.org/log ${Buffer.alloc(68).toString('base64')}\n`;

  await behindTheTriggers(
    db,
    'entries',
    async () => await db`update audit.entries set bytes = ${forged} where index = 2`,
  );
  await behindTheTriggers(db, 'tiles', async () => await db`update audit.tiles set hashes = ${hashes} where level = 0`);
  await behindTheTriggers(
    db,
    'tree',
    async () => await db`update audit.tree set signed = ${note}, published = ${note}`,
  );
  await audit.append(event(5));

  await assert.rejects(audit.integrate(), { code: 'AUDIT_TAMPERED' });
});

test('a signed head that was taken away is not made anew', async (t) => {
  const { db, audit } = await newLog(t, 5);

  await behindTheTriggers(db, 'tree', async () => await db`delete from audit.tree`);

  await assert.rejects(audit.integrate(), { code: 'AUDIT_TAMPERED' });
});

test('a tail that was cut off is found by who remembers a checkpoint', async (t) => {
  const { db, audit } = await newLog(t, 5);
  const early = await audit.checkpoint();
  const [kept] = await db<{ size: bigint; signed: string }[]>`select size, signed from audit.tree`;
  const [tile] = await db<{ hashes: Buffer }[]>`select hashes from audit.tiles where level = 0`;
  await Promise.all(Array.from({ length: 5 }, (_, n) => audit.append(event(n))));
  const late = await audit.checkpoint();

  await behindTheTriggers(db, 'entries', async () => await db`delete from audit.entries where index >= 5`);
  await behindTheTriggers(db, 'head', async () => await db`update audit.head set size = 5`);
  await behindTheTriggers(db, 'tiles', async () => await db`update audit.tiles set hashes = ${tile?.hashes ?? null}`);
  await behindTheTriggers(db, 'tree', async () => {
    await db`update audit.tree set size = 5, signed = ${kept?.signed ?? ''}, published = ${kept?.signed ?? ''}`;
  });

  assert.equal((await verify(audit, early)).ok, true);
  const report = await verify(audit, late);
  assert.ok(
    report.problems.some((problem) => problem.includes('cut off')),
    report.problems.join(),
  );
});

test('a checkpoint of another log, or a forged one, is refused', async (t) => {
  const { audit } = await newLog(t, 3);
  const other = (await newLog(t, 3)).audit;
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const signer = { name: 'example.org/log', type: NOTE_ED25519, privateKey: stranger } as const;
  const text = 'example.org/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n';
  const note = signNote(text, [signer], new Date());

  const forged = { ...audit.source, checkpoint: async () => await Promise.resolve(note) };
  assert.equal((await verifyLog({ source: forged, verifierKey: audit.verifierKey })).ok, false);
  const strange = formatVerifierKey(noteKeyOf(signer));
  assert.equal((await verifyLog({ source: other.source, verifierKey: strange })).ok, false);
});

test('a proof shows that its entry is in the log, and no other', async (t) => {
  const { audit } = await newLog(t, 300);
  const [, index, ...rest] = (await audit.prove(123)).split('\n');
  const hashes = rest.slice(0, rest.indexOf('')).map((line) => Buffer.from(line, 'base64'));
  const head = parseCheckpoint(splitNote(rest.slice(rest.indexOf('') + 1).join('\n'))?.text ?? '');
  const [entry, next] = await audit.read(123, 125);

  const shows = (bytes: Buffer | undefined) =>
    verifyInclusion(leafHash(bytes ?? Buffer.alloc(0)), 123, head?.size ?? 0, head?.root ?? Buffer.alloc(0), hashes);

  assert.equal(index, 'index 123');
  assert.equal(shows(entry?.bytes), true);
  assert.equal(shows(next?.bytes), false);
});

test('of the largest entries there are it has those of one tile in memory at a time', async (t) => {
  const { db } = await newLog(t, 1);
  let largest = 0;
  const measured = new Proxy(db, {
    apply: (target, self, given) => {
      const answer = Reflect.apply(target, self, given) as Promise<readonly Readonly<Record<string, unknown>>[]>;
      const isOfEntries = (given[0] as { raw?: readonly string[] }).raw?.join('').includes('from audit.entries') === true;
      const bytesOf = (row: Readonly<Record<string, unknown>>): number => (row.bytes instanceof Buffer ? row.bytes.length : 0);
      if (isOfEntries) void answer.then((rows) => (largest = Math.max(largest, rows.reduce((sum, row) => sum + bytesOf(row), 0))), () => undefined);
      return answer;
    },
  });
  const signer = { name: 'example.org/log', privateKey };
  const audit = createAudit({ db: measured, clock: () => new Date(), signer, node: 'node_test', pseudonymKey: createSecretKey(randomBytes(32)), sealPersonal: (_id, bytes) => Promise.resolve(bytes) });
  await db`insert into audit.entries (index, bytes) select n, decode(repeat('20', 61440), 'hex') from generate_series(1, 600) as n`;
  await behindTheTriggers(db, 'head', () => db`update audit.head set size = 601`);

  await audit.checkpoint();

  assert.equal(await audit.source.tile(0, 2, 89).then((tile) => tile?.length), 89 * 32);
  assert.ok(largest > 0 && largest <= 256 * 61_440, `${largest} bytes in one answer`);
}); // prettier-ignore
