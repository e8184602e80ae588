import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { newSubjectId, type SubjectId } from '#platform/ids';
import type { FieldSpec } from '#practices/collection';

import type { Access } from './access.ts';
import { checkDocument } from './check-document.ts';
import { decideWith, type Actor } from './decide.ts';
import { openEngine } from './engine.ts';
import { starterDocument } from './starter.ts';
import { personIn, twoServers, type Servers } from './testing.ts';

let servers: Servers;
before(async () => {
  servers = await twoServers({ minutes: 60, high: 3, extreme: 5 });
});
after(() => servers.close());

const subjects = (count: number): SubjectId[] => Array.from({ length: count }, () => newSubjectId());
const read = async (server: Access, actor: Actor, ids: readonly SubjectId[], allowed = true) =>
  (await server.volume.reading(actor, 'records.read', ids, () => allowed)).volume;
const support = async (): Promise<Actor> => (await servers.by('support')).actor;
const rows = async ({ id }: Actor): Promise<number> => {
  const [row] = await servers.db<{ n: number }[]>`select count(*)::int as n from access.opened where actor = ${id}`;
  return row?.n ?? -1;
};
/** As if so long had gone by since all that was opened. */
const later = (minutes: number) => servers.db`update access.opened set at = at - make_interval(mins => ${minutes})`;

test('different customers count, the same one once, and the very read that reaches a limit is beyond it', async () => {
  const actor = await support();
  const [a, b, c, d, e] = subjects(5) as [SubjectId, SubjectId, SubjectId, SubjectId, SubjectId];

  assert.deepEqual(
    [
      await read(servers.first, actor, [a]),
      await read(servers.second, actor, [a]),
      await read(servers.second, actor, [b, a, b]),
      await read(servers.first, actor, [c]),
      await read(servers.first, actor, [a]),
      await read(servers.second, actor, [d]),
      await read(servers.first, actor, [e]),
      await read(servers.second, actor, []),
    ],
    ['normal', 'normal', 'normal', 'high', 'high', 'high', 'extreme', 'extreme'],
  );
  // a server that was started anew knows it
  const anew = await servers.open();
  await anew.rolesThat('records.read');
  assert.equal(await read(anew, actor, [a]), 'extreme');
});

test('for who fell for exercises again half as many are many, on each server, and for nobody else', async () => {
  const actor = await support();
  const again: Actor = { ...actor, stricter: { maxAgeSeconds: 300, halfRows: true } };
  const [a, b, c] = subjects(3) as [SubjectId, SubjectId, SubjectId];

  assert.deepEqual(
    [
      await read(servers.first, again, [a]),
      await read(servers.second, again, [b]),
      await read(servers.first, again, [c]),
    ],
    ['normal', 'high', 'extreme'],
  );
  assert.equal(
    await read(servers.first, { ...actor, stricter: { maxAgeSeconds: 300 } }, []),
    'high',
    'by tier 1 as by anybody',
  );
});

test('many in one read are beyond the limit at once, each of them; what was refused was not opened', async () => {
  const actor = await support();
  const many = subjects(400);

  assert.equal(await read(servers.first, actor, many, false), 'extreme');
  assert.deepEqual([await rows(actor), await read(servers.first, actor, [])], [0, 'normal']);
  assert.equal(await read(servers.first, actor, many.slice(0, 2)), 'normal');
  assert.equal(await read(servers.second, actor, many), 'extreme');
  assert.equal(await rows(actor), 400);
});

test('of reads at once on two servers as many are below each limit as there may be, and not one more', async () => {
  const actor = await support();
  const going: Promise<string | undefined>[] = [];
  await servers.db.begin(async (tx) => {
    // all of them stand where they would write, and go on together
    await tx`lock table access.opened in share row exclusive mode`;
    going.push(...subjects(10).map((each, n) => read(n % 2 === 0 ? servers.first : servers.second, actor, [each])));
    // a connection that is still being opened leaves its read behind another one's: then fewer wait, and the rest comes after
    let [waiting, same] = [0, 0];
    for (let tries = 0; waiting < 10 && !(waiting >= 2 && same > 300) && tries < 3000; tries += 1) {
      await setTimeout(10);
      const before = waiting;
      const [row] = await tx<{ n: number }[]>`
        select count(*)::int as n from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`;
      waiting = row?.n ?? 0;
      same = waiting === before ? same + 1 : 0;
    }
    assert.ok(waiting >= 2, `${waiting} stand at the door`);
  });
  const found = await Promise.all(going);
  const count = (wanted: string) => found.filter((each) => each === wanted).length;
  assert.deepEqual([count('normal'), count('high'), count('extreme')], [2, 2, 6]);
});

test('two keys of one person are one; another person, a service whose role no policy limits, are not meant', async () => {
  const [one, two] = [await support(), await support()].map((each) => ({ ...each, person: 'per_ada' })) as [
    Actor,
    Actor,
  ];
  await read(servers.first, one, subjects(3));
  assert.equal(await read(servers.second, two, subjects(2)), 'extreme');
  assert.equal(await read(servers.second, { ...two, person: 'per_bob' }, subjects(1)), 'normal');

  const { actor } = await servers.by('application');
  assert.equal(await read(servers.first, actor, subjects(50)), undefined, 'nothing is counted, nor asked');
  assert.equal(await rows(actor), 0);
});

test('an hour later it is forgotten, but what was opened again meanwhile counts from then on', async () => {
  const actor = await support();
  const [again, ...others] = subjects(5) as [SubjectId, ...SubjectId[]];
  await read(servers.first, actor, [again, ...others]);
  await later(50);
  assert.equal(await read(servers.second, actor, [again]), 'extreme');
  await later(9);
  assert.equal(await read(servers.first, actor, []), 'extreme', 'after 59 minutes all of them count');
  await later(5);
  await servers.first.volume.sweep();
  assert.deepEqual([await read(servers.first, actor, []), await rows(actor)], ['normal', 1]);
});

test('a clock that steps back neither forgets nor counts for ever; those of the servers are not asked', async () => {
  const actor = await support();
  servers.setClock(-9 * 86_400_000);
  await read(servers.second, actor, subjects(3));
  servers.setClock(9 * 86_400_000);
  assert.equal(await read(servers.second, actor, subjects(2)), 'extreme');
  // the database's was ten days ahead while they were opened
  await later(-14_400);
  assert.equal(await read(servers.first, actor, []), 'extreme');
  await servers.first.volume.sweep();
  assert.equal(await read(servers.first, actor, []), 'extreme');
  await later(64);
  assert.equal(await read(servers.first, actor, []), 'normal');
});

test('as shipped very many are nothing in clear, and security is told; a policy may ask for a fresh proof before', async () => {
  const field = servers.customer.fields.get('company') as FieldSpec;
  const starter = starterDocument();
  const engine = openEngine({ ...starter, policies: { ...starter.policies, 'support-many': STEP_UP } });
  const decide = (actor: Actor) =>
    decideWith(engine, 'test', { actor, action: 'records.read', purpose: 'service.support', collection: servers.customer }); // prettier-ignore
  const key = await support();
  const person = await (await personIn(servers, 'support')).again();
  const stale = { ...person, session: { ...(person.session as NonNullable<Actor['session']>), mfaAgeSeconds: 1000 } };

  assert.deepEqual([decide(stale).allow, decide(stale).field(field)], [true, 'clear']);
  const many = decide({ ...stale, volume: 'high' });
  assert.deepEqual([many.allow, many.stepUpSeconds, many.policies], [false, 900, ['support-many']]);
  assert.deepEqual(
    [decide({ ...person, volume: 'high' }).allow, decide({ ...key, volume: 'high' }).allow],
    [true, true],
  );
  for (const actor of [person, key]) {
    const extreme = decide({ ...actor, volume: 'extreme' });
    assert.deepEqual([extreme.allow, extreme.field(field)], [true, 'masked']);
    assert.ok(extreme.obligations.some((each) => each.kind === 'notify' && each.role === 'security'));
  }
  const names = { purposes: new Set(['service', 'service.support', 'service.billing', 'marketing', 'analytics', 'legal']), collections: new Set<string>() }; // prettier-ignore
  assert.deepEqual(checkDocument(engine.document, names), { faults: [], notes: [] });
  engine.close();
});
/** docs/practices/access.md */
const STEP_UP = `@says("these are many customers in a short time: show once more who you are") @stepUp("900")
forbid (principal in Role::"support", action in [Action::"records.read", Action::"records.search"], resource)
when { context.volume != Volume::"normal" && context.mfa == Mfa::"stale" };`;
