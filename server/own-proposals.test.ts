/** What takes two people is not approved by whoever proposed it, by whichever of their keys and sessions, on any server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { staffedSystems, type Invited, type Staffed } from './testing-education.ts';
import { comeIn, type Json } from './testing.ts';

let world: Staffed;
let [ada, bob]: Invited[] = [];
/** Made by Ada. */
let key: string;
before(async () => {
  world = await staffedSystems();
  ada = await world.somebody(['admin', 'security'], comeIn);
  bob = await world.somebody(['dpo'], comeIn);
  const made = await world.two.call('POST', '/v1/access/keys', { cookie: ada.cookie, body: { name: 'mine', role: 'security' } });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  key = made.body.key as string;
  const { status } = await world.two.call('PUT', '/v1/access/session/role', { cookie: ada.cookie, body: { role: 'security' } });
  assert.ok(status < 300);
}); // prettier-ignore
after(() => world.two.close());

const call = (by: object, method: string, path: string, body?: object, server = 0) => world.two.call(method, `/v1/assurance/${path}`, { ...by, server, ...(body === undefined ? {} : { body }) }); // prettier-ignore
const session = (who: Invited | undefined) => ({ cookie: who?.cookie ?? '' });

/** Proposed by her session, or her key: neither of the two approves it. */
async function onlyAnotherApproves(propose: (by: object) => Promise<Readonly<{ path: string; body?: object }>>): Promise<Json> {
  let approved: Json = {};
  for (const by of [session(ada), { key }]) {
    const { path, body } = await propose(by);
    for (const own of [session(ada), { key }])
      for (const server of [0, 1]) assert.equal((await call(own, 'POST', path, body, server)).body.code, 'ASSURANCE_SAME_PERSON', path);
    const { status, body: after } = await call(session(bob), 'POST', path, body, 1);
    assert.equal(status, 200, JSON.stringify(after));
    approved = after;
  }
  return approved;
} // prettier-ignore

test('living with a finding', async () => {
  const accepted = await onlyAnotherApproves(async (by) => {
    const { body: found } = await call(session(ada), 'POST', 'findings', { title: `A way in by ${JSON.stringify(by).length}`, description: 'x', severity: 'low', asset: 'console', place: JSON.stringify(by).slice(0, 8), reporter: 'x' });
    const wanted = { version: found.version as number, days: 30, control: 'a firewall', reason: 'an old device' };
    const proposed = await call(by, 'POST', `findings/${found.id as string}/acceptance`, wanted);
    assert.equal(proposed.status, 200, JSON.stringify(proposed.body));
    return { path: `findings/${found.id as string}/acceptance/approve`, body: { version: proposed.body.version as number, note: '' } };
  });
  assert.equal(accepted.state, 'accepted');
}); // prettier-ignore

test('arming, for tests that attack', async () => {
  const armed = await onlyAnotherApproves(async (by) => {
    const { body } = await call(by, 'POST', 'arms', { kinds: ['attack'], days: 7, reason: 'the nightly run' });
    return { path: `arms/${body.id as string}/approve` };
  });
  assert.equal(armed.state, 'armed');
});

test('letting people from outside test', async () => {
  const running = await onlyAnotherApproves(async (by) => {
    const { status, body } = await call(by, 'POST', 'engagements', { title: 'The yearly test', tester: 'A firm', scope: 'the API', rules: 'no customers', sources: ['127.0.0.1'], startsAt: '2026-01-01T00:00:00Z', days: 14 });
    assert.equal(status, 201, JSON.stringify(body));
    return { path: `engagements/${body.id as string}/approve` };
  });
  assert.equal(running.state, 'running');
}); // prettier-ignore
