/** Access on the whole system: two servers on one database, over HTTP. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { callsInARow, twoSystems, type Answer, type Json, type TwoSystems } from './testing.ts';
import { matrixIsShown } from './access-matrix.tests.ts';
import { authzenAnswers } from './access-authzen.tests.ts';

let two: TwoSystems;
let urls: TwoSystems['urls'];
let admin: string;

before(async () => {
  two = await twoSystems();
  ({ urls, admin } = two);
});
after(() => two.close());

const call = callsInARow(() => two);
const newKey = (role: string) => two.newKey(role);
const logged = (count: number) => two.logged(count);
async function changeActive(change: (document: Json) => void): Promise<{ version: Json; review: Json }> {
  const { document } = (await call(0, 'GET', '/v1/access/policies/active', admin)).body;
  change(document as Json);
  const proposed = await call(0, 'POST', '/v1/access/policies', admin, { document, note: 'a test' });
  assert.equal(proposed.status, 201, JSON.stringify(proposed.body));
  return proposed.body as { version: Json; review: Json };
}

test('a customer is read, policies change on one server, and the next read on the other one is by them', async () => {
  const app = await newKey('application');
  const support = await newKey('support');
  const dpo = await newKey('dpo');
  const stored = await call(0, 'POST', '/v1/vault/records', app.key, {
    collection: 'customer',
    fields: { last_name: 'Lovelace', company: 'Engines' },
  });
  const read = () =>
    call(
      1,
      'GET',
      `/v1/vault/records/${stored.body.id}?fields=last_name,company`,
      support.key,
      undefined,
      'service.support',
    );
  assert.deepEqual(states(await read()), { last_name: 'masked', company: 'clear' });

  const { version, review } = await changeActive((document) => {
    document.policies['support-reveal'] =
      'forbid (principal in Role::"support", action == Action::"reveal", resource);';
  });
  assert.equal(version.state, 'validated');
  assert.ok(review.diff.narrower > 0 && review.diff.wider === 0);
  assert.equal(
    (await call(0, 'POST', `/v1/access/policies/${version.id}/approve`, admin, { hash: version.hash })).status,
    403,
  );
  assert.equal(
    (await call(0, 'POST', `/v1/access/policies/${version.id}/approve`, dpo.key, { hash: version.hash })).status,
    200,
  );
  assert.deepEqual(states(await read()), { last_name: 'masked', company: 'clear' });
  assert.equal((await call(0, 'POST', `/v1/access/policies/${version.id}/activate`, admin)).status, 200);

  assert.deepEqual(states(await read()), { last_name: 'masked', company: 'masked' });
  const [entry] = await logged(1);
  assert.deepEqual([entry?.action, entry?.decision.policyVersion], ['vault.read', version.id]);
  assert.ok(entry?.decision.policies.includes('support-mask'), 'the log names the policy by which a field left');
});
const states = ({ body }: Answer): Json =>
  Object.fromEntries(Object.entries(body.fields as Json).map(([name, field]) => [name, (field as Json).state]));

test('a running export ends at its next page when its key is revoked on another server', async () => {
  const app = await newKey('application');
  const dpo = await newKey('dpo');
  // more than any buffer between the server and a reader that does not read
  const fields = {
    last_name: 'Much',
    care_notes: 'x'.repeat(2000),
    company: 'y'.repeat(4000),
    job_title: 'z'.repeat(4000),
  };
  for (let n = 0; n < 3; n += 1) {
    const records = Array.from({ length: 500 }, () => ({ fields }));
    const stored = await call(0, 'POST', '/v1/vault/records/batch', app.key, { collection: 'customer', records });
    assert.equal(stored.body.results[0].status, 'created', JSON.stringify(stored.body.results[0]));
  }
  const url = `${urls[1]}/v1/vault/export?collection=customer`;
  const headers = { authorization: `Bearer ${dpo.key}`, 'strongroom-purpose': 'legal.request' };

  const response = await fetch(url, { headers });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  await fetch(`${urls[0]}/v1/access/keys/${dpo.id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${admin}` },
  });
  let got = 0;
  const rest = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      got += value.filter((byte) => byte === 10).length;
    }
  };

  await assert.rejects(rest(), 'the stream is cut off, not ended as if that were all');
  assert.ok(got < 1500, `${got} of 1500 records`);
});

test('a policy that masks otherwise is obeyed', async () => {
  const app = await newKey('application');
  const support = await newKey('support');
  const dpo = await newKey('dpo');
  const stored = await call(0, 'POST', '/v1/vault/records', app.key, {
    collection: 'customer',
    fields: { last_name: 'Lovelace' },
  });
  const { version } = await changeActive((document) => {
    document.policies['support-mask'] = `@mask("hide") ${document.policies['support-mask']}`;
  });
  assert.equal(
    (await call(0, 'POST', `/v1/access/policies/${version.id}/approve`, dpo.key, { hash: version.hash })).status,
    200,
  );
  const read = async (): Promise<unknown> =>
    (
      await call(
        1,
        'GET',
        `/v1/vault/records/${stored.body.id}?fields=last_name`,
        support.key,
        undefined,
        'service.support',
      )
    ).body.fields.last_name.masked;
  assert.match(String(await read()), /L/);

  assert.equal((await call(0, 'POST', `/v1/access/policies/${version.id}/activate`, admin)).status, 200);

  assert.doesNotMatch(String(await read()), /[a-z]/i);
});

test('proposals, approvals and refusals are in the log, with what was asked for', async () => {
  const { version } = await changeActive((document) => (document.roles.support.says = 'helps'));
  assert.equal((await logged(1))[0]?.action, 'access.policy.propose');
  const auditor = await newKey('auditor');

  const refused = await call(0, 'POST', `/v1/access/policies/${version.id}/approve`, auditor.key, {
    hash: version.hash,
  });
  assert.deepEqual([refused.status, refused.body.code], [403, 'ACCESS_DENIED']);
  const [denial] = await logged(1);
  assert.deepEqual(
    [denial?.action, denial?.outcome, denial?.actor.id],
    ['access.policies.approve', 'denied', auditor.id],
  );

  const security = await newKey('security');
  const wrong = await call(0, 'POST', `/v1/access/policies/${version.id}/approve`, security.key, {
    hash: '0'.repeat(64),
  });
  assert.deepEqual([wrong.status, wrong.body.code], [409, 'ACCESS_POLICY_CHANGED']);
  const [replayed] = await logged(1);
  assert.deepEqual(
    [replayed?.action, replayed?.outcome, replayed?.detail.code],
    ['access.policy.approve', 'denied', 'ACCESS_POLICY_CHANGED'],
  );
});

test('a document that breaks a rule or has a fault becomes a draft that says why, and nothing else', async () => {
  const { version, review } = await changeActive((document) => {
    document.policies.peek = 'permit (principal in Role::"admin", action == Action::"records.read", resource);';
  });
  assert.equal(version.state, 'draft');
  assert.deepEqual(
    review.broken.map(({ rule }: Json) => rule),
    ['administrators-see-no-customer', 'training'],
  );
  const fault = await changeActive((document) => (document.policies.torn = 'permit ('));
  assert.match(JSON.stringify(fault.review.faults), /torn/);
  const odd = await call(0, 'POST', '/v1/access/policies', admin, { document: { format: 'other' }, note: 'x' });
  assert.deepEqual([odd.status, odd.body.code], [400, 'HTTP_INVALID']);
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({ urls, admin, call, newKey, logged, changeActive });
export type Running = ReturnType<typeof running>;

matrixIsShown(running);
authzenAnswers(running);
