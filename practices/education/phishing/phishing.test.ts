/** Exercises are for people who work here, leave once and within their hours, and not at all after they were stopped. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { uuidv7 } from '#platform/ids';
import { isFailure } from '#platform/failure';

import { personUuid, type CampaignToPlan } from './campaigns.ts';
import { phishingWorld, tokenIn, type World } from '../testing.ts';
import { minutesWithin, randomMinute, worksAt, OFFICE_HOURS } from './working-minutes.ts';

const ORIGIN = 'https://portal.example.net';
let world: World;
before(async () => void (world = await phishingWorld(ORIGIN)));
after(() => world.close());

const wanted = (more: Partial<CampaignToPlan>): CampaignToPlan => ({
  name: 'March', template: 'parcel-fee', mode: 'people', roles: [], people: [],
  from: new Date('2026-03-04T09:00:00Z'), until: new Date('2026-03-06T17:00:00Z'), ...more,
}); // prettier-ignore
const refusedAs = (code: string) => (thrown: unknown) => isFailure(thrown, code);
const exercises = () => world.got.filter(({ raw }) => raw.includes('X-') || raw.includes(ORIGIN));
/** All that is due by then is handed over, sent, and noted. */
async function until(iso: string): Promise<void> {
  world.at(iso);
  await world.phishing.tick();
  await world.mail.sendDue();
  await world.phishing.tick();
}

test('an address is nobody: not a customer’s, not one typed in, not a colleague’s, and the table has no place for others', async () => {
  const ada = await world.hire('ada', { email: 'ada@example.org' });
  for (const id of ['ada@example.org', 'customer@example.com', 'sub_0123456789abcdefghjkmnpqrs', `${ada.id} `, ''])
    await assert.rejects(world.phishing.plan(world.by, wanted({ people: [{ id }] })), refusedAs('EDUCATION_NOT_STAFF'), id);

  // a customer has the very address of a colleague
  world.customers.add('ada@example.org');
  const trial = await world.phishing.plan(world.by, wanted({ people: [{ id: ada.id }] })).catch((thrown: unknown) => thrown);
  assert.ok(refusedAs('EDUCATION_NOBODY_LEFT')(trial));
  assert.deepEqual((trial as { extra?: unknown }).extra, {}, 'which of the reasons it was is not told');
  assert.deepEqual(world.logged.at(-1), { action: 'education.phishing.plan', actor: world.by.actor, outcome: 'denied', requestId: 'test', detail: { because: 'NOBODY_LEFT' } });
  const bea = await world.hire('bea', { roles: ['billing'] });
  await world.others(8);
  world.customers.delete('ada@example.org');
  const { id, recipients } = await world.phishing.plan(world.by, wanted({ roles: ['support', 'billing'] }));
  assert.equal(recipients, 10);
  // and became one since
  world.customers.add('bea@example.org');
  await until('2026-03-06T16:59:00Z');
  await until('2026-03-06T16:59:30Z');
  const { targets } = (await world.phishing.get(id)).results;
  assert.equal(JSON.stringify(targets).includes('left'), false);
  assert.ok(exercises().length > 0 && exercises().every(({ to }) => to !== 'bea@example.org'));
  const [left] = await world.db`select count(*)::int as n from education.phish_targets where person_id = ${personUuid(bea.id)}`;
  assert.equal(left?.n, 0, 'no row tells that somebody is a customer');
  const [campaign] = await world.db`select campaign_id from education.campaigns limit 1`;
  await assert.rejects(
    world.db`insert into education.phish_targets (campaign_id, person_id, role, zone, due_at) values (${campaign?.campaign_id}, ${uuidv7()}, '', 'UTC', now())`,
    /foreign key/,
  );
}); // prettier-ignore

test('nobody gets two within 30 days, also of two that are planned at once', async () => {
  world.at('2026-05-04T09:00:00Z');
  const people = (await world.others(10)).map(({ id }) => ({ id }));
  const times = { from: new Date('2026-05-04T09:00:00Z'), until: new Date('2026-05-08T17:00:00Z') };

  const all = await Promise.allSettled([1, 2, 3].map(() => world.phishing.plan(world.by, wanted({ people, ...times }))));

  assert.deepEqual(all.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected', 'rejected']);
  const later = { from: new Date('2026-06-01T09:00:00Z'), until: new Date('2026-06-02T17:00:00Z') };
  await assert.rejects(world.phishing.plan(world.by, wanted({ people, ...later })), refusedAs('EDUCATION_NOBODY_LEFT'));
  const free = { from: new Date('2026-06-08T09:00:00Z'), until: new Date('2026-06-12T17:00:00Z') };
  assert.equal((await world.phishing.plan(world.by, wanted({ people, ...free }))).recipients, 10);
}); // prettier-ignore

test('nor when a late one is moved within its exercise, as far as to its end', async () => {
  world.at('2027-03-01T09:00:00Z');
  const people = (await world.others(10)).map(({ id }) => ({ id }));
  const { id } = await world.phishing.plan(world.by, wanted({ people, from: world.at(), until: new Date('2027-04-09T17:00:00Z') }));
  await world.db`update education.phish_targets set due_at = ${world.at()} where state = 'planned'`;
  const second = wanted({ people, from: new Date('2027-04-12T09:00:00Z'), until: new Date('2027-04-13T17:00:00Z') });

  await assert.rejects(world.phishing.plan(world.by, second), refusedAs('EDUCATION_NOBODY_LEFT'));

  await world.phishing.stop(world.by, id);
  assert.equal((await world.phishing.plan(world.by, second)).recipients, 10);
}); // prettier-ignore

test('minutes are those of work where the person is, each as likely, and none of a night or weekend', () => {
  const works = worksAt('America/New_York', OFFICE_HOURS);
  // over the change of the clocks on 8 March
  const [from, until] = [new Date('2026-03-06T12:00:00Z'), new Date('2026-03-10T12:00:00Z')];
  const local24 = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'America/New_York',
    weekday: 'short',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  const seen = new Set<number>();
  const minute = minutesWithin({ from, until, works });
  for (let nth = 0; nth < 4000; nth += 1) {
    const at = minute((below) => Math.floor((nth / 4000) * below));
    assert.ok(at !== null && at >= from && at < until);
    const local = local24.format(at); // prettier-ignore
    assert.match(local, /^(Fri|Mon),? (09|1[0-6])$/);
    seen.add(at.getUTCHours());
  }
  assert.ok(seen.has(14) && seen.has(13), 'nine o’clock is another hour after the change');
  assert.equal(randomMinute({ from: new Date('2026-03-07T00:00:00Z'), until: new Date('2026-03-08T23:00:00Z'), works, pick: () => 0 }), null); // prettier-ignore
});

test('a mail server that is down keeps the mail, not a second one; stopped meanwhile, none arrives', async () => {
  world.at('2026-07-06T09:00:00Z');
  const people = (await world.others(10)).map(({ id }) => ({ id }));
  const times = { from: new Date('2026-07-06T09:00:00Z'), until: new Date('2026-07-06T12:00:00Z') };
  const { id } = await world.phishing.plan(world.by, wanted({ people, ...times }));
  await world.mail.sendDue(); // the help desk's
  world.got.length = 0;
  world.behave.refuse = 451;
  world.at('2026-07-06T11:59:00Z');
  await world.db`update education.phish_targets set due_at = ${world.at()} where campaign_id = (select campaign_id from education.campaigns order by 1 desc limit 1)`;
  for (let tries = 0; tries < 3; tries += 1) {
    await world.phishing.tick();
    await world.due();
    await world.mail.sendDue();
  }
  assert.deepEqual([(await world.phishing.get(id)).results.targets.queued, world.got.length], [10, 0]);

  assert.deepEqual(await world.phishing.stop(world.by, id), { takenBack: 10 });
  world.behave.refuse = null;
  await world.due();
  await world.mail.sendDue();
  await world.phishing.tick();

  assert.deepEqual([world.got.length, (await world.phishing.get(id)).results.targets.stopped], [0, 10]);
  await assert.rejects(world.phishing.stop(world.by, id), refusedAs('EDUCATION_EXERCISE_OVER'));
});

test('a mail that left and was not noted is sent again as the same one; links differ, and no table has them', async () => {
  world.at('2026-09-07T09:00:00Z');
  const people = (await world.others(10)).map(({ id }) => ({ id }));
  const times = { from: world.at(), until: new Date('2026-09-07T12:00:00Z') };
  const { id } = await world.phishing.plan(world.by, wanted({ people, ...times }));
  await world.mail.sendDue();
  world.got.length = 0;
  world.at('2026-09-07T11:59:00Z');
  await world.db`update education.phish_targets set due_at = ${world.at()} where campaign_id = (select campaign_id from education.campaigns order by 1 desc limit 1)`;
  await world.phishing.tick();
  const sealed = await world.db`select mail_id, sealed, recipient from mail.outbox where state = 'queued'`;
  await world.mail.sendDue();
  // killed between sending and noting: the row is as it was before
  for (const { mail_id, sealed: was } of sealed) await world.db`update mail.outbox set state = 'queued', sealed = ${was}, done_at = null where mail_id = ${mail_id}`;
  await world.due();
  await world.phishing.tick();
  await world.mail.sendDue();
  await world.phishing.tick();

  assert.equal(world.got.length, 20);
  assert.equal(new Set(world.got.map((each) => each.id)).size, 10, 'ten Message-IDs, each twice');
  const tokens = new Set(world.got.map(({ raw }) => tokenIn(raw, ORIGIN)));
  assert.equal(tokens.size, 10);
  const { results } = await world.phishing.get(id);
  assert.deepEqual([results.targets.sent, results.counts?.sent], [10, 10]);
  const all = JSON.stringify([await world.db`select t::text from education.phish_tokens t`, await world.db`select c::text from education.campaigns c`, await world.db`select o::text from mail.outbox o`, world.logged]);
  for (const token of tokens) assert.ok(!all.includes(token) && !all.includes(Buffer.from(token).toString('hex')));
  assert.match(world.got[0]?.raw ?? '', /^From: .*@.*\.example/m);
}); // prettier-ignore

test('a server that was down over night writes in the morning, or not at all', async () => {
  world.at('2026-11-02T09:00:00Z');
  const one = await world.hire('ida');
  const times = { from: world.at(), until: new Date('2026-11-04T17:00:00Z') };
  await world.phishing.plan(world.by, wanted({ people: [one, ...(await world.others(9))].map(({ id: each }) => ({ id: each })), ...times }));
  await world.db`update education.phish_targets set due_at = '2026-11-02T16:00:00Z' where state = 'planned' and person_id = (select person_id from access.people where name = 'ida')`;
  await until('2026-11-03T02:00:00Z');
  const [row] = await world.db`select due_at, state from education.phish_targets where person_id = (select person_id from access.people where name = 'ida')`;
  assert.ok(row?.state === 'planned' && worksAt('UTC', OFFICE_HOURS)(row.due_at as Date) && (row.due_at as Date) > world.at());
  await until('2026-11-05T10:00:00Z');
  assert.equal((await world.db`select from education.phish_targets where person_id = (select person_id from access.people where name = 'ida')`).length, 0);
}); // prettier-ignore

test('an address or a name that no mail can be written with stops nobody else’s', async () => {
  world.at('2027-09-06T09:00:00Z');
  world.got.length = 0;
  const odd = [await world.hire('jürgen', { email: 'jürgen@example.org' }), await world.hire('$& and\tsons', { email: 'sons@example.org' }), await world.hire('cut \uD83D', { email: 'cut@example.org' }).catch(() => null)];
  const people = [...odd, ...(await world.others(10))].flatMap((each) => (each === null ? [] : [{ id: each.id }]));
  const { id } = await world.phishing.plan(world.by, wanted({ people, from: world.at(), until: new Date('2027-09-06T12:00:00Z') }));
  await world.db`update education.phish_targets set due_at = ${world.at()} where state = 'planned' and person_id in (select person_id from access.people where name like 'other-%' or name ~ '[$]|ü|cut')`;

  await until('2027-09-06T09:10:00Z');
  await until('2027-09-06T09:11:00Z');

  const { targets } = (await world.phishing.get(id)).results;
  assert.ok(targets.sent >= 10 && targets.planned === 0 && targets.queued === 0, JSON.stringify(targets));
  assert.ok(!world.got.some(({ raw }) => raw.includes('{{name}}')));
}); // prettier-ignore
