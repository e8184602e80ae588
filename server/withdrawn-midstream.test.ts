/** Customers who withdraw while an export of many runs over HTTP: the rest of it is without them, whichever server is told. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { parseSubjectId, type SubjectId } from '#platform/ids';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';

import { composeSystem, type System } from './compose.ts';
import { entriesOf, type Json } from './testing.ts';
import { visitor } from './visitor.ts';
import { MIGRATIONS } from './migrations.ts';

const NEWS = 'marketing.news';
const CATALOG = `schema: strongroom/catalog/1
purposes:
  service: {title: Serving, legalBasis: contract}
  marketing: {title: Telling of news, legalBasis: consent}
  marketing.news: {title: News by mail, legalBasis: consent}
  legal: {title: Duties, legalBasis: legal-obligation}
  legal.request: {title: Answering, legalBasis: legal-obligation}
collections:
  customer:
    title: Customers
    owner: support
    externalId: {name: customer_number}
    retention: {after: record.created, for: P2Y}
    fields:
      email: {type: email, class: personal, search: {exact: {}}, purposes: [service, marketing.news, legal.request]}
      story: {type: text, maxLength: 60000, class: personal, purposes: [service, marketing.news, legal.request]}
`;
/** Far more than what waits between a server and a reader that stands still. */
const PEOPLE = 500;
const STORY = 'x'.repeat(60_000);

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
const systems: System[] = [];
const urls: string[] = [];
const keys: Record<string, string> = {};
/** In the order of an export. */
let people: readonly Readonly<{ subject: string; email: string }>[] = [];

const as = (role: string, purpose: string, server = 0): Strongroom =>
  createStrongroom({ url: urls[server] as string, key: keys[role] as string, purpose, retries: 0 });
const say = (subject: string, said: 'given' | 'withdrawn', server = 0, purpose = NEWS) =>
  as('application', 'service', server).consents.record({ holder: { subject }, said: [{ purpose, said }], method: 'web', text: 'News?', language: 'en' }); // prettier-ignore

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-midstream-'));
  await writeFile(join(home, 'catalog.yaml'), CATALOG);
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const config = readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent' });
  for (let n = 0; n < 2; n += 1) {
    const system = await composeSystem(config, createLog('silent'));
    systems.push(system);
    urls.push(await system.http.listen({ host: '127.0.0.1', port: 0 }));
  }
  keys['admin'] = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  for (const role of ['application', 'dpo'])
    keys[role] = (await as('admin', 'service').keys.create({ name: role, role })).key;
  for (let n = 0; n < PEOPLE; n += 100)
    await as('application', 'service').records.batch({
      collection: 'customer',
      records: Array.from({ length: 100 }, (_, at) => ({ fields: { email: `c${n + at}@example.org`, story: STORY } })),
    });
  const all: { subject: string; email: string }[] = [];
  for await (const { subjectId, fields } of as('dpo', 'service').export.records({
    collection: 'customer',
    fields: ['email'],
  }))
    // prettier-ignore
    all.push({ subject: subjectId, email: String(fields['email']?.value) });
  people = all;
  assert.equal(people.length, PEOPLE);
  for (let n = 0; n < PEOPLE; n += 50) await Promise.all(people.slice(n, n + 50).map(({ subject }) => say(subject, 'given'))); // prettier-ignore
});
after(async () => {
  for (const system of systems) await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

/** An export that has begun, and of which no more is taken than its first bytes until `rest` is called. */
async function begun(server: number): Promise<Readonly<{ id: string; rest: () => Promise<readonly string[]> }>> {
  const request = get(`${urls[server]}/v1/vault/export?collection=customer`, {
    headers: { authorization: `Bearer ${keys['dpo']}`, 'strongroom-purpose': NEWS },
  });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  assert.deepEqual([answer.statusCode, answer.headers['content-type']], [200, 'application/x-ndjson']);
  await once(answer, 'readable');
  return {
    id: String(answer.headers['x-request-id']),
    rest: async () => {
      let text = '';
      for await (const piece of answer.setEncoding('utf8')) text += piece as string;
      const lines = text.trimEnd().split('\n');
      return lines.map((line) => (JSON.parse(line) as { subjectId: string }).subjectId);
    },
  };
}
/** With their places in the log. */
const pagesOf = async (id: string): Promise<(readonly [index: number, page: Json])[]> =>
  [...(await entriesOf(systems[0] as System)).entries()].filter(
    ([, { action, requestId }]) => action === 'vault.export' && requestId === id,
  );

const center = (server: number) =>
  visitor(
    () => systems[server] as System,
    () => urls[server] as string,
  );

for (const [streams, told] of [
  [0, 0],
  [1, 0],
] as const)
  // prettier-ignore
  test(`an export that server ${streams} streams leaves out who withdraws at server ${told} meanwhile, and counts them in the log`, async () => {
    const last = people.at(-1) as (typeof people)[0];
    const many = people.slice(-60, -1).filter((_, n) => n % 4 === 0);
    for (const { subject } of [last, ...many]) await say(subject, 'given');
    const browser = center(told);
    const cookie = await browser.signIn(last.email);

    const stream = await begun(streams);
    const saved = await browser.ask('/center/preferences', { cookie, form: { purpose: NEWS, said: 'no' } });
    assert.equal(saved.status, 303, saved.text);
    for (const { subject } of many) await say(subject, 'withdrawn', told, 'marketing');
    const left = await stream.rest();

    const without = new Set([last, ...many].map(({ subject }) => subject));
    assert.deepEqual(left, people.map(({ subject }) => subject).filter((each) => !without.has(each)));
    const pages = await pagesOf(stream.id);
    const sum = (of: (page: Json) => number): number => pages.reduce((total, [, page]) => total + of(page), 0);
    assert.ok(pages.length > 3, `${pages.length} pages`);
    assert.equal(
      sum(({ detail }) => detail.passedOver ?? 0),
      without.size,
    );
    assert.equal(
      sum(({ detail }) => detail.records),
      PEOPLE - without.size,
    );
    // nor do they read in the center that they were in it
    const { privacy } = systems[told] as System;
    while (await privacy.seen.fold());
    const isIn = (subject: string): Promise<boolean[]> =>
      Promise.all(pages.map(([index]) => privacy.seen.isAbout(parseSubjectId(subject) as SubjectId, index)));
    for (const subject of without) assert.ok(!(await isIn(subject)).includes(true));
    assert.ok((await isIn((people[0] as (typeof people)[0]).subject)).includes(true));
  });

test('pages of an export grow in steps: large records may come after many small ones', async () => {
  const headers = { authorization: `Bearer ${keys['dpo']}`, 'strongroom-purpose': 'service' };
  const answer = await fetch(`${urls[0]}/v1/vault/export?collection=customer&fields=email`, { headers });
  assert.equal((await answer.text()).trimEnd().split('\n').length, PEOPLE);
  const pages = await pagesOf(answer.headers.get('x-request-id') ?? '');
  assert.deepEqual(pages.map(([, { detail }]) => detail.records), [100, 200, 200]);
}); // prettier-ignore
