import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { recordIdText, type RecordId } from '#platform/ids';
import { DATA_CLASSES, parseCatalog } from '#practices/collection';

import { boxHeader } from './envelope.ts';
import { unpackRecord } from './record-box.ts';
import { callerFor, doWork, putOne, testInstallation, type Installation } from './testing.ts';
import { DATA_CLASSES as VAULT_CLASSES } from './types.ts';
import type { Vault } from './index.ts';

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

test('an erased subject is gone, by id, by search and by token, and stays so', async () => {
  const vault = await server();
  const id = await put(vault, 'erase-1', { last_name: 'Vanish', email: 'vanish@example.org' });
  const ask = { recordId: id, field: 'email', kind: 'random' } as const;
  const { token } = await vault.createToken(caller('application'), ask);

  const receipt = await vault.erase(caller('dpo', 'legal.request'), id.subjectId);

  assert.equal(receipt.remains, 0);
  assert.deepEqual(await vault.erase(caller('dpo', 'legal.request'), id.subjectId), { ...receipt });
  await assert.rejects(vault.read(caller('application'), [id], { fields: null }), code('VAULT_NOT_FOUND'));
  await assert.rejects(vault.openToken(caller('application'), token), code('VAULT_TOKEN_UNKNOWN'));
  const where = { email: 'vanish@example.org' };
  const found = await vault.search(caller('application'), { collection: 'customer', where, fields: null, limit: 5 });
  assert.deepEqual(found.records, []);
});

test('a box moved to another row, or with a bit flipped, is refused', async () => {
  const vault = await server();
  const one = await put(vault, 'move-1', { last_name: 'One' });
  const two = await put(vault, 'move-2', { last_name: 'Two' });
  const at = (id: RecordId) => place.db`select box from vault.records where subject_id = ${id.subjectId}`;
  const [{ box } = { box: Buffer.alloc(0) }] = (await at(one)) as unknown as { box: Buffer }[];

  await place.db`update vault.records set box = ${box} where subject_id = ${two.subjectId}`;
  await assert.rejects(valueOf(await server(), two, 'last_name'), code('VAULT_BOX_REFUSED'));

  const flipped = Buffer.from(box);
  flipped[flipped.length - 20] = (flipped[flipped.length - 20] as number) ^ 1;
  await place.db`update vault.records set box = ${flipped} where subject_id = ${one.subjectId}`;
  await assert.rejects(valueOf(await server(), one, 'last_name'), code('VAULT_BOX_REFUSED'));
});

const outcomes = async (vault: Vault, onDuplicate: 'reject' | 'skip' | 'update', items: [string, object][]) => {
  const records = items.map(([externalId, fields]) => ({ subject: { externalId }, fields: { ...fields } }));
  const answer = await vault.put(caller('application'), { collection: 'customer', items: records, onDuplicate });
  return answer.outcomes.map((each) => (each.status === 'rejected' ? each.failure.code : each.status));
};

test('a token is used up by who may open it, once, and not by who may not', async () => {
  const vault = await server();
  const id = await put(vault, 'token-1', { last_name: 'Token', phone: '+14155550100' });
  const ask = { recordId: id, field: 'phone', kind: 'random', maxUses: 1 } as const;
  const { token } = await vault.createToken(caller('application'), ask);

  await assert.rejects(vault.openToken(caller('support'), token), code('VAULT_DENIED'));
  const billing = await vault.openToken(caller('billing', 'service.billing'), token);
  assert.equal(billing.record.fields.phone?.state, 'denied');
  const both = await Promise.allSettled([1, 2].map(() => vault.openToken(caller('application'), token)));

  const opened = both.filter((each) => each.status === 'fulfilled');
  assert.equal(opened.length, 1);
  assert.equal(opened[0]?.value.record.fields.phone?.value, '+14155550100');
  await assert.rejects(vault.openToken(caller('application'), token), code('VAULT_TOKEN_UNKNOWN'));
});

test('guessing a token leaves a trace in the log', async () => {
  const vault = await server();
  const before = await vault.core.audit.size();

  await assert.rejects(vault.openToken(caller('application'), 'pid_guess'), code('VAULT_TOKEN_UNKNOWN'));

  const [entry] = await vault.core.audit.read(before, before + 1);
  assert.match(entry?.bytes.toString() ?? '', /"action":"vault\.detokenise".*"outcome":"failed"/);
});

test('a pairwise token that two records share opens while one of them holds its value', async () => {
  const vault = await server();
  const [a, b] = [
    await put(vault, 'pair-1', { last_name: 'Pairs' }),
    await put(vault, 'pair-2', { last_name: 'Pairs' }),
  ];
  const token = async (recordId: RecordId, audience: string): Promise<string> =>
    (await vault.createToken(caller('application'), { recordId, field: 'last_name', kind: 'pairwise', audience }))
      .token;
  const opened = async (text: string): Promise<unknown> =>
    (await vault.openToken(caller('application'), text)).record.fields.last_name?.value;

  const shared = await token(a, 'partner');
  assert.equal(await token(b, 'partner'), shared);
  assert.notEqual(await token(a, 'other'), shared);

  await vault.erase(caller('dpo', 'legal.request'), a.subjectId);
  assert.equal(await opened(shared), 'Pairs');
  await vault.patch(caller('application'), { id: b, seen: 1, change: { fields: { last_name: 'Changed' } } });
  await assert.rejects(opened(shared), code('VAULT_TOKEN_UNKNOWN'));
});

test('a batch: each item has its own outcome, and one that fails undoes no other', async () => {
  const vault = await server();

  const first = await outcomes(vault, 'reject', [
    ['batch-1', { last_name: 'One' }],
    ['batch-1', { last_name: 'Again' }],
    ['batch-2', { last_name: 'Two', email: 'no address' }],
    ['batch-3', { email: 'three@example.org' }],
    ['batch-4', { last_name: 'Four', nickname: 'x' }],
    ['batch-5', { last_name: 'Five' }],
  ]);
  const five = await vault.findByExternalId(caller('application'), 'customer', 'batch-5');
  await vault.restrict(caller('dpo', 'legal.request'), five.subjectId, 'accuracy');
  const second = await outcomes(vault, 'update', [
    ['batch-1', { last_name: 'Eins' }],
    ['batch-5', { last_name: 'Fünf' }],
    ['batch-6', { last_name: 'Six' }],
  ]);

  const rejected = ['VAULT_DUPLICATE', 'VAULT_FIELD_INVALID', 'VAULT_FIELD_REQUIRED', 'VAULT_FIELD_UNKNOWN'];
  assert.deepEqual(first, ['created', ...rejected, 'created']);
  assert.deepEqual(second, ['updated', 'VAULT_RESTRICTED', 'created']);
  assert.deepEqual(await outcomes(vault, 'skip', [['batch-1', { last_name: 'No' }]]), ['skipped']);
  const one = await vault.findByExternalId(caller('application'), 'customer', 'batch-1');
  assert.equal(await valueOf(vault, one, 'last_name'), 'Eins');
});

test('a dry run says what would become of each item, and stores and logs nothing', async () => {
  const vault = await server();
  await put(vault, 'dry-1', { last_name: 'There' });
  const state = async () => [
    await place.db`select (select count(*) from vault.records) as records, (select count(*) from vault.unique_lookups) as uniques`,
    await vault.core.audit.size(),
  ];
  const before = await state();
  const items = [
    { subject: { externalId: 'dry-1' }, fields: { last_name: 'Again' } },
    { subject: { externalId: 'dry-2' }, fields: { last_name: 'New' } },
    { subject: { externalId: 'dry-2' }, fields: { last_name: 'Twice' } },
    { subject: { externalId: 'dry-3' }, fields: { email: 'no address' } },
  ];
  const seen = async (onDuplicate: 'reject' | 'skip' | 'update'): Promise<string[]> => {
    const put = await vault.put(caller('application'), { collection: 'customer', items, onDuplicate, dryRun: true });
    return put.outcomes.map((each) => (each.status === 'rejected' ? each.failure.code : each.status));
  };

  const wrong = ['VAULT_DUPLICATE', 'VAULT_FIELD_INVALID'];
  assert.deepEqual(await seen('reject'), ['VAULT_DUPLICATE', 'valid', ...wrong]);
  assert.deepEqual(await seen('skip'), ['skipped', 'valid', ...wrong]);
  assert.deepEqual(await seen('update'), ['valid', 'valid', ...wrong]);
  assert.deepEqual(await state(), before);
});

test('two servers storing one external id at once: one record', async () => {
  const servers = [await server(), await server()];

  const both = await Promise.all(servers.map((vault) => outcomes(vault, 'reject', [['race-1', { last_name: 'R' }]])));

  assert.deepEqual(both.flat().toSorted(), ['VAULT_DUPLICATE', 'created']);
});

test('a restricted subject is read for legal claims only, until the restriction is lifted', async () => {
  const vault = await server();
  const id = await put(vault, 'restrict-1', { last_name: 'Held' });
  await vault.restrict(caller('dpo', 'legal.request'), id.subjectId, 'claim');

  await assert.rejects(valueOf(vault, id, 'last_name'), code('VAULT_RESTRICTED'));
  const legal = await vault.read(caller('dpo', 'legal.request'), [id], { fields: ['last_name'] });
  assert.equal(legal.records[0]?.fields.last_name?.value, 'Held');

  await vault.restrict(caller('dpo', 'legal.request'), id.subjectId, null);
  assert.equal(await valueOf(vault, id, 'last_name'), 'Held');
});

test('who may not read is told the same of a record that is there and one that is not', async () => {
  const vault = await server();
  const id = await put(vault, 'oracle-1', { last_name: 'Here' });
  const nobody = { ...id, recordNo: id.recordNo ^ 1n };

  for (const each of [id, nobody]) {
    await assert.rejects(vault.read(caller('engineer'), [each], { fields: null }), code('VAULT_DENIED'));
  }
  await assert.rejects(vault.read(caller('application'), [nobody], { fields: null }), code('VAULT_NOT_FOUND'));
});

test('a search goes page by page, its cursor fits no other search, and a denied field cannot be asked', async () => {
  const vault = await server();
  for (let n = 0; n < 5; n += 1) await put(vault, `page-${n}`, { last_name: 'Pagewise', phone: '+14155550199' });
  const where = { last_name: 'PAGEWISE' };
  const ask = { collection: 'customer', where, fields: [], limit: 2 } as const;
  const ids = new Set<string>();

  let page = await vault.search(caller('application'), ask);
  const first = page.cursor;
  for (;;) {
    for (const { id } of page.records) ids.add(id);
    if (page.cursor === undefined) break;
    page = await vault.search(caller('application'), { ...ask, cursor: page.cursor });
  }

  assert.equal(ids.size, 5);
  const other = { ...ask, where: { last_name: 'other' }, ...(first === undefined ? {} : { cursor: first }) };
  await assert.rejects(vault.search(caller('application'), other), code('VAULT_CURSOR_INVALID'));
  const phone = { ...ask, where: { phone: '+14155550199' } };
  await assert.rejects(vault.search(caller('billing', 'service.billing'), phone), code('VAULT_DENIED'));
  const [logged] = await place.db<{ bytes: Buffer }[]>`select bytes from audit.entries order by index desc limit 1`;
  const entry = JSON.parse(String(logged?.bytes)) as Record<string, unknown> & { actor: { role: string } };
  assert.deepEqual(
    [entry.action, entry.outcome, entry.actor.role, entry.detail],
    ['vault.records.search', 'denied', 'billing', { by: ['phone'] }],
  );
});

test('what has expired is not read, and is taken away', async () => {
  const vault = await server();
  const id = await put(vault, 'expire-1', { last_name: 'Gone' });
  await place.db`update vault.records set expires_at = now() - interval '1 second' where subject_id = ${id.subjectId}`;

  await assert.rejects(valueOf(vault, id, 'last_name'), code('VAULT_NOT_FOUND'));
  assert.equal(await vault.sweep(), 1);
  const [row] = await place.db`select count(*)::int as n from vault.records where subject_id = ${id.subjectId}`;
  assert.equal(row?.n, 0);
});

test('a change on a version that is not the newest changes nothing', async () => {
  const vault = await server();
  const id = await put(vault, 'stale-1', { last_name: 'First' });
  const change = (name: string) => ({ id, seen: 1, change: { fields: { last_name: name } } });

  const both = await Promise.allSettled(['A', 'B'].map((name) => vault.patch(caller('application'), change(name))));

  assert.equal(both.filter((each) => each.status === 'fulfilled').length, 1);
  const lost = both.find((each) => each.status === 'rejected');
  assert.equal((lost?.reason as { code?: string } | undefined)?.code, 'VAULT_VERSION_STALE');
});

test('the vault and the catalogue mean the same classes, in the same order', () => {
  assert.deepEqual(VAULT_CLASSES, DATA_CLASSES);
});
