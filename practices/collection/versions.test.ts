/** Versions of the catalogue on a database: proposed, approved by another, active on every server, and never half. */
import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { createAudit, type Audit } from '#platform/audit';
import { migrate, transact, type Db } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { freshDatabase } from '#platform/testing';
import type { Actor } from '#practices/access';

import { takeInFile, type FromFile } from './catalog-file.ts';
import { createCatalogVersions, type CatalogVersions, type LogVersion } from './catalog-versions.ts';
import type { CatalogPart } from './diff-catalogs.ts';
import { versionEvent } from './http/versions.ts';
import { openLiveCatalog, type LiveCatalog } from './live-catalog.ts';
import { NO_COUNTS } from './retention/counting.ts';
import { claimRun, findRun, insertRun, setRunState, stopRun } from './store/runs.ts';

const ROOT = new URL('../../', import.meta.url);
const FIRST = `schema: strongroom/catalog/1
purposes: {service: {title: Service, legalBasis: contract}}
collections:
  customer:
    title: Customers
    owner: sales
    externalId: {name: id}
    retention: {after: record.created, for: P2Y}
    fields:
      email: {type: email, class: personal, purposes: [service]}
`;
/** The first one with more fields: each call is another meaning. */
const withField = (name: string, more = ''): string =>
  FIRST.replace(
    '      email:',
    `      ${name}: {type: text, class: internal, purposes: [service]${more}}\n      email:`,
  );

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let db: Db;
let audit: Audit;
let servers: { live: LiveCatalog; versions: CatalogVersions }[];
let stored: CatalogPart[] = [];
let reindexed = 0;
let people = false;

const person = (id: string, of?: string): Actor => ({
  kind: 'service', id, name: id, role: 'dpo', scope: { purposes: [], classes: [], collections: [] }, expiresAt: null, person: of,
}); // prettier-ignore
const [ada, bea] = [person('key_a', 'per_a'), person('key_b', 'per_b')];
const log =
  (verb: string): LogVersion =>
  (tx, version, more) =>
    audit.appendIn(tx, versionEvent(verb, { kind: 'service', id: 'x' }, version, { more }));
const start = (text: string | null, empty = false): Promise<FromFile> =>
  takeInFile({
    db, clock: () => new Date(), file: 'catalog.yaml', readText: () => Promise.resolve(text), example: () => Promise.resolve(FIRST),
    isEmpty: () => Promise.resolve(empty), log: (tx, verb, version) => log(verb)(tx, version, {}),
  }); // prettier-ignore

before(async () => {
  fresh = await freshDatabase();
  db = fresh.db;
  await migrate(db, ['platform/audit', 'practices/collection'].map((folder) => ({ schema: folder.split('/')[1] as string, folder: new URL(`${folder}/sql/`, ROOT) }))); // prettier-ignore
  audit = createAudit({
    db, clock: () => new Date(), signer: { name: 'test', privateKey: generateKeyPairSync('ed25519').privateKey }, node: 'node_test',
    pseudonymKey: createSecretKey(randomBytes(32)), sealPersonal: async (_id, bytes) => await Promise.resolve(bytes),
  }); // prettier-ignore
  await assert.rejects(openLiveCatalog(db), { code: 'COLLECTION_NO_CATALOG' });
  await assert.rejects(start('nonsense'), { code: 'COLLECTION_CATALOG_INVALID' });
  // two servers start at once on an empty database: one of them puts the first version there
  const began = await Promise.all([start(FIRST), start(FIRST)]);
  assert.deepEqual(began.map(({ did }) => did).toSorted(), ['began', 'nothing']);
  servers = await Promise.all(
    [0, 1].map(async () => {
      const live = await openLiveCatalog(db);
      const versions = createCatalogVersions({
        db, clock: () => new Date(), live, arePeople: () => Promise.resolve(people),
        storedParts: (_tx, parts) => Promise.resolve(parts.filter((part) => stored.some((one) => one.collection === part.collection && one.field === part.field))),
        beginReindex: () => Promise.resolve(`work_${(reindexed += 1)}`),
      }); // prettier-ignore
      return { live, versions };
    }),
  );
});
after(() => fresh.close());

const on = (server: number) => servers[server] as { live: LiveCatalog; versions: CatalogVersions };
const propose = async (document: string, by = ada) =>
  (await on(0).versions.propose(by, { document, note: 'a test', basedOn: null }, log('propose'))).version;
async function adopt(document: string): Promise<{ id: string; indexWork: string | null }> {
  const { id, hash } = await propose(document);
  await on(0).versions.approve(bea, id, hash, log('approve'));
  return { id, indexWork: (await on(0).versions.activate(ada, id, log('activate'))).indexWork };
}
const logged = async (count: number): Promise<Record<string, unknown>[]> =>
  (await audit.read((await audit.size()) - count, await audit.size())).map(({ bytes }) => JSON.parse(bytes.toString()) as Record<string, unknown>); // prettier-ignore

test('what another approved holds at the next request on every server; the log has each step with its hash', async () => {
  const { id, hash } = await propose(withField('one'));
  await assert.rejects(on(0).versions.activate(ada, id, log('activate')), { code: 'COLLECTION_VERSION_STATE' });
  await on(0).versions.approve(bea, id, hash, log('approve'));
  await on(1).live.refresh();
  assert.equal(on(1).live.current().collections.get('customer')?.fields.has('one'), false);
  const prepared: string[] = [];
  on(1).live.beforeUse((catalog) => Promise.resolve(void prepared.push(catalog.version)));

  await on(0).versions.activate(ada, id, log('activate'));

  assert.equal(on(0).live.current().version, hash);
  const questions = Array.from({ length: 20 }, () => on(1).live.refresh());
  await Promise.all(questions);
  assert.equal(on(1).live.current().version, hash);
  assert.equal(on(1).live.versionId(), id);
  assert.deepEqual(prepared, [hash], 'numbers are there before it is worked by, once');
  const entries = await logged(3);
  assert.deepEqual(
    entries.map(({ action }) => action),
    ['collection.catalog.propose', 'collection.catalog.approve', 'collection.catalog.activate'],
  );
  for (const { detail } of entries) assert.equal((detail as { hash: string }).hash, hash);
  assert.deepEqual((await on(1).versions.list()).map(({ state }) => state), ['active', 'retired']); // prettier-ignore
});

test('nobody approves their own, whichever key they use; nor a key that nobody stands behind, once there are people', async () => {
  const { id, hash } = await propose(withField('own'));
  const approve = (by: Actor, of = hash) => on(0).versions.approve(by, id, of, log('approve'));

  await assert.rejects(approve(ada), { code: 'COLLECTION_SELF_APPROVAL' });
  await assert.rejects(approve(person('key_other', 'per_a')), { code: 'COLLECTION_SELF_APPROVAL' });
  people = true;
  await assert.rejects(approve(person('key_none')), { code: 'COLLECTION_PERSON_NEEDED' });
  people = false;
  await approve(person('key_none'));
  await assert.rejects(approve(bea), { code: 'COLLECTION_VERSION_STATE' }, 'each step once');
});

test('an approval is for what was looked at: the hash of another version approves nothing', async () => {
  const [one, two] = [await propose(withField('left')), await propose(withField('right'))];

  await assert.rejects(on(0).versions.approve(bea, two.id, one.hash, log('approve')), { code: 'COLLECTION_CATALOG_CHANGED' }); // prettier-ignore
  await assert.rejects(db`update collection.catalog_versions set document = ${FIRST}, hash = sha256('x') where version_id = (select version_id from collection.catalog_versions order by version_id desc limit 1)`); // prettier-ignore
  await assert.rejects(db`delete from collection.catalog_versions`, /kept for ever/);
});

test('of two officers who edit one version the second is refused, and does not undo the first', async () => {
  const basedOn = on(0).live.versionId();
  const [one, two] = [await propose(withField('mine')), await propose(withField('yours'), bea)];
  for (const each of [one, two])
    await on(0).versions.approve(each === one ? bea : ada, each.id, each.hash, log('approve'));

  const outcomes = await Promise.allSettled([
    on(0).versions.activate(ada, one.id, log('activate')),
    on(1).versions.activate(bea, two.id, log('activate')),
  ]);

  assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  const refused = outcomes.find((each) => each.status === 'rejected') as PromiseRejectedResult;
  assert.equal((refused.reason as { code: string }).code, 'COLLECTION_CATALOG_STALE');
  const late = { document: withField('late'), note: 'a test', basedOn };
  await assert.rejects(on(1).versions.propose(ada, late, log('propose')), { code: 'COLLECTION_CATALOG_STALE' });
  const same = { document: `# again\n${(await on(0).versions.get('active')).document}`, note: 'a test', basedOn: null };
  await assert.rejects(on(1).versions.propose(ada, same, log('propose')), { code: 'COLLECTION_CATALOG_SAME' });
});

test('what would orphan something stored is refused; what nothing is stored of may go', async () => {
  await adopt(withField('held', ', search: exact'));
  const { id, hash } = await propose(FIRST);
  await on(0).versions.approve(bea, id, hash, log('approve'));
  stored = [{ collection: 'customer', field: 'held' }];
  await assert.rejects(
    on(0).versions.activate(ada, id, log('activate')),
    (thrown: Error & { code: string; extra: { changes: { path: string }[] } }) =>
      thrown.code === 'COLLECTION_CATALOG_ORPHANS' &&
      thrown.extra.changes[0]?.path === 'collections.customer.fields.held',
  );

  stored = [];
  const before = reindexed;
  const { indexWork } = await on(0).versions.activate(ada, id, log('activate'));

  assert.equal(indexWork, `work_${before + 1}`, 'the index of the field that went is taken away');
  assert.equal((await adopt(withField('plain'))).indexWork, null);
});

test('an activation that is cut off left nothing: no version, no index work, no entry', async () => {
  const { id, hash } = await propose(withField('cut', ', search: exact'));
  await on(0).versions.approve(bea, id, hash, log('approve'));
  const [size, active] = [await audit.size(), on(0).live.versionId()];

  const cut: LogVersion = async (tx, version, more) => {
    await log('activate')(tx, version, more);
    throw new Error('the server was killed');
  };
  await assert.rejects(on(0).versions.activate(ada, id, cut), /killed/);

  await on(0).live.refresh();
  assert.deepEqual([await audit.size(), on(0).live.versionId()], [size, active]);
  await on(0).versions.activate(ada, id, log('activate'));
  assert.equal(on(0).live.versionId(), id);
});

test('no version becomes active under a writer, and no writer goes on under a version that does not hold', async () => {
  const { id, hash } = await propose(withField('race'));
  await on(0).versions.approve(bea, id, hash, log('approve'));
  const order: string[] = [];
  let activated: Promise<unknown> = Promise.resolve();

  await on(1).live.refresh();
  await transact(db, async (tx) => {
    assert.equal(await on(1).live.hold(tx), true);
    activated = on(0)
      .versions.activate(ada, id, log('activate'))
      .then(() => order.push('activated'));
    for (let n = 0; n < 20; n += 1) await tx`select 1`;
    order.push('written');
  });
  await activated;

  assert.deepEqual(order, ['written', 'activated']);
  assert.equal(await transact(db, (tx) => on(1).live.hold(tx)), false, 'the other server has not heard of it');
  await on(1).live.refresh();
  assert.equal(await transact(db, (tx) => on(1).live.hold(tx)), true);
});

test('a file changed on disk is a proposal; a broken one changes nothing; one that is known is nothing new', async () => {
  const active = on(0).live.versionId();
  const changed = withField('disk');

  const proposed = await start(changed, true);
  assert.equal(proposed.did, 'proposed', 'somebody proposed versions here: an empty vault makes no difference');
  assert.equal((await start(changed)).did, 'nothing');
  assert.equal((await start(FIRST)).did, 'nothing', 'an old file does not take the newer version back');
  assert.equal((await start('a: [')).did, 'refused');
  assert.equal((await start(null)).did, 'nothing');
  await on(0).live.refresh();
  assert.equal(on(0).live.versionId(), active);

  const { id, hash } = (proposed as { version: { id: string; hash: string } }).version;
  await on(0).versions.approve(ada, id, hash, log('approve'));
  await on(0).versions.activate(ada, id, log('activate'));
  assert.equal(on(0).live.current().version, hash);
});

test('while nothing is stored and nobody has proposed anything, the file is the catalogue', async () => {
  const other = await freshDatabase();
  await migrate(other.db, [{ schema: 'collection', folder: new URL('practices/collection/sql/', ROOT) }]);
  const begin = (text: string, empty: boolean) =>
    takeInFile({
      db: other.db, clock: () => new Date(), file: 'f', readText: () => Promise.resolve(text), example: () => Promise.resolve(''),
      isEmpty: () => Promise.resolve(empty), log: () => Promise.resolve(),
    }); // prettier-ignore
  await begin(FIRST, true);
  const live = await openLiveCatalog(other.db);

  assert.equal((await begin(withField('next'), true)).did, 'took over');
  await live.refresh();
  assert.equal(live.current().collections.get('customer')?.fields.has('next'), true);
  assert.equal((await begin(withField('later'), false)).did, 'proposed');
  await other.close();
});

test('a run of retention that was cancelled between being claimed and being begun stays cancelled', async () => {
  const [runId, at] = [uuidv7(Date.now()), new Date()];
  const state = async () => (await findRun(db, runId))?.state;
  await insertRun(db, { run_id: runId, requested_by: 'x', as_of: at, rule_hash: 'r', plan_hash: 'p', plan: NO_COUNTS });
  await db`update collection.retention_runs set state = 'planned' where run_id = ${runId}`;
  await setRunState(db, runId, 'approved', at);
  assert.equal(await state(), 'approved');

  await stopRun(db, runId, { state: 'cancelled', refused: null, at });
  await setRunState(db, runId, 'running', at);

  assert.equal(await state(), 'cancelled');
});

test('a run of retention that a server had while its clock ran ahead goes on elsewhere, and one that somebody has does not', async () => {
  const [runId, at] = [uuidv7(Date.now()), new Date()];
  await insertRun(db, { run_id: runId, requested_by: 'x', as_of: at, rule_hash: 'r', plan_hash: 'p', plan: NO_COUNTS });
  const claimed = async () => (await claimRun(db, 6000, []))?.run_id;
  await db`update collection.retention_runs set updated_at = now() + interval '1 day' where run_id = ${runId}`;

  assert.equal(await claimed(), runId);
  assert.equal(await claimed(), undefined);
  await stopRun(db, runId, { state: 'cancelled', refused: null, at });
});
