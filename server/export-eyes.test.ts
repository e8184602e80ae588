/** Who fell for exercises twice: an export of theirs waits for somebody else's yes, for a time, and the log does not say why. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { PURPOSE, staffedSystems, type Invited, type Staffed } from './testing-education.ts';
import { comeIn, type Json } from './testing.ts';

let world: Staffed;
let sue: Invited;
let eyes: string;
before(async () => {
  world = await staffedSystems();
  sue = await world.somebody(['dpo'], comeIn);
  const made = await world.two.call('POST', '/v1/access/keys', {
    cookie: world.admin.cookie,
    body: { name: 'eyes', role: 'security' },
  });
  eyes = made.body.key as string;
});
after(() => world.two.close());

const call: Staffed['two']['call'] = (...asked) => world.two.call(...asked);
const path = '/v1/access/export-requests';
const exports_ = (cookie: string, server = 0, purpose = PURPOSE) =>
  call('GET', '/v1/vault/export?collection=customer&fields=last_name', { cookie, purpose, server });
/** So many exercises, a form filled in of each. */
async function fell(email: string, times: number): Promise<void> {
  const { db } = world.two.fresh;
  for (let n = 0; n < times; n += 1) {
    const [made] = await db<{ id: string }[]>`
      insert into education.campaigns (campaign_id, name, template, source, level, mode, from_at, until_at, made_by, made_at)
      values (gen_random_uuid(), 'x', 'parcel-fee', 'x', 'least', 'people', now() - interval '2 days', now() - interval '1 day', 'x', now()) returning campaign_id as id`;
    await db`
      insert into education.phish_marks (person_id, campaign_id, kind, hour)
      select person_id, ${made?.id ?? ''}::uuid, 'submit', date_trunc('hour', now(), 'UTC') from access.people where email = ${email}`;
  }
}

test('once it is no change, twice it waits and says so; another says yes, and it is open for that purpose and an hour', async () => {
  assert.equal((await exports_(sue.cookie)).status, 200);
  await fell(sue.email, 1);
  assert.equal((await exports_(sue.cookie)).status, 200);
  await fell(sue.email, 1);
  for (const server of [0, 1]) {
    const waits = await exports_(sue.cookie, server);
    assert.equal(waits.status, 403);
    assert.match(waits.body.detail as string, /waits until somebody else has said yes/);
  }
  const run = await call('POST', '/v1/collection/exports/profiles/exp_00000000000000000000000000/run', { cookie: sue.cookie }); // prettier-ignore
  assert.equal(run.status, 403);
  assert.match(run.body.detail as string, /waits until somebody else has said yes/);
  assert.equal((await call('GET', `/v1/vault/records/${world.recordId}`, { cookie: sue.cookie, purpose: PURPOSE })).status, 200, 'reading goes on'); // prettier-ignore

  // who is told is who is there when it is folded, by whichever server
  const eve = await world.somebody(['security'], comeIn);
  const asked = await call('POST', path, { cookie: sue.cookie, body: { purpose: PURPOSE, reason: 'the yearly report' } }); // prettier-ignore
  assert.equal(asked.status, 201, JSON.stringify(asked.body));
  assert.equal((await call('POST', path, { cookie: sue.cookie, body: { purpose: PURPOSE, reason: 'again' } })).body.code, 'ACCESS_GRANT_STATE'); // prettier-ignore
  // a key of the administrator's own, in a role that approves: it is she who acts
  const approve = (id = asked.body.id as string) => call('POST', `${path}/${id}/approve`, { key: eyes });
  const own = await call('POST', path, { cookie: world.admin.cookie, body: { purpose: PURPOSE, reason: 'mine' } });
  assert.equal((await approve(own.body.id as string)).body.code, 'ACCESS_OWN_REQUEST');
  const bob = await world.somebody(['support'], comeIn);
  assert.equal((await call('POST', `${path}/${asked.body.id}/approve`, { cookie: bob.cookie })).status, 403);
  assert.equal((await call('GET', path, { cookie: bob.cookie })).status, 403);
  assert.deepEqual((await call('GET', `${path}/mine`, { cookie: bob.cookie })).body.requests, []);
  assert.equal((await exports_(sue.cookie)).status, 403, 'what waits opens nothing');

  const isTold = async (cookie: string, kind: string): Promise<boolean> => {
    await world.two.noticed();
    const { body } = await call('GET', '/v1/access/notices', { cookie });
    return (body.notices as Json[]).some((notice) => notice.kind === kind);
  };
  assert.ok(await isTold(eve.cookie, 'export-asked'));
  const approved = await approve();
  assert.equal(approved.status, 200, JSON.stringify(approved.body));
  assert.equal((await approve()).body.code, 'ACCESS_GRANT_STATE');
  assert.deepEqual([(await exports_(sue.cookie, 1)).status, (await exports_(sue.cookie, 0)).status], [200, 200]);
  assert.equal((await exports_(sue.cookie, 0, 'legal.request')).status, 403, 'for this purpose alone');
  assert.ok(await isTold(sue.cookie, 'export-answered'));

  await world.two.fresh.db`update access.export_requests set until = now() - interval '1 second'`;
  assert.equal((await exports_(sue.cookie)).status, 403, 'an hour later it waits again');
});

test('a denial opens nothing, others are as before, it ends with the tier, and the log says of nobody why', async () => {
  const asked = await call('POST', path, { cookie: sue.cookie, body: { purpose: PURPOSE, reason: 'once more' } });
  assert.equal((await call('POST', `${path}/${asked.body.id}/deny`, { key: eyes })).status, 200);
  assert.equal((await exports_(sue.cookie)).status, 403);
  const ida = await world.somebody(['dpo'], comeIn);
  assert.equal((await exports_(ida.cookie)).status, 200);
  // anybody may ask: that somebody did tells nothing
  assert.equal((await call('POST', path, { cookie: ida.cookie, body: { purpose: PURPOSE, reason: 'x' } })).status, 201);

  const { audit } = world.two.systems[0];
  const all = (await audit.read(0, await audit.size())).map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as Json);
  const denials = all.filter(({ outcome, actor, action }) => outcome === 'denied' && actor.id === sue.id && !(action as string).startsWith('access.export')); // prettier-ignore
  assert.ok(denials.length > 0);
  assert.ok(!/tier|phish|eyes|waits/.test(JSON.stringify(denials)), JSON.stringify(denials[0]));
  await world.two.fresh.db`update education.phish_marks set hour = hour - interval '91 days'`;
  assert.equal((await exports_(sue.cookie)).status, 200, 'after 90 days it is over');
});

test('a request that nobody answered is over after a day: it is approved no more, and room for another', async () => {
  const joe = await world.somebody(['dpo'], comeIn);
  const ask = () => call('POST', path, { cookie: joe.cookie, body: { purpose: PURPOSE, reason: 'x' } });
  const first = await ask();
  assert.equal(first.status, 201);
  await world.two.fresh.db`
    update access.export_requests set asked_at = asked_at - interval '1 day', waits_until = waits_until - interval '1 day' where state = 'pending'`;
  const late = await call('POST', `${path}/${first.body.id}/approve`, { key: eyes });
  assert.deepEqual([late.status, late.body.code], [409, 'ACCESS_GRANT_STATE']);
  const { requests } = (await call('GET', `${path}/mine`, { cookie: joe.cookie })).body;
  assert.deepEqual((requests as Json[]).map(({ state }) => state), ['ended']);
  assert.equal((await ask()).status, 201);
}); // prettier-ignore

test('only a purpose of the catalogue is asked for, and five times a day, at once too, whatever became of them', async () => {
  const kim = await world.somebody(['support'], comeIn);
  const ask = (purpose: string, server = 0) => call('POST', path, { cookie: kim.cookie, server, body: { purpose, reason: 'x' } });
  const unknown = await ask('buy.now.at.example');
  assert.deepEqual([unknown.status, unknown.body.code], [422, 'ACCESS_REQUEST_INVALID']);
  const all = ['service', 'service.billing', 'service.delivery', 'marketing', 'analytics', 'legal', 'legal.request'];
  const asked = await Promise.all(all.map((purpose, at) => ask(purpose, at % 2)));
  assert.deepEqual([201, 429].map((each) => asked.filter(({ status }) => status === each).length), [5, 2]);
  for (const { status, body } of asked) if (status === 201) assert.equal((await call('POST', `${path}/${body.id}/deny`, { key: eyes })).status, 200);
  const sixth = await ask(PURPOSE);
  assert.deepEqual([sixth.status, sixth.body.code], [429, 'ACCESS_EXPORTS_ASKED']);
  assert.ok(Number(sixth.headers.get('retry-after')) > 86_000, 'until the oldest of them is a day ago');
  await world.two.fresh.db`update access.export_requests set asked_at = asked_at - interval '1 day' where state = 'denied'`;
  assert.equal((await ask(PURPOSE)).status, 201);
}); // prettier-ignore
