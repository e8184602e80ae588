/** Who was shut off when: in the log, once, also when nobody asks for anything. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AuditEvent } from '#platform/audit';

import { allShut } from '../store/shut.ts';
import { tellLapses, type LapseNeeds } from './lapses.ts';
import { byPerson, educationWorlds, later, START } from '../testing-gate.ts';

const { world } = educationWorlds();
const officer = byPerson('per_0');

test('a lapse is in the log once, from whichever server sees it first, and so is its end; what ran for a time is ended with it', async () => {
  const { hire, effect, pass, set, one, other, entries, ended } = await world('a');
  const [ada, bea, never] = [hire(), hire(), hire()];
  for (const each of [ada, bea, never]) await effect(each);
  await pass(ada, START);
  await pass(bea, later(START, 300));
  await Promise.all([one.watch(), other.watch()]);
  const told = () => entries.filter(({ action }) => /lapsed|restored/.test(action)).map(({ action, detail = {} }) => [action, detail.person, detail.because, detail.grants]); // prettier-ignore
  assert.deepEqual(told(), [], 'who never passed was never in');

  set(later(START, 400));
  await Promise.all([one.watch(), other.watch(), one.watch()]);
  await other.watch();
  assert.deepEqual(told(), [['education.lapsed', ada, 'lapsed', 1]]);
  assert.deepEqual(ended, [`${ada} a`]);
  assert.deepEqual(entries.find(({ action }) => action === 'education.lapsed')?.detail?.texts, ['course phishing']);

  await pass(ada, later(START, 401));
  await Promise.all([one.watch(), other.watch()]);
  assert.deepEqual(told().slice(1), [['education.restored', ada, 'lapsed', undefined]]);
});

test('what is taken back, and leave, are told of as what they are; a role that is gone ends it without access', async () => {
  const { hire, effect, pass, one, entries, leave } = await world('b');
  const [ada, bea, cyd] = [hire(), hire(), hire()];
  for (const each of [ada, bea, cyd]) await effect(each);
  for (const each of [ada, bea, cyd]) await pass(each, START);
  await one.manage.revoke(officer, ada, { kind: 'course', id: 'phishing' }, 'confirmed');
  await one.manage.absent(officer, bea, START, null);
  await one.watch();
  const of = (what: string) => entries.filter(({ action }) => action === what).map(({ detail }) => [detail?.person, detail?.because]); // prettier-ignore
  assert.deepEqual(new Map(of('education.lapsed') as [string, string][]), new Map([[ada, 'revoked'], [bea, 'away']])); // prettier-ignore

  leave(ada);
  await one.manage.assign(officer, [cyd], { kind: 'course', id: 'devices' });
  await one.watch();
  assert.deepEqual([of('education.restored'), of('education.lapse.moot')], [[], [[ada, 'revoked']]]);
});

test('a lapse whose grants cannot be ended is not told as done, and is tried again', async () => {
  const { hire, effect, pass, set, one, entries, db } = await world('c');
  const ada = hire();
  await effect(ada);
  await pass(ada, START);
  set(later(START, 400));
  await db.unsafe(`alter table education.shut add constraint broken check (role <> 'c')`);
  await assert.rejects(one.watch());
  await db.unsafe('alter table education.shut drop constraint broken');
  assert.equal(entries.filter(({ action, detail }) => action === 'education.lapsed' && detail?.role === 'c').length, 0);
  await one.watch();
  assert.equal(entries.filter(({ action, detail }) => action === 'education.lapsed' && detail?.role === 'c').length, 1);
});

test('a server that sees it while another one is telling it tells nothing', async () => {
  const { hire, effect, pass, set, one, db } = await world('d');
  const ada = hire();
  await effect(ada);
  await pass(ada, START);
  const now = later(START, 400);
  set(now);
  const { covered } = await one.coverage();
  const entries: AuditEvent[] = [];
  const appendIn = (_tx: unknown, event: AuditEvent) => (entries.push(event), Promise.resolve({ index: 0n }));
  const asked = new Map([['d', { courses: ['phishing'], policies: [] }]]);
  const needs: LapseNeeds = { db, audit: { appendIn }, askedByRoles: async () => asked, endGrants: async () => [] };
  const others: Promise<number>[] = [];
  const endGrants = async (): Promise<string[]> => {
    others.push(tellLapses(needs, { told: [], covered }, now));
    // until it waits for the row that is written here
    for (let waits = 0, tries = 0; waits === 0 && tries < 2000; tries += 1)
      waits = (await db<{ n: number }[]>`select count(*)::int as n from pg_locks where not granted`)[0]?.n ?? 0;
    return [];
  };
  await tellLapses({ ...needs, endGrants }, { told: [], covered }, now);
  await Promise.all(others);
  const mine = entries.filter(({ detail }) => detail?.role === 'd');
  assert.deepEqual(mine.map(({ action }) => action), ['education.lapsed']);
}); // prettier-ignore

test('a server that looked before the lapse does not tell that it is over, when another one told it meanwhile', async () => {
  const { hire, effect, pass, set, one, other, entries, db } = await world('e');
  const ada = hire();
  await effect(ada);
  await pass(ada, START);
  const mine = () => entries.flatMap(({ action, detail }) => (detail?.person === ada && /lapse|restored/.test(action) ? [action] : [])); // prettier-ignore
  const told = await allShut(db);
  const { covered } = await one.coverage();
  set(later(START, 400));
  await other.watch();
  assert.deepEqual(mine(), ['education.lapsed']);

  const appendIn = (_tx: unknown, event: AuditEvent) => (entries.push(event), Promise.resolve({ index: 0n }));
  const askedByRoles = async () => new Map([['e', { courses: ['phishing'], policies: [] }]]);
  await tellLapses({ db, audit: { appendIn }, askedByRoles, endGrants: async () => [] }, { told, covered }, START);
  assert.deepEqual(mine(), ['education.lapsed']);
});
