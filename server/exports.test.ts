/** Exports for analysis on two whole servers: what leaves, what is refused, what is written meanwhile, what is paid. */
import assert from 'node:assert/strict';
import { writeFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { childEnvironment, readConfig } from '#platform/config';
import { openDb, type Db } from '#platform/db';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { parseSubjectId, type SubjectId } from '#platform/ids';
import { createExports, type Exports } from '#practices/collection';
import { maskValue } from '#practices/vault';

import { composeSystem, type System } from './compose.ts';
import { callsTo, type Answer, type Json } from './testing.ts';
import { MIGRATIONS } from './migrations.ts';

const CATALOG = `schema: strongroom/catalog/1
purposes:
  service: {title: Serving, legalBasis: contract}
  analytics: {title: Learning, legalBasis: legitimate-interest}
  health: {title: Research, legalBasis: consent, art9: research-archive}
recipients: {university: {title: The university, country: DE}}
collections:
  patient:
    title: Patients
    owner: research
    externalId: {name: patient_id}
    retention: {after: record.created, for: P2Y}
    fields:
      name: {type: name, class: personal, purposes: [service, analytics], required: true}
      email: {type: email, class: personal, purposes: [service, analytics], recipients: [university]}
      born: {type: date, class: personal, purposes: [analytics], recipients: [university]}
      area: {type: postcode, class: personal, purposes: [analytics], recipients: [university]}
      income: {type: integer, class: internal, purposes: [analytics]}
      illness: {type: choice, class: personal, values: [flu, asthma, none], purposes: [analytics], recipients: [university]}
`;
const PEOPLE = 60;
const ILLNESSES = ['flu', 'asthma', 'none'] as const;
/** 58 live in two areas and were born in two years; two are alone where they are. */
const person = (n: number) => ({
  name: `Zzname ${n}`,
  email: `zzmail${n}@example.org`,
  born: n < 58 ? `${1980 + (n % 2)}-0${1 + (n % 9)}-11` : `19${20 + n}-01-01`,
  area: n < 58 ? `7613${n % 2}` : '99999',
  income: 1000 * n,
  illness: ILLNESSES[n % 3] as string,
});

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let systems: System[];
let call: ReturnType<typeof callsTo>;
const keys = new Map<string, string>();
const subjects: string[] = [];

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-exports-'));
  await writeFile(join(home, 'catalog.yaml'), CATALOG);
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const config = readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent' });
  systems = [await composeSystem(config, createLog('silent'))];
  systems.push(await composeSystem(config, createLog('silent')));
  call = callsTo(await Promise.all(systems.map(({ http }) => http.listen({ host: '127.0.0.1', port: 0 }))));
  keys.set('admin', (await readFile(join(home, 'admin.key'), 'utf8')).trim());
  for (const name of ['application', 'dpo', 'dpo2', 'analyst', 'auditor'])
    keys.set(name, (await as('admin', 'POST', '/v1/access/keys', { name, role: name.replace('2', '') })).body['key']);
  const people = Array.from({ length: PEOPLE }, (_, n) => ({ fields: person(n) }));
  const { body } = await call('POST', '/v1/vault/records/batch', { key: keys.get('application') as string, body: { collection: 'patient', records: people } }); // prettier-ignore
  for (const { subjectId } of body['results'] as { subjectId: string }[]) subjects.push(subjectId);
  // a second record of the first person, elsewhere
  await call('POST', '/v1/vault/records', { key: keys.get('application') as string, body: { collection: 'patient', subject: { id: subjects[0] }, fields: { ...person(1), income: 7 } } }); // prettier-ignore
});
after(async () => {
  for (const system of systems) await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

const as = (role: string, method: string, path: string, body?: object, server = 0): Promise<Answer> =>
  call(method, path, { key: keys.get(role) as string, server, ...(body === undefined ? {} : { body }) });
const EXPORTS = '/v1/collection/exports';
const records = (name: string, fields: object, more: object = {}) => ({
  name, kind: 'records', collection: 'patient', purpose: 'analytics', recipient: { name: 'desk', where: 'inside' }, fields, ...more,
}); // prettier-ignore
/** Proposed by one, approved by another. */
async function approved(profile: object): Promise<string> {
  const proposed = await as('dpo', 'POST', `${EXPORTS}/profiles`, profile);
  assert.equal(proposed.status, 201, JSON.stringify(proposed.body));
  const { id, hash } = proposed.body as { id: string; hash: string };
  const { status, body } = await as('dpo2', 'POST', `${EXPORTS}/profiles/${id}/approve`, { hash });
  assert.equal(status, 200, JSON.stringify(body));
  return id;
}
/** @returns the lines that left, or the answer that refused */
async function run(
  id: string,
  role = 'dpo',
  server = 0,
): Promise<Readonly<{ lines: Json[]; text: string; run: string }>> {
  const response = await fetch(`${call === undefined ? '' : urlOf(server)}${EXPORTS}/profiles/${id}/run`, { method: 'POST', headers: { authorization: `Bearer ${keys.get(role)}` } }); // prettier-ignore
  const text = await response.text();
  if (response.status !== 200) throw Object.assign(new Error(text), JSON.parse(text) as object);
  const lines = text.split('\n').filter((line) => line !== '');
  return { lines: lines.map((line) => JSON.parse(line) as Json), text, run: String(response.headers.get('strongroom-export')) }; // prettier-ignore
}
const urlOf = (server: number): string => {
  const address = (systems[server] as System).http.server.address() as { port: number };
  return `http://127.0.0.1:${address.port}`;
};
const logged = async (action: string): Promise<Json[]> => {
  const { audit } = systems[0] as System;
  const entries = await audit.read(0, await audit.size());
  return entries.map(({ bytes }) => JSON.parse(bytes.toString()) as Json).filter((entry) => entry['action'] === action);
};
const command = (role: string, args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((resolve) => {
    const environment = childEnvironment({ STRONGROOM_URL: urlOf(1), STRONGROOM_KEY: keys.get(role) as string });
    const path = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
    const child = execFile(process.execPath, [path, 'collection', ...args], { env: environment }, (_, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
const reportOf = async (id: string): Promise<Json> =>
  ((await as('auditor', 'GET', `${EXPORTS}/runs`)).body['runs'] as Json[]).find((each) => each['id'] === id) as Json;

const RESEARCH = {
  '@subject': { as: 'pseudonym' },
  born: { as: 'coarsen', role: 'quasi', steps: ['month', 'year', 'decade'] },
  area: { as: 'clear', role: 'quasi', steps: ['prefix:3'] },
  illness: { as: 'clear', role: 'sensitive' },
};

test('a profile is approved by another, exactly as it was proposed; before that, and once retired, nothing leaves by it', async () => {
  const { body: proposed } = await as(
    'dpo',
    'POST',
    `${EXPORTS}/profiles`,
    records('first', { illness: { as: 'mask' } }),
  );
  const approve = (role: string, hash: string): Promise<Answer> =>
    as(role, 'POST', `${EXPORTS}/profiles/${proposed['id']}/approve`, { hash });

  await assert.rejects(run(proposed['id']), { code: 'COLLECTION_EXPORT_PROFILE_STATE' });
  assert.equal((await approve('dpo', proposed['hash'])).body['code'], 'COLLECTION_SAME_PERSON');
  assert.equal((await approve('dpo2', 'f'.repeat(64))).body['code'], 'COLLECTION_EXPORT_PROFILE_STATE');
  assert.equal((await approve('analyst', proposed['hash'])).status, 403);
  assert.equal((await approve('dpo2', proposed['hash'])).body['state'], 'approved');
  assert.equal((await run(proposed['id'], 'dpo', 1)).lines.length, PEOPLE + 1);

  const again = await approved(records('first', { illness: { as: 'clear' } }));
  await assert.rejects(
    run(proposed['id']),
    { code: 'COLLECTION_EXPORT_PROFILE_STATE' },
    'the one before it is retired',
  );
  await as('dpo', 'POST', `${EXPORTS}/profiles/${again}/retire`);
  await assert.rejects(run(again), { code: 'COLLECTION_EXPORT_PROFILE_STATE' });
  const wrong = await as('dpo', 'POST', `${EXPORTS}/profiles`, records('outside', { income: { as: 'clear' } }, { recipient: { name: 'university', where: 'outside' } })); // prettier-ignore
  assert.equal(wrong.body['code'], 'COLLECTION_EXPORT_PROFILE_INVALID');
});

test('every group that leaves has k people and l values; the rest is left out within the budget, and the report says so', async () => {
  const id = await approved(records('research', RESEARCH, { k: 5, l: 2, maxSuppressedPercent: 10, recipient: { name: 'university', where: 'outside' } })); // prettier-ignore
  const { lines, text, run: runId } = await run(id);

  const groups = new Map<string, { people: Set<string>; values: Set<string> }>();
  for (const row of lines) {
    const key = JSON.stringify([row['born'], row['area']]);
    const group = groups.get(key) ?? { people: new Set<string>(), values: new Set<string>() };
    group.people.add(row['@subject']);
    group.values.add(row['illness']);
    groups.set(key, group);
  }
  const k = Math.min(...[...groups.values()].map(({ people }) => people.size));
  const l = Math.min(...[...groups.values()].map(({ values }) => values.size));
  assert.ok(k >= 5 && l >= 2);
  assert.equal(lines.length, PEOPLE - 2, 'the two who are alone are left out');
  assert.doesNotMatch(text, /Zzname|zzmail|99999/);
  assert.deepEqual(Object.keys(lines[0] as Json), Object.keys(RESEARCH), 'in the order of the profile');
  const { report, state } = await reportOf(runId);
  assert.equal(state, 'sent');
  assert.deepEqual(report, {
    records: PEOPLE, suppressed: 2, further: 1, generalised: { born: 'year', area: 'exact' },
    measured: { rows: PEOPLE - 2, groups: groups.size, k, l: { illness: l } }, sha256: createHash('sha256').update(text).digest('hex'),
  }); // prettier-ignore
  // rows are not in the order of the people, which would join two files row by row
  const again = await run(id, 'dpo', 1);
  const order = (rows: readonly Json[]): string => rows.map((row) => row['@subject']).join();
  assert.notEqual(order(again.lines), order(lines));
  assert.deepEqual(
    again.lines.map((row) => String(row['@subject'])).toSorted(),
    lines.map((row) => String(row['@subject'])).toSorted(),
  );
  const [entry] = (await logged('collection.export.run')).filter(({ detail }) => detail.run === runId);
  assert.equal(entry?.['detail'].k, k);
  const opened = (await logged('vault.export')).filter(({ detail }) => detail.export === runId);
  assert.deepEqual(opened[0]?.['detail'].clear, ['area', 'illness']);
  assert.deepEqual(opened[0]?.['detail'].masked, ['born'], 'what leaves coarse does not leave in clear');

  const other = await run(await approved(records('desk', { '@subject': { as: 'pseudonym' }, email: { as: 'pseudonym' } }))); // prettier-ignore
  const known = new Set(lines.map((row) => row['@subject'] as string));
  assert.ok(
    other.lines.every((row) => !known.has(row['@subject'])),
    'two recipients cannot join what they have',
  );
  assert.equal(new Set(other.lines.map((row) => row['@subject'])).size, PEOPLE);
});

test('many records of one person are one person: a group of them alone is no group', async () => {
  const { body } = await call('POST', '/v1/vault/records', { key: keys.get('application') as string, body: { collection: 'patient', fields: { ...person(3), area: '11111', born: '1950-01-01' } } }); // prettier-ignore
  const extra = Array.from({ length: 5 }, (_, n) => ({ subject: { id: body['subjectId'] }, fields: { ...person(n), area: '11111', born: '1950-01-01' } })); // prettier-ignore
  await call('POST', '/v1/vault/records/batch', { key: keys.get('application') as string, body: { collection: 'patient', records: extra } }); // prettier-ignore
  const { '@subject': _, ...fields } = RESEARCH;
  const { lines, run: runId } = await run(
    await approved(records('everyone', fields, { k: 5, maxSuppressedPercent: 15 })),
  );

  assert.ok(lines.every(({ area }) => area !== '11111'));
  assert.equal((await reportOf(runId))['report'].suppressed, 8);
  assert.equal((await as('dpo', 'DELETE', `/v1/vault/subjects/${body['subjectId']}`)).status, 200);
});

test('where more would have to be left out than is allowed, and where the policies do not let a field leave, nothing does', async () => {
  const strict = await approved(records('strict', RESEARCH, { k: 200, maxSuppressedPercent: 10 }));
  await assert.rejects(run(strict), { code: 'COLLECTION_EXPORT_NOT_ANONYMOUS', allowed: 6 });
  const whole = await approved(records('whole', { illness: { as: 'clear' } }));
  await assert.rejects(run(whole, 'analyst'), { code: 'COLLECTION_EXPORT_FIELD_DENIED', fields: ['illness'] });
  await assert.rejects(run(await approved(records('coarse', { born: { as: 'coarsen', steps: ['year'] } })), 'analyst'), { code: 'COLLECTION_EXPORT_FIELD_DENIED' }); // prettier-ignore
  await assert.rejects(run(whole, 'application'), { code: 'ACCESS_DENIED' });
  const masks = await run(await approved(records('masks', { name: { as: 'mask' }, income: { as: 'coarsen', steps: ['range:10000'] } })), 'analyst'); // prettier-ignore
  const rich = masks.lines.filter(({ income }) => income === '[50000,60000)');
  assert.equal(rich.length, 10);
  for (const row of rich) assert.match(row['name'], /^Z••• .?•••$/);

  const refused = (await logged('collection.export.run')).filter(({ outcome }) => outcome === 'denied');
  assert.deepEqual(refused.map(({ detail }) => detail.code), ['COLLECTION_EXPORT_NOT_ANONYMOUS', 'COLLECTION_EXPORT_FIELD_DENIED', 'COLLECTION_EXPORT_FIELD_DENIED']); // prettier-ignore
  const states = ((await as('auditor', 'GET', `${EXPORTS}/runs`)).body['runs'] as Json[]).map(({ state, refused: because }) => [state, because]); // prettier-ignore
  assert.deepEqual(states.slice(0, 3), [['sent', null], ['refused', 'COLLECTION_EXPORT_FIELD_DENIED'], ['refused', 'COLLECTION_EXPORT_FIELD_DENIED']]); // prettier-ignore
});

/** Exports of the first server, with a spool that the test can look into. */
function withOpenSpool(): Readonly<{ exports: Exports; spool: () => Db }> {
  const { vault, audit, identity, clock, collection } = systems[0] as System;
  const opened: Db[] = [];
  const exports = createExports({
    db: fresh.db, audit, clock, catalog: collection.catalog.current, vault, mask: maskValue, arePeople: identity.people.areThere, pseudonymKey: Buffer.alloc(32, 9),
    openSpool: () => {
      const db = openDb(fresh.url, { connections: 1 });
      opened.push(db);
      return db;
    },
  }); // prettier-ignore
  return { exports, spool: () => opened.at(-1) as Db };
}
const asking = async (role = 'dpo') => {
  const actor = await (systems[0] as System).access.authenticate(keys.get(role));
  return { actor, requestId: 'test', renew: () => Promise.resolve(actor), stopped: () => false };
};

test('what waits in the database is sealed or a HMAC, and is gone with its connection', async () => {
  const { exports, spool } = withOpenSpool();
  const id = await approved(records('looked-into', { ...RESEARCH, name: { as: 'clear', role: 'sensitive' } }, { k: 2, maxSuppressedPercent: 10 })); // prettier-ignore
  const ready = await exports.run(await asking(), id);

  const [looked] = await spool()<{ text: string; rows: number }[]>`
    select (select string_agg(convert_from(decode(replace(encode(person || sealed, 'hex'), '00', '01'), 'hex'), 'latin1'), '') from export_leaving) as text,
      (select count(*)::int from export_leaving) as rows`;
  assert.equal(looked?.rows, PEOPLE - 2);
  assert.doesNotMatch(looked.text, /Zzname|76130|asthma/);
  const durable = await fresh.db<{ found: number }[]>`select count(*)::int as found from pg_class where relname like 'export\\_%' and relpersistence <> 't' and relkind = 'r'`; // prettier-ignore
  assert.equal(durable[0]?.found, 3, 'profiles, runs, and who asked to be let export');
  // two at once on one server; the connection of the second is lost, as when its server is killed
  const second = await exports.run(await asking(), id);
  await assert.rejects(exports.run(await asking(), id), { code: 'COLLECTION_EXPORT_BUSY' });
  const stateOf = async (): Promise<unknown> => (await reportOf(second.id))['state'];
  assert.equal(await stateOf(), 'sending');
  await fresh.db`select pg_terminate_backend(pid) from pg_stat_activity where pid = ${(await spool()`select pg_backend_pid() as pid`)[0]?.['pid'] as number}`;
  for (let n = 0; n < 100 && (await stateOf()) !== 'cut'; n += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await stateOf(), 'cut');
  await assert.rejects(Array.fromAsync(second.lines), 'what waited is gone');
  await ready.close();
  await assert.rejects(Array.fromAsync(ready.lines));
});

test('who may less at the next page than at the first is refused there, and nothing leaves', async () => {
  const { exports } = withOpenSpool();
  const id = await approved(records('demoted', { illness: { as: 'clear' } }));
  const [dpo, analyst] = [await asking('dpo'), await asking('analyst')];
  let times = 0;
  const renew = (): ReturnType<typeof dpo.renew> => Promise.resolve((times += 1) === 1 ? dpo.actor : analyst.actor);

  await assert.rejects(exports.run({ ...dpo, renew }, id), { code: 'VAULT_DENIED', message: /illness/ });
  assert.equal((await logged('vault.export')).at(-1)?.['outcome'], 'denied');
  assert.equal((await exports.runs())[0]?.refused, 'VAULT_DENIED');
});

test('who is erased after the export was made ready is not in what leaves: it ends, and says so', async () => {
  const { exports } = withOpenSpool();
  const id = await approved(records('late', { name: { as: 'clear' } }));
  const ready = await exports.run(await asking(), id);
  assert.equal((await as('dpo', 'DELETE', `/v1/vault/subjects/${subjects[40]}`)).status, 200);

  await assert.rejects(Array.fromAsync(ready.lines), { code: 'COLLECTION_EXPORT_CUT' });
  assert.equal((await reportOf(ready.id))['state'], 'cut');
  assert.equal((systems[0] as System).vault.core.catalog().collections.size, 1);
  assert.equal((await (systems[0] as System).vault.retention.living([parseSubjectId(subjects[40] as string) as SubjectId])).size, 0); // prettier-ignore
});

const counting = (name: string, more: object = {}) => ({
  name, kind: 'counts', collection: 'patient', purpose: 'analytics', recipient: { name, where: 'inside' },
  dimensions: { illness: {}, born: { step: 'year', values: ['1980', '1981'] }, area: { step: 'prefix:3', values: ['761'] } }, budgetMilli: 1000, maxEpsilonMilli: 1000, ...more,
}); // prettier-ignore
const count = (id: string, body: object, server = 0, role = 'analyst'): Promise<Answer> =>
  as(role, 'POST', `${EXPORTS}/profiles/${id}/counts`, body, server);

test('counts are of people, into groups that were named before; with so little noise they are exact', async () => {
  const id = await approved(counting('exact', { budgetMilli: 100_000, maxEpsilonMilli: 100_000 }));
  const { body } = await count(id, { by: ['born', 'area'], epsilonMilli: 60_000 });

  // the second record of the first person counts nobody; who was erased is not there
  const people = Array.from({ length: PEOPLE }, (_, n) => ({ n, ...person(n) })).filter(({ n }) => n !== 40);
  const cells = new Map((body['cells'] as { group: string[]; count: number }[]).map((cell) => [cell.group.join(), cell.count])); // prettier-ignore
  assert.deepEqual(body['by'], ['area', 'born']);
  assert.equal(cells.size, 6);
  const first = cells.get('761,1980') as number;
  assert.ok([first, first + 1].includes(people.filter(({ born, area }) => born.startsWith('1980') && area.startsWith('761')).length)); // prettier-ignore
  assert.equal(
    [...cells.values()].reduce((sum, each) => sum + each, 0),
    people.length,
  );
  assert.equal(cells.get(','), 2);
  const opened = (await logged('vault.export')).filter(({ detail }) => detail.counts === 'exact');
  assert.deepEqual([opened[0]?.['detail'].clear, opened[0]?.['detail'].masked], [[], ['area', 'born']]);
});

test('the same question gets the same answer, from both servers at once and paid once; another round is paid anew', async () => {
  const id = await approved(counting('same'));
  const ask = { by: ['illness'], epsilonMilli: 100 };
  const answers = await Promise.all([0, 1, 0, 1].map((server) => count(id, ask, server)));
  const [first] = answers.map(({ body }) => body) as [Json];

  for (const { body } of answers) assert.deepEqual([body['id'], body['cells']], [first['id'], first['cells']]);
  assert.equal(answers.filter(({ body }) => body['repeated'] === false).length, 1);
  assert.deepEqual((await count(id, { ...ask, by: ['illness', 'illness'] })).body['cells'], first['cells']);
  const anew = await count(id, { ...ask, round: '2026-12' }, 1);
  assert.equal(anew.body['spentMilli'], 200);
  const { body } = await as('auditor', 'GET', `${EXPORTS}/counts`);
  assert.deepEqual((body['budgets'] as Json[]).find(({ profile }) => profile === 'same'), { profile: 'same', recipient: 'same', purpose: 'analytics', budgetMilli: 1000, spentMilli: 200 }); // prettier-ignore
});

test('a budget is never spent twice: of many questions to two servers at once as many are answered as it pays for', async () => {
  const id = await approved(counting('raced'));
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => count(id, { by: ['illness'], epsilonMilli: 300, round: `r${n}` }, n % 2))); // prettier-ignore

  const codes = answers.map(({ status, body }) => (status === 200 ? 'answered' : (body['code'] as string)));
  assert.equal(codes.filter((code) => code === 'answered').length, 3);
  assert.equal(codes.filter((code) => code === 'COLLECTION_COUNT_BUDGET').length, 5);
  const [ledger] = await fresh.db`
    select (select spent_milli::int from collection.count_budgets where recipient = 'raced') as spent,
      (select sum(epsilon_milli)::int from collection.count_answers where recipient = 'raced') as paid`;
  assert.deepEqual({ ...ledger }, { spent: 900, paid: 900 });
  const known = answers.findIndex(({ status }) => status === 200);
  assert.equal((await count(id, { by: ['illness'], epsilonMilli: 300, round: `r${known}` })).status, 200, 'what was paid is told again'); // prettier-ignore

  // a profile of the same recipient and purpose has the same budget, spent as it is; two cannot hold
  const twin = await as('dpo', 'POST', `${EXPORTS}/profiles`, { ...counting('raced'), name: 'twin' });
  assert.equal((await as('dpo2', 'POST', `${EXPORTS}/profiles/${twin.body['id']}/approve`, { hash: twin.body['hash'] })).body['code'], 'COLLECTION_EXPORT_PROFILE_STATE'); // prettier-ignore
  const larger = await approved(counting('raced', { budgetMilli: 1300 }));
  assert.equal((await count(larger, { by: [], epsilonMilli: 400 })).body['spentMilli'], 1300);
  assert.equal((await count(larger, { by: [], epsilonMilli: 1 })).body['code'], 'COLLECTION_COUNT_BUDGET', 'of another question too'); // prettier-ignore
});

test('the commands write what leaves into a new file, say how coarse it is, and what a count cost', async () => {
  const id = await approved(records('by-command', RESEARCH, { k: 5, l: 2, maxSuppressedPercent: 10 }));
  const out = join(home, 'moves.jsonl');
  const ran = await command('analyst', ['export', 'run', id, '--out', out]);
  assert.deepEqual([ran.code, ran.err.includes('COLLECTION_EXPORT_FIELD_DENIED')], [3, true]);
  const whole = await command('dpo', ['export', 'run', id, '--out', out]);
  assert.match(whole.out, /\n {2}area: exact\n {2}born: year\n {2}measured: 2 groups, k 2\d, l 3 of illness\n/);
  assert.match(
    whole.out,
    new RegExp(
      createHash('sha256')
        .update(await readFile(out))
        .digest('hex'),
    ),
  );
  const counted = await command('analyst', ['counts', 'ask', await approved(counting('told')), '--by', 'illness', '--epsilon-milli', '250']); // prettier-ignore
  assert.match(counted.out, /by illness, ε 0.25; 250 spent[^]*-?\d+ {2}asthma\n/);
});

test('what is not counted by, costs too much, or may not even be seen masked, is not counted', async () => {
  const id = await approved(counting('refused', { maxEpsilonMilli: 500 }));
  for (const body of [
    { by: ['name'], epsilonMilli: 1 },
    { by: ['illness'], epsilonMilli: 501 },
  ])
    assert.equal((await count(id, body)).body['code'], 'COLLECTION_COUNT_INVALID');
  for (const body of [
    { by: ['illness'], epsilonMilli: 0 },
    { by: ['illness'], epsilonMilli: 0.5 },
    { by: ['illness'] },
  ])
    assert.equal((await count(id, body)).status, 400);
  assert.equal((await count(id, { by: ['illness'], epsilonMilli: 1 }, 0, 'auditor')).body['code'], 'ACCESS_DENIED');
  const health = await approved(counting('health', { purpose: 'health' }));
  assert.equal((await count(health, { by: ['illness'], epsilonMilli: 1 }, 0, 'dpo')).body['code'], 'COLLECTION_EXPORT_FIELD_DENIED'); // prettier-ignore
});

test('who objects after the export was made ready, or is restricted, is not in what leaves: it ends', async () => {
  const { exports } = withOpenSpool();
  const id = await approved(records('withdrawn-late', { name: { as: 'clear' } }));
  const lines = async (): Promise<number> => {
    const ready = await exports.run(await asking(), id);
    return (await Array.fromAsync(ready.lines)).join('').split('\n').length - 1;
  };
  const before = await lines();

  const objecting = await exports.run(await asking(), id);
  const said = await as('application', 'POST', '/v1/privacy/consents', { holder: { subject: subjects[41] }, said: [{ purpose: 'analytics', said: 'objected' }], method: 'web' }, 1); // prettier-ignore
  assert.equal(said.status, 201, JSON.stringify(said.body));
  await assert.rejects(Array.fromAsync(objecting.lines), { code: 'COLLECTION_EXPORT_CUT' });
  assert.equal((await reportOf(objecting.id))['state'], 'cut');
  assert.equal(await lines(), before - 1, 'one that begins after it has the others');

  const restricted = await exports.run(await asking(), id);
  assert.equal((await as('dpo', 'POST', `/v1/vault/subjects/${subjects[42]}/restriction`, { reason: 'accuracy' }, 1)).status, 204); // prettier-ignore
  await assert.rejects(Array.fromAsync(restricted.lines), { code: 'COLLECTION_EXPORT_CUT' });
  assert.equal(await lines(), before - 2);
});
