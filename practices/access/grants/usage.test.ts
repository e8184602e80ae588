import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { twoServers, type Servers } from '../testing.ts';
import { createUsage, type Usage } from './usage.ts';

let servers: Servers;
let usage: Usage;
let other: Usage;
before(async () => {
  servers = await twoServers();
  const { db, audit, first, second } = servers;
  usage = createUsage({ db, audit, policies: first.policies });
  other = createUsage({ db, audit, policies: second.policies });
});
after(() => servers.close());

const support = { kind: 'service', id: 'key_support', role: 'support' } as const;
const read = (more: object = {}) =>
  servers.audit.append({
    action: 'vault.read', actor: support, purpose: 'service.support', classes: ['personal'], outcome: 'done',
    detail: { collections: ['customer'] }, ...more,
  }); // prettier-ignore
/** As if so many days had gone by since what is known now. */
const later = (days: number) => servers.db`
  update access.grant_usage set since = since - make_interval(days => ${days}), last = last - make_interval(days => ${days})`;
const count = async (role: string, dataClass: string): Promise<number> => {
  const [row] = await servers.db<{ n: bigint }[]>`
    select coalesce(sum(n), 0)::bigint as n from access.grant_usage where role = ${role} and class = ${dataClass}`;
  return Number(row?.n);
};

test('two servers that fold at once count every entry once, and not what was refused', async () => {
  for (let n = 0; n < 6; n += 1) await read();
  await read({ outcome: 'denied' });
  await read({ action: 'access.policy.replay' });

  await Promise.all([usage.fold(), other.fold(), usage.fold(), other.fold()]);

  assert.equal(await count('support', 'personal'), 6);
  assert.equal(await other.fold(), 0);
});

test('unused for 30, 60, 90 days: a hint, a task of the owner, to be asked for; using it begins anew', async () => {
  const found = async () =>
    (await usage.unused()).filter((each) => each.role === 'support' && each.action === 'records.read');
  assert.deepEqual(await found(), []);

  await later(31);
  const hints = await found();
  const stageOf = async (dataClass: string) =>
    (await found()).find((each) => each.purpose === 'service.support' && each.dataClass === dataClass)?.stage;

  assert.deepEqual([await stageOf('personal'), await stageOf('sensitive')], ['hint', 'hint']);
  assert.ok(hints.every(({ owner, days }) => owner === 'security' && days === 31));
  await read();
  await usage.fold();
  assert.deepEqual([await stageOf('personal'), await stageOf('sensitive')], [undefined, 'hint']);
  await later(30);
  assert.deepEqual([await stageOf('personal'), await stageOf('sensitive')], ['hint', 'task']);
  await later(30);
  assert.deepEqual([await stageOf('personal'), await stageOf('sensitive')], ['task', 'convert']);
});

test('a purpose is used by what is done below it; what only a grant allows is not looked for', async () => {
  const unused = (await usage.unused()).filter(({ role }) => role === 'support');
  await read();
  await usage.fold();
  const left = (await usage.unused()).filter(({ role }) => role === 'support');

  const is = (purpose: string) => (each: { action: string; dataClass: string; purpose: string }) =>
    each.action === 'records.read' && each.dataClass === 'personal' && each.purpose === purpose;
  assert.ok(unused.some(is('service')) && !left.some(is('service')));
  assert.ok(left.some(is('service.delivery')));
  // in clear under a grant; every day it is masked, and that is what was not used
  assert.ok(unused.every(({ dataClass, outcome }) => dataClass !== 'sensitive' || outcome === 'masked'));
});

test('a permission that policies take away is not looked for any more, and begins anew when it comes back', async () => {
  const of = async () => (await usage.unused()).filter(({ role }) => role === 'marketing').length;
  assert.ok((await of()) > 0);
  let taken = '';
  await servers.change((document) => {
    const { 'marketing-actions': actions, ...policies } = document.policies;
    taken = actions as string;
    return { ...document, policies };
  });
  await usage.fold();
  assert.equal(await of(), 0);

  await servers.change((document) => ({ ...document, policies: { ...document.policies, 'marketing-actions': taken } }));
  await usage.fold();

  assert.equal(await of(), 0, 'unused since now');
});
