import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { parsePublicId, uuidv7 } from '#platform/ids';
import type { FieldSpec } from '#practices/collection';

import type { Actor } from '../decide.ts';
import { asking, aSubject, activeGrant, code, personIn, seen, twoServers, type Servers } from '../testing.ts';
import { livingWorkload } from '../store/workloads.ts';
import type { By } from './grant-event.ts';
import { lockChangesBy } from '../still-there.ts';
import { createReviews, type Reviews } from './reviews.ts';

let servers: Servers;
let reviews: Reviews;
let owner: By;
before(async () => {
  servers = await twoServers();
  const { db, audit, first } = servers;
  reviews = createReviews({ db, clock: () => new Date(), audit, policies: first.policies, rolesThat: first.rolesThat });
  owner = await servers.by('security');
});
after(() => servers.close());

async function holder(role: string): Promise<{ id: string; again: () => Promise<Actor> }> {
  const { id, key } = await servers.keyOf(role);
  return { id, again: () => servers.second.authenticate(key) };
}
const finish = async (id: string): Promise<void> => {
  for (const each of (await reviews.get(id)).items)
    if (each.decision === null) await reviews.decide(owner, id, [each.holder], 'keep', '');
  await reviews.close(owner, id);
};

test('an item shows when and how often the role was used, and how many others have it; what is removed ends at once', async () => {
  const [used, idle] = [await holder('billing'), await holder('billing')];
  await servers.db`insert into access.holder_usage (holder, role, last, n) values (${used.id}, 'billing', now(), 12)`;

  const { id, showsClear } = await reviews.begin(owner, 'billing', 60);
  const { items } = await reviews.get(id);

  assert.equal(showsClear, true);
  const of = (who: string) => items.find((each) => each.holder === who);
  assert.deepEqual([of(used.id)?.count, of(used.id)?.peers, of(idle.id)?.lastUsed], [12, 1, null]);
  await reviews.decide(owner, id, [idle.id], 'remove', 'never used');
  await assert.rejects(idle.again(), code('ACCESS_UNAUTHENTICATED'));
  await assert.rejects(reviews.decide(owner, id, [idle.id], 'keep', ''), code('ACCESS_REVIEW_STATE'));
  await assert.rejects(reviews.close(owner, id), code('ACCESS_REVIEW_STATE'));
  await reviews.decide(owner, id, [used.id], 'keep', '');
  await reviews.close(owner, id);
  assert.equal((await used.again()).role, 'billing');
});

test('holders of a role that sees customers in clear are not ticked off together; those of another one may be', async () => {
  const [one, two] = [await holder('application'), await holder('application')];
  const [three, four] = [await holder('analyst'), await holder('analyst')];
  const clear = await reviews.begin(owner, 'application', 60);
  const masked = await reviews.begin(owner, 'analyst', 60);

  await assert.rejects(reviews.decide(owner, clear.id, [one.id, two.id], 'keep', ''), code('ACCESS_ONE_BY_ONE'));
  await reviews.decide(owner, masked.id, [three.id, four.id], 'keep', '');
  await finish(clear.id);
  await finish(masked.id);
});

test('only whose role answers for it decides, and never on themselves; the database refuses that too', async () => {
  const { id } = await reviews.begin(owner, 'security', 60);

  await assert.rejects(
    reviews.decide(await servers.by('dpo'), id, [owner.actor.id], 'keep', ''),
    code('ACCESS_NOT_APPROVER'),
  );
  await assert.rejects(reviews.decide(owner, id, [owner.actor.id], 'keep', ''), code('ACCESS_OWN_REQUEST'));
  await assert.rejects(
    servers.db`update access.review_items set decision = 'keep', decided_by = holder_id where decision is null`,
    /check constraint/,
  );
  await assert.rejects(reviews.begin(owner, 'security', 60), code('ACCESS_REVIEW_STATE'));
});

test('overdue: nothing above internal leaves in clear at the next read on every server, nor under a grant, until decided', async () => {
  const holds = await holder('application');
  const read = async (field: string) => seen(servers, servers.second, await holds.again(), aSubject().id, field);
  const { id } = await reviews.begin(owner, 'application', 5);
  assert.equal((await read('last_name')).state, 'clear');
  await sleep(5100);

  const late = await read('last_name');
  assert.deepEqual([late.state, late.decision.policies.includes('review-overdue')], ['denied', true]);
  assert.equal((await read('company')).state, 'clear', 'internal');
  assert.equal((await reviews.get(id)).overdue, true);
  await reviews.decide(owner, id, [holds.id], 'keep', 'looked at');
  assert.equal((await read('last_name')).state, 'clear');
  await finish(id);

  const { key } = await servers.keyOf('billing');
  const subject = aSubject();
  const by = { actor: await servers.first.authenticate(key) };
  await activeGrant(servers, by, asking(subject.text, { purpose: 'service.billing', classes: ['sensitive'] }));
  const spec = { name: 'iban', class: 'sensitive', purposes: [{ id: 'service.billing' }] } as unknown as FieldSpec;
  const granted = async () => {
    const actor = await servers.second.authenticate(key);
    return servers.second
      .decide({ actor, action: 'records.read', purpose: 'service.billing', subject: subject.id })
      .field(spec);
  };
  assert.equal(await granted(), 'clear');
  const again = await reviews.begin(owner, 'billing', 1);
  await sleep(1100);
  assert.equal(await granted(), 'masked', 'a grant does not help');
  await finish(again.id);
  assert.equal(await granted(), 'clear');
});

test('a person who loses a role keeps the others, and with the last one the way in; sessions end', async () => {
  const person = await personIn(servers, 'marketing');
  const who = await person.again();
  const { id } = await reviews.begin(owner, 'marketing', 60);

  await reviews.decide(owner, id, [who.id], 'remove', 'left the team');

  await assert.rejects(person.again(), code('ACCESS_UNAUTHENTICATED'));
  await finish(id);
});

test('no review takes the last administrator away, also where another one is disabled at the same moment', async () => {
  const { db, first } = servers;
  const [one, two] = [await personIn(servers, 'admin'), await personIn(servers, 'admin')];
  const [kept, taken] = [await one.again(), await two.again()];
  const { id } = await reviews.begin(owner, 'admin', 60);
  const decide = (who: Actor) => reviews.decide(owner, id, [who.id], 'remove', 'left the team');

  let other: Promise<unknown> = Promise.resolve();
  await db.begin(async (tx) => {
    // as whoever disables somebody does
    await lockChangesBy(tx, kept);
    await tx`update access.people set state = 'disabled' where person_id = ${parsePublicId('per', taken.id)}`;
    other = decide(kept);
    other.catch(() => undefined);
    for (let n = 0; n < 30; n += 1) await db`select 1`;
  });

  await assert.rejects(other, code('ACCESS_LAST_ADMINISTRATOR'));
  assert.equal((await one.again()).role, 'admin');
  assert.ok((await first.rolesThat('people.manage')).includes('admin'));
});

test('a closed review is a bundle: its result, its hash in the log, and the proof; it does not change any more', async () => {
  const { id } = await reviews.begin(owner, 'collector', 60);
  await assert.rejects(reviews.bundle(id), code('ACCESS_REVIEW_STATE'));
  await reviews.close(owner, id);
  await servers.audit.integrate();

  const { result, resultHash, auditIndex, proof } = await reviews.bundle(id);

  assert.equal(createHash('sha256').update(result).digest('hex'), resultHash);
  assert.equal((JSON.parse(result) as { format: string }).format, 'strongroom/access-review/1');
  const [entry] = await servers.audit.read(auditIndex, auditIndex + 1);
  assert.match(entry?.bytes.toString() ?? '', new RegExp(resultHash));
  assert.match(proof, /^c2sp\.org\/tlog-proof/);
  await assert.rejects(
    servers.db`update access.reviews set result = '{}' where closed_at is not null`,
    /kept for ever/,
  );
  await assert.rejects(servers.db`delete from access.review_items`, /kept for ever/);
});

/** As it is so many days later, by the reviews; only a superuser can turn the rules off. */
const later = (days: number) =>
  servers.db.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update access.reviews set due_at = due_at - make_interval(days => ${days}), closed_at = closed_at - make_interval(days => ${days})`;
    await tx`update access.review_calendar set since = since - make_interval(days => ${days})`;
  });

test('a workload is reviewed as a key is: late it sees nothing in clear, removed it is gone; where alert is chosen it goes on', async () => {
  const id = uuidv7();
  await servers.db`
    insert into access.workloads (workload_id, name, issuer, subject, audience, jwks, role, created_by)
    values (${id}, 'nightly', 'https://issuer.example', ${id}, 'room', '{"keys":[]}', 'billing', 'test')`;
  const overdue = async () => (await livingWorkload(servers.db, id))?.overdue;
  const asked = await reviews.begin(owner, 'billing', 60, 'alert');
  await later(1);
  assert.deepEqual([(await reviews.get(asked.id)).overdue, await overdue()], [true, false]);
  await finish(asked.id);
  const again = await reviews.begin(owner, 'billing', 60);
  assert.equal(again.onOverdue, 'suspend');
  await later(1);
  assert.equal(await overdue(), true);
  const { items } = await reviews.get(again.id);
  const item = items.find(({ name }) => name === 'nightly');

  await reviews.decide(owner, again.id, [item?.holder ?? ''], 'remove', 'nobody knows it');

  assert.equal(await livingWorkload(servers.db, id), null);
  await finish(again.id);
});

test('more time is given once, by somebody whose role does not decide, who did not begin it and is not in it', async () => {
  await holder('dpo');
  const dpo = await personIn(servers, 'dpo');
  const own = { actor: await dpo.again() };
  const [another, began] = [
    { actor: await (await personIn(servers, 'auditor')).again() },
    await reviews.begin(owner, 'dpo', 60),
  ];
  const key = await servers.by('marketing');
  const two = { actor: await (await personIn(servers, 'auditor')).again() };
  const person = parsePublicId('per', two.actor.id) as string;
  await servers.db`update access.people set roles = '{auditor,security}' where person_id = ${person}`;
  const extend = (by: By, days = 7, reason = 'half of them are on leave') =>
    reviews.extend(by, began.id, days * 86_400, reason);
  await later(1);

  await assert.rejects(extend(owner), code('ACCESS_NOT_APPROVER'));
  await assert.rejects(extend(two), code('ACCESS_NOT_APPROVER'), 'who may decide, in another of their roles');
  await assert.rejects(extend(own), code('ACCESS_OWN_REQUEST'));
  await assert.rejects(extend(key), code('ACCESS_PERSON_NEEDED'));
  await assert.rejects(extend(another, 7, ' '), code('ACCESS_REQUEST_INVALID'));
  const extended = await extend(another);
  assert.deepEqual([extended.overdue, extended.extendedBy], [false, another.actor.id]);
  assert.ok(Math.abs(Date.parse(extended.dueAt) - Date.now() - 7 * 86_400_000) < 60_000);
  await assert.rejects(extend(another), code('ACCESS_REVIEW_STATE'));
  await assert.rejects(
    servers.db`update access.reviews set due_at = now() + interval '1 year' where role = 'dpo' and closed_at is null`,
    /more time once/,
  );
  const [entry] = await servers.logged(1);
  assert.equal(entry?.action, 'access.review.extend');
  assert.ok(!JSON.stringify(entry).includes('leave'), 'the reason is in the table');
  await finish(began.id);
});

test('nobody decides on a key that they made', async () => {
  const mine = await holder('intake');
  const person = await (await personIn(servers, 'security')).again();
  const uuid = parsePublicId('per', person.id) as string;
  await servers.db`update access.keys set person_id = ${uuid} where key_id = ${parsePublicId('key', mine.id) as string}`;
  const { id } = await reviews.begin(owner, 'intake', 60);

  await assert.rejects(reviews.decide({ actor: person }, id, [mine.id], 'keep', ''), code('ACCESS_OWN_REQUEST'));
  await finish(id);
});

test('the calendar begins what is due: each quarter where customers are seen in clear, each year elsewhere; once, over all servers', async () => {
  for (const { id, closedAt } of await reviews.list()) if (closedAt === null) await finish(id).catch(() => undefined);
  await servers.db`delete from access.review_calendar`;
  for (const role of ['billing', 'support', 'analyst']) await holder(role);
  const other = createReviews({
    db: servers.db,
    clock: () => new Date(),
    audit: servers.audit,
    policies: servers.second.policies,
    rolesThat: servers.second.rolesThat,
  });
  assert.deepEqual(await reviews.calendar(), [], 'a new installation is not asked on its first day');
  await later(90);
  assert.deepEqual(await reviews.calendar(), []);
  await later(2);

  const begun = (await Promise.all([reviews.calendar(), other.calendar()])).flat();

  assert.ok(begun.includes('billing') && !begun.includes('analyst') && !begun.includes('support'), begun.join());
  assert.equal(new Set(begun).size, begun.length);
  assert.equal((await reviews.list()).find(({ role }) => role === 'billing')?.beganBy, 'calendar');
  assert.deepEqual(await reviews.calendar(), [], 'what is open is not begun again');
  await later(275);
  assert.ok((await reviews.calendar()).includes('analyst'));
});

test('a review that ended while the clock ran ahead by a year does not put off the next one by a year', async () => {
  const billing = (await reviews.list()).find(({ role, closedAt }) => role === 'billing' && closedAt === null);
  await finish(billing?.id ?? '');
  assert.deepEqual(await reviews.calendar(), []);
  await later(-365);

  assert.ok((await reviews.calendar()).includes('billing'));
});
