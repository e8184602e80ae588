import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { recordIdText, subjectIdText } from '#platform/ids';
import { parseCatalog } from '#practices/collection';

import { idempotency, once } from './idempotency.ts';
import { outcomeView, type PutAnswer } from './put.ts';
import { callerFor, doWork, putOne, testInstallation, type Installation } from './testing.ts';
import type { Vault } from './index.ts';

let place: Installation;
before(async () => {
  place = await testInstallation();
});
after(() => place.close());

const application = callerFor('application');
type Rows = readonly (readonly [externalId: string, fields: Record<string, unknown>])[];

/** A batch as its route runs it: under an idempotency key. */
async function update(vault: Vault, key: string, rows: Rows): Promise<Record<string, unknown>> {
  const items = rows.map(([externalId, fields]) => ({ subject: { externalId }, fields }));
  const kept = idempotency(vault.core, 'actor', key, items);
  const view = (put: PutAnswer) => ({
    status: 200,
    body: { results: put.outcomes.map(outcomeView), auditIndex: Number(put.auditIndex) },
  });
  const ask = { collection: 'customer', items, onDuplicate: 'update' } as const;
  const answer = await once(kept, async () =>
    view(
      await vault.put(application, {
        ...ask,
        remember: async (tx, made) => await kept?.keep(tx, view(made)),
      }),
    ),
  );
  return answer.body;
}

const statuses = (body: Record<string, unknown>): unknown[] =>
  (body.results as { status: string; version?: number; problem?: { code: string } }[]).map(
    ({ status, version, problem }) => problem?.code ?? `${status} ${version}`,
  );
const nameOf = async (vault: Vault, externalId: string): Promise<unknown> => {
  const id = await vault.findByExternalId(application, 'customer', externalId);
  return (await vault.read(application, [id], { fields: ['last_name'] })).records[0]?.fields.last_name?.value;
};

test('a batch of updates that is repeated with its key gets its answer, and undoes no change made since', async () => {
  const vault = await place.server();
  await putOne(vault, 're-1', { last_name: 'First' });
  const rows: Rows = [
    ['re-1', { last_name: 'Second' }],
    ['re-2', { last_name: 'New' }],
  ];

  const answer = await update(vault, 'key-of-batch', rows);
  await update(vault, 'key-of-another', [['re-1', { last_name: 'Third' }]]);
  const again = await update(await place.server(), 'key-of-batch', rows);

  assert.deepEqual(statuses(answer), ['updated 2', 'created 1']);
  assert.deepEqual(again, answer);
  assert.equal(await nameOf(vault, 're-1'), 'Third');
  await assert.rejects(update(vault, 'key-of-batch', [['re-1', { last_name: 'X' }]]), {
    code: 'VAULT_IDEMPOTENCY_KEY_REUSED',
  });
});

test('one batch that arrives twice at once is carried out once', async () => {
  const servers = [await place.server(), await place.server()];
  await putOne(servers[0] as Vault, 'twice-1', { last_name: 'First' });

  const both = await Promise.all(
    servers.map((vault) => update(vault, 'key-of-twice', [['twice-1', { last_name: 'Second' }]])),
  );

  assert.deepEqual(both[0], both[1]);
  assert.deepEqual(statuses(both[0] as Record<string, unknown>), ['updated 2']);
});

test('a record named twice in one batch is changed twice, in order; the log has one entry that verify agrees with', async () => {
  const vault = await place.server();
  await putOne(vault, 'order-1', { last_name: 'One' });
  const before = await vault.core.audit.size();

  const answer = await update(vault, 'key-of-order', [
    ['order-1', { last_name: 'Two' }],
    ['order-1', { last_name: 'Three' }],
  ]);

  assert.deepEqual(statuses(answer), ['updated 2', 'updated 3']);
  assert.equal((await vault.core.audit.size()) - before, 1);
  assert.equal(await nameOf(vault, 'order-1'), 'Three');
  const work = await doWork(vault, 'verify');
  const { changed, unknown, missing } = (work as NonNullable<typeof work>).result;
  assert.deepEqual({ changed, unknown, missing }, { changed: 0, unknown: 0, missing: 0 });
});

test('an update that would take a unique value is refused and leaves nothing; the others of its batch are made', async () => {
  const catalog = parseCatalog(
    place.catalogText.replace(/( {6}email:\n(?: {8}.*\n)*? {8})search: exact\n/, '$1search: {exact: {unique: true}}\n'),
  );
  const email = catalog.collections.get('customer')?.fields.get('email');
  assert.ok(email?.search.some((search) => search.kind === 'exact' && search.unique));
  const vault = await place.server({ catalog });
  for (const n of [1, 2, 3]) await putOne(vault, `uq-${n}`, { last_name: `U${n}`, email: `u${n}@unique.example` });

  const answer = await update(vault, 'key-of-unique', [
    ['uq-1', { email: 'u2@unique.example', last_name: 'Thief' }],
    ['uq-2', { last_name: 'U2', email: 'moved@unique.example' }],
    ['uq-3', { last_name: 'U3', email: 'u2@unique.example' }],
  ]);

  assert.deepEqual(statuses(answer), ['VAULT_NOT_UNIQUE', 'updated 2', 'updated 2']);
  assert.equal(await nameOf(vault, 'uq-1'), 'U1');
  const search = async (value: string) =>
    (await vault.search(application, { collection: 'customer', where: { email: value }, fields: [], limit: 9 })).records
      .length;
  assert.deepEqual(
    await Promise.all(['u1', 'u2', 'u3', 'moved'].map((name) => search(`${name}@unique.example`))),
    [1, 1, 0, 1],
  );
});

test('a new record that wants what a change of its batch takes is refused by itself, whichever comes first', async () => {
  const catalog = parseCatalog(
    place.catalogText.replace(/( {6}email:\n(?: {8}.*\n)*? {8})search: exact\n/, '$1search: {exact: {unique: true}}\n'),
  );
  const vault = await place.server({ catalog });
  await putOne(vault, 'both-1', { last_name: 'B1', email: 'both1@unique.example' });

  const changed = await update(vault, 'key-of-both-1', [
    ['both-1', { last_name: 'B1', email: 'wanted@unique.example' }],
    ['both-2', { last_name: 'B2', email: 'wanted@unique.example' }],
    ['both-3', { last_name: 'B3', email: 'both3@unique.example' }],
  ]);
  const begun = await update(vault, 'key-of-both-2', [
    ['both-4', { last_name: 'B4', email: 'other@unique.example' }],
    ['both-1', { last_name: 'B1', email: 'other@unique.example' }],
  ]);

  assert.deepEqual(statuses(changed), ['updated 2', 'VAULT_NOT_UNIQUE', 'created 1']);
  assert.deepEqual(statuses(begun), ['VAULT_NOT_UNIQUE', 'updated 3']);
});

test('a record is not changed by who names it as another subject', async () => {
  const vault = await place.server();
  const [mine, other] = [
    await putOne(vault, 'whose-1', { last_name: 'Mine' }),
    await putOne(vault, 'whose-2', { last_name: 'Other' }),
  ];
  const items = [
    { subject: { externalId: 'whose-1', id: subjectIdText(other.subjectId) }, fields: { last_name: 'X' } },
  ];

  for (const onDuplicate of ['update', 'skip', 'reject'] as const) {
    const [outcome] = (await vault.put(application, { collection: 'customer', items, onDuplicate })).outcomes;
    assert.equal(outcome?.status === 'rejected' && outcome.failure.code, 'VAULT_DUPLICATE', onDuplicate);
  }
  const own = [{ subject: { externalId: 'whose-1', id: subjectIdText(mine.subjectId) }, fields: { last_name: 'Y' } }];
  const [changed] = (await vault.put(application, { collection: 'customer', items: own, onDuplicate: 'update' }))
    .outcomes;

  assert.equal(changed?.status, 'updated');
  assert.equal(await nameOf(vault, 'whose-1'), 'Y');
});

test('two servers that update the same subjects in opposite order both come through, and no change is lost', async () => {
  const servers = [await place.server(), await place.server()];
  const names = Array.from({ length: 12 }, (_, n) => `cross-${n}`);
  const ids = [];
  for (const name of names) ids.push(await putOne(servers[0] as Vault, name, { last_name: 'Start' }));

  const rounds = Array.from({ length: 4 }, (_, round) =>
    servers.map((vault, s) =>
      update(
        vault,
        `key-cross-${round}-${s}`,
        (s === 0 ? names : names.toReversed()).map((name) => [
          name,
          { last_name: `L${s}`, [s === 0 ? 'city' : 'state']: `V${round}` },
        ]),
      ),
    ),
  );
  const answers = await Promise.all(rounds.flat());

  for (const answer of answers) assert.ok(statuses(answer).every((status) => String(status).startsWith('updated')));
  const read = await (servers[0] as Vault).read(callerFor('application', 'legal.request'), ids, { fields: null });
  for (const record of read.records) assert.equal(record.version, 9, record.id);
  assert.deepEqual(
    read.records.map(({ id }) => id),
    ids.map(recordIdText),
  );
});
