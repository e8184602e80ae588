import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { recordIdText, type RecordId } from '#platform/ids';
import { parseCatalog } from '#practices/collection';

import { boxHeader } from './envelope.ts';
import { unpackRecord } from './record-box.ts';
import { callerFor, doWork, putOne, testInstallation, type Installation } from './testing.ts';
import type { Vault } from './index.ts';
import { tokensOpenOnce } from './vault-tokens.tests.ts';
import { batchesHaveOutcomes } from './vault-batches.tests.ts';
import { whatIsTold } from './vault-told.tests.ts';

let place: Installation;

before(async () => {
  place = await testInstallation();
});
after(() => place.close());

const caller = callerFor;
const put = putOne;
const server: Installation['server'] = (options) => place.server(options);

const valueOf = async (vault: Vault, id: RecordId, field: string, purpose?: string): Promise<unknown> =>
  (await vault.read(caller('application', purpose), [id], { fields: [field] })).records[0]?.fields[field]?.value;

const rotate = async (vault: Vault, what: 'epoch' | 'keys'): Promise<string> =>
  (await doWork(vault, what))?.state ?? 'gone';

const code = (expected: string) => (thrown: { code?: string }) => thrown.code === expected;

test('what was stored is read back in clear, masked or not at all, by who asks', async () => {
  const vault = await server();
  const id = await put(vault, 'read-1', { last_name: 'Wunderlich', email: 'anna@example.org' });

  assert.equal(await valueOf(vault, id, 'last_name'), 'Wunderlich');
  const masked = await vault.read(caller('support'), [id], { fields: ['last_name'] });
  assert.equal(masked.records[0]?.fields.last_name?.state, 'masked');
  assert.doesNotMatch(JSON.stringify(masked.records), /Wunderlich/);
  await assert.rejects(vault.read(caller('engineer'), [id], { fields: null }), code('VAULT_DENIED'));
});

test('a first look masks what may be seen in clear and says so; the reason for more is in the log, sealed', async () => {
  const vault = await server();
  const id = await put(vault, 'look-1', { last_name: 'Wunderlich', email: 'anna@example.org' });
  const fields = ['last_name', 'email'];

  const look = await vault.read(caller('application'), [id], { fields, masked: true });
  const reason = 'Frau Wunderlich rief an';
  const more = await vault.read(caller('application'), [id], { fields: ['email'], reason });

  assert.deepEqual(look.records[0]?.fields.last_name, { state: 'masked', masked: 'W\u2022\u2022\u2022', may: 'clear' });
  assert.equal(more.records[0]?.fields.email?.value, 'anna@example.org');
  const rows = await place.db<{ bytes: Buffer }[]>`
    select bytes from audit.entries where index in (${String(look.auditIndex)}, ${String(more.auditIndex)}) order by index`;
  const [first, second] = rows.map(({ bytes }) => JSON.parse(String(bytes)) as Record<string, Record<string, unknown>>);
  assert.deepEqual([first?.detail?.clear, first?.detail?.masked, first?.personal], [[], fields, undefined]);
  assert.equal(typeof second?.personal?.sealed, 'string');
  assert.doesNotMatch(String(rows[1]?.bytes), /Wunderlich/);
  const support = await vault.read(caller('support'), [id], { fields: ['last_name'], masked: true });
  assert.equal(support.records[0]?.fields.last_name?.may, undefined);
});

test('a read whose log entry cannot be written opens nothing', async () => {
  const id = await put(await server(), 'closed-1', { last_name: 'Closed' });
  const vault = await server({ failing: true });

  await assert.rejects(vault.read(caller('application'), [id], { fields: null }), /the log is gone/);
});

test('a server that has not heard of a new epoch loses nothing it answers for', async () => {
  const a = await server();
  const b = await server();
  await put(a, 'epoch-0', { last_name: 'Before' });
  assert.equal(await rotate(a, 'epoch'), 'done');

  const id = await put(b, 'epoch-1', { last_name: 'After', care_notes: 'a note' });
  assert.equal(await rotate(a, 'epoch'), 'done');

  assert.equal(await valueOf(a, id, 'last_name'), 'After');
  assert.equal(await valueOf(await server(), id, 'care_notes', 'legal.request'), 'a note');
});

test('writers on two servers and rotations at once: all that was answered for opens on a third', async () => {
  const writers = [await server(), await server()];
  const rotator = await server();
  const ids: RecordId[] = [];
  const turns = { left: 4 };
  const writing = writers.map(async (vault, w) => {
    for (let n = 0; turns.left > 0; n += 1) ids.push(await put(vault, `both-${w}-${n}`, { last_name: `N${w}x${n}` }));
  });
  for (; turns.left > 0; turns.left -= 1) assert.equal(await rotate(rotator, 'epoch'), 'done');
  await Promise.all(writing);

  const third = await server();
  assert.ok(ids.length > 10);
  for (const id of ids) assert.match(String(await valueOf(third, id, 'last_name')), /^N\dx\d+$/, recordIdText(id));
});

test("a key for one collection neither changes nor deletes another's records", async () => {
  const vault = await server();
  const id = await put(vault, 'scope-1', { last_name: 'Scoped' });
  const narrow = caller('application', 'service.support', ['orders']);
  const change = { id, seen: 1, change: { fields: { last_name: 'Changed' } } };

  await assert.rejects(vault.patch(narrow, change), code('VAULT_DENIED'));
  await assert.rejects(vault.remove(narrow, id), code('VAULT_DENIED'));

  assert.equal(await valueOf(vault, id, 'last_name'), 'Scoped');
});

test('renewing keys keeps fields that have left the catalogue', async () => {
  const vault = await server();
  const id = await put(vault, 'left-1', { last_name: 'Left', job_title: 'Baker' });
  const smaller = parseCatalog(place.catalogText.replace(/ {6}job_title:\n(?: {8}.*\n)+/, ''));
  assert.equal(smaller.collections.get('customer')?.fields.has('job_title'), false);

  assert.equal(await rotate(await server({ catalog: smaller }), 'keys'), 'done');

  assert.equal(await valueOf(await server(), id, 'job_title'), 'Baker');
  assert.equal(await valueOf(await server(), id, 'last_name'), 'Left');
});

/** Suites of the boxes of a record, and the format of its subject's ring. */
async function ciphersOf({ subjectId }: RecordId): Promise<{ suites: number[]; ring: number | undefined }> {
  const [row] = await place.db<{ box: Buffer; ring: Buffer }[]>`
    select box, ring from vault.records join vault.keyrings using (subject_id) where subject_id = ${subjectId}`;
  const entries = unpackRecord(row?.box ?? Buffer.alloc(0));
  return { suites: entries.map(({ box }) => boxHeader(box).suite), ring: row?.ring[0] };
}

test('the cipher of fields is a setting for what is sealed from now on, and rotation brings the rest along', async () => {
  const [chacha, aes] = [await server(), await server({ fieldCipher: 'aes-256-gcm' })];
  const id = await put(chacha, 'cipher-1', { last_name: 'Kipling', email: 'k@example.org' });
  const other = await put(aes, 'cipher-2', { last_name: 'Orwell', email: 'o@example.org' });

  // each is open to both, whatever they would seal with
  assert.deepEqual(await ciphersOf(id), { suites: [3, 3, 3], ring: 2 });
  assert.deepEqual(await ciphersOf(other), { suites: [1, 1, 1], ring: 1 });
  for (const vault of [chacha, aes]) {
    assert.equal(await valueOf(vault, id, 'last_name'), 'Kipling');
    assert.equal(await valueOf(vault, other, 'last_name'), 'Orwell');
  }

  // what is written goes under the cipher of now, what is not stays as it is
  await aes.patch(caller('application'), { id, seen: 1, change: { fields: { email: 'new@example.org' } } });
  assert.deepEqual(
    (await ciphersOf(id)).suites.toSorted((a, b) => a - b),
    [1, 3, 3],
  );
  assert.equal(await rotate(aes, 'keys'), 'done');
  assert.deepEqual(await ciphersOf(id), { suites: [1, 1, 1], ring: 1 });
  assert.equal(await valueOf(chacha, id, 'email'), 'new@example.org');
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({ place, caller, put, server, valueOf, code });
export type Running = ReturnType<typeof running>;

tokensOpenOnce(running);
batchesHaveOutcomes(running);
whatIsTold(running);
