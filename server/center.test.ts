/** The center over HTTP: notice, sign-in by mail, choices, data, who saw it, requests. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase, inOneQuarter } from '#platform/testing';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';

import { composeSystem, type System } from './compose.ts';
import { attemptIn, visitor, type Shown } from './visitor.ts';
import { MIGRATIONS } from './migrations.ts';
import { customerSeesTheirs } from './center-copy.tests.ts';
import { sitesRecordChoices } from './center-sites.tests.ts';
import { erasureTakesTwo } from './center-erasure.tests.ts';
import { staffAnswer } from './center-staff.tests.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let system: System;
let url: string;
const keys = new Map<string, string>();

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-center-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const config = readConfig({
    STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent',
    STRONGROOM_CONTROLLER: 'A Shop', STRONGROOM_CONTROLLER_CONTACT: 'privacy@shop.example', STRONGROOM_REGIONS: 'DE', STRONGROOM_SITES: 'https://shop.example http://localhost:4000',
  }); // prettier-ignore
  system = await composeSystem(config, createLog('silent'));
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  const admin = createStrongroom({ url, key: (await readFile(join(home, 'admin.key'), 'utf8')).trim() });
  for (const role of ['application', 'dpo', 'support', 'analyst', 'auditor'])
    keys.set(role, (await admin.keys.create({ name: role, role })).key);
  keys.set('narrowed', (await admin.keys.create({ name: 'narrowed', role: 'application', purposes: ['service'] })).key);
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

const as = (role: string, purpose: string): Strongroom => createStrongroom({ url, key: keys.get(role) as string, purpose, retries: 0 }); // prettier-ignore
const store = (email: string, fields: Record<string, string> = {}) =>
  as('application', 'service.support').records.create({ collection: 'customer', fields: { last_name: 'Hopper', email, ...fields } }); // prettier-ignore
const { ask, begin, codeFor, proven, signIn } = visitor(() => system, () => url); // prettier-ignore

/** Who erases in these tests brings an authority of their own. */
/** All open ones, whoever they are of. */
const ALL = { which: 'open', limit: 500, only: null, isShown: () => Promise.resolve(() => true) } as const;

test('what is not there is said in words to a person, and as a problem to a program; parameters of others change nothing', async () => {
  const wanted = (accept: string, path: string) => fetch(`${url}/center/${path}`, { headers: { accept } });
  const browser = 'text/html,application/xhtml+xml,*/*;q=0.8';

  for (const [path, status] of [['nowhere/at/all?lang=de', 404], ['unsubscribe/cut-off?lang=de', 404], ['notice/none?lang=de', 404], ['seen?lang=de&before=x', 400]] as const) {
    const page = await wanted(browser, path);
    const text = await page.text();
    assert.deepEqual([page.status, page.headers.get('content-type')], [status, 'text/html; charset=utf-8'], path);
    assert.ok(text.includes('Diese Adresse führt nirgendwohin') && text.includes('Übersicht</a>'), text);
    assert.match(String(page.headers.get('content-security-policy')), /^default-src 'none'/);
    const problem = await wanted('*/*', path);
    assert.deepEqual([problem.status, problem.headers.get('content-type')], [status, 'application/problem+json; charset=utf-8']);
  }
  assert.equal((await wanted(browser, '?utm_source=letter&fbclid=x')).status, 200);
}); // prettier-ignore

test('an address that is known and one that is not are answered alike; codes are for one attempt, five tries, once', async () => {
  await store('grace@example.org');
  const [known, unknown] = [await begin('grace@example.org'), await begin('nobody@example.org')];
  const same = ({ text }: Shown): string => text.replace(attemptIn(text), '');
  assert.deepEqual([known.status, same(known)], [unknown.status, same(unknown)]);
  const code = (await codeFor('grace@example.org')) as string;
  assert.equal(await codeFor('nobody@example.org'), null);

  const enter = (attempt: string, tried: string) => ask('/center/code', { form: { attempt, code: tried } });
  const wrong = await enter(attemptIn(known.text), '0000 0000');
  assert.deepEqual([wrong.status, (await enter(attemptIn(unknown.text), code)).status, (await enter('none', code)).status], [401, 401, 401]);
  const [one, two] = await Promise.all([enter(attemptIn(known.text), code), enter(attemptIn(known.text), code)]);
  assert.deepEqual([one.status, two.status].toSorted((a, b) => a - b), [303, 401], 'of two at once one gets in');
  assert.match(one.headers.get('set-cookie') ?? two.headers.get('set-cookie') ?? '', /HttpOnly; SameSite=Strict/);

  const again = await begin('grace@example.org');
  const second = (await codeFor('grace@example.org')) as string;
  for (let n = 0; n < 5; n += 1) await enter(attemptIn(again.text), '0000 0000');
  assert.equal((await enter(attemptIn(again.text), second)).status, 401, 'five tries are all there are');
  assert.equal((await ask('/center/sign-in', { form: { email: 'a@b.c' }, headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
}); // prettier-ignore

test('a code goes to the address that is stored, and who can be sent none keeps nobody waiting', async () => {
  await store('Olga@Example.org');
  // the index takes both for one spelling; they are two mailboxes
  await store('poi\u017fon@example.org');
  await ask('/center/sign-in', { form: { email: 'poison@example.org' } });
  await ask('/center/sign-in', { form: { email: 'OLGA@example.org' } });

  assert.match((await codeFor('Olga@example.org')) ?? '', /^\d{4} \d{4}$/);
  assert.deepEqual([await codeFor('OLGA@example.org'), await codeFor('poison@example.org')], [null, null]);
  assert.equal((await ask('/center/sign-in', { form: { email: 'poi\u017fon@example.org' } })).status, 422);
  const [left] = await fresh.db<{ n: number }[]>`select count(*)::int as n from privacy.sign_ins where address is not null`;
  assert.equal(left?.n, 0);
}); // prettier-ignore

test('what two people share lets nobody in; one source and one address are slowed down', async () => {
  await inOneQuarter(60);
  const { subjectId } = await store('family@example.org');
  for (let n = 0; n < 20; n += 1) await as('application', 'service.support').records.create({ collection: 'customer', subject: { id: subjectId }, fields: { last_name: 'Hopper', email: 'family@example.org' } });
  await store('family@example.org');
  await ask('/center/sign-in', { form: { email: 'family@example.org' } });
  assert.equal(await codeFor('family@example.org'), null, 'however many records the first of them has');

  const statuses: number[] = [];
  for (let n = 0; n < 7; n += 1) statuses.push((await ask('/center/sign-in', { form: { email: 'same@example.org' } })).status);
  assert.deepEqual(statuses, [303, 303, 303, 303, 303, 429, 429]);
  let slowed = 0;
  for (let n = 0; n < 80; n += 1) if ((await ask('/center/sign-in', { form: { email: `n${n}@example.org` } })).status === 429) slowed += 1;
  const [row] = await fresh.db<{ n: number }[]>`select count(*)::int as n from privacy.sign_ins`;
  assert.ok(slowed > 10 && (row?.n ?? 0) <= 70, `${slowed} slowed, ${row?.n} kept: bounded however many come`);
  await fresh.db`delete from privacy.counts`;
}); // prettier-ignore

/** What the parts are handed, as it is when they ask. */
const running = () => ({ fresh, system, url, keys, as, store, ask, begin, codeFor, proven, signIn, ALL });
export type Running = ReturnType<typeof running>;

customerSeesTheirs(running);
sitesRecordChoices(running);
erasureTakesTwo(running);
staffAnswer(running);
