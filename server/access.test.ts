/** Access on the whole system: two servers on one database, over HTTP. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';

import { callsInARow, twoSystems, type Answer, type Json, type TwoSystems } from './testing.ts';

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

test('the matrix, and past reads under another document', async () => {
  const matrix = (await call(0, 'GET', '/v1/access/policies/active/matrix', admin)).body;
  assert.ok(matrix.cells.length > 3000);
  assert.deepEqual(
    [
      ...new Set(
        matrix.cells
          .filter((cell: Json) => cell.outcome === 'clear' && cell.dataClass === 'special')
          .map(({ role }: Json) => role),
      ),
    ],
    ['application', 'center', 'dpo'],
  );

  const { version } = await changeActive(
    (document) =>
      (document.policies.shut = 'forbid (principal in Role::"support", action == Action::"records.read", resource);'),
  );
  const replayed = await call(0, 'POST', `/v1/access/policies/${version.id}/replay`, admin, {});
  assert.equal(replayed.status, 200, JSON.stringify(replayed.body));
  assert.ok(
    replayed.body.changes.some(({ role, to }: Json) => role === 'support' && to === 'denied'),
    JSON.stringify(replayed.body),
  );
});

test('whoami says what the key may', async () => {
  const { key } = await newKey('billing');
  const { body } = await call(1, 'GET', '/v1/access/whoami', key);

  assert.deepEqual(body.actions, [
    'records.read',
    'records.search',
    'tokens.open',
    'subjects.find',
    'grants.request',
    'incidents.report',
  ]);
  assert.deepEqual(body.purposes, ['service.billing']);
  assert.match(body.policyVersion, /^pol_/);
});

/** The command line, as a person types it. */
const typed = (key: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, STRONGROOM_URL: urls[0], STRONGROOM_KEY: key };
    execFile(process.execPath, ['cli/main.ts', 'access', ...args], { env }, (failed, out, err) =>
      resolve({ code: failed === null ? 0 : Number(failed.code), out, err }),
    );
  });

test('the matrix is a table for a reader, under the facts that were named, and never under one that is not there', async () => {
  const day = await typed(admin, 'matrix', '--role', 'billing');
  const granted = await typed(admin, 'matrix', '--role', 'billing', '--fact', 'grant=jit');
  const each = await typed(admin, 'matrix', '--role', 'billing', '--each');
  const wrong = await typed(admin, 'matrix', '--fact', 'grant=jti');
  const none = await typed(admin, 'matrix', '--role', 'auditor');

  assert.match(day.out, /^billing, where .*grant=none/);
  assert.match(day.out, /^ {2}service\.billing +clear +clear +clear +masked +denied$/m);
  assert.match(granted.out, /^ {2}service\.billing +clear +clear +clear +clear +denied$/m);
  assert.match(each.out, /^billing records\.read service\.billing sensitive .*grant=jit.* clear$/m);
  assert.deepEqual([wrong.code, wrong.out], [2, '']);
  assert.match(wrong.err, /no decision depends on grant=jti.*grant=none\|jit\|breakGlass/s);
  assert.equal(none.out, 'records.read is denied to auditor, whatever the purpose.\n');
});

test('AuthZEN: an evaluation says yes or no, how, by which policies, and is in the log', async () => {
  const security = await newKey('security');
  const ask = (body: object, key = security.key) => call(0, 'POST', '/access/v1/evaluation', key, body);
  const question = (id: string, field: string, purpose = 'service.support') => ({
    subject: { type: 'role', id },
    action: { name: 'records.read' },
    resource: { type: 'field', id: field },
    context: { purpose },
  });

  const masked = await ask(question('support', 'customer.email'));
  assert.deepEqual([masked.status, masked.body.decision, masked.body.context.state], [200, true, 'masked']);
  assert.deepEqual(
    masked.body.context.policies,
    ['support-actions', 'support-reveal', 'support-mask'],
    'the forbid that masks is among them',
  );
  const [entry] = await logged(1);
  assert.deepEqual(
    [entry?.action, entry?.detail.asked, entry?.detail.allowed, entry?.detail.roles],
    ['access.evaluate', 1, 1, ['support']],
  );
  const denied = await ask(question('marketing', 'customer.email'));
  assert.equal(denied.body.decision, false);
  assert.match(denied.body.context.reason, /does not work for/);

  for (const odd of [
    question('nobody', 'customer.email'),
    question('support', 'customer.nothing'),
    question('support', 'nothing.email'),
    question('support', 'customer.email', 'a@example.org'),
  ]) {
    const { status, body } = await ask(odd);
    assert.deepEqual([status, body.decision, body.context.error.status], [200, false, 404]);
  }
  assert.doesNotMatch(JSON.stringify(await logged(4)), /example\.org|nobody/);
  assert.equal((await ask({ subject: { type: 'role', id: 'x' } })).status, 400);
});

test('AuthZEN: anybody may ask about itself, about others whose role includes it', async () => {
  const support = await newKey('support');
  const about = (id: string) => ({
    subject: { type: 'key', id },
    action: { name: 'records.search' },
    resource: { type: 'collection', id: 'customer' },
    context: { purpose: 'service' },
  });

  assert.equal((await call(0, 'POST', '/access/v1/evaluation', support.key, about(support.id))).body.decision, true);
  assert.equal(
    (await call(0, 'POST', '/access/v1/evaluation', support.key, about((await newKey('dpo')).id))).status,
    403,
  );
});

test('AuthZEN: several evaluations, with defaults and the three semantics', async () => {
  const { key } = await newKey('security');
  const resource = (id: string) => ({ resource: { type: 'class', id } });
  const ask = async (semantic?: string) =>
    (
      await call(0, 'POST', '/access/v1/evaluations', key, {
        subject: { type: 'role', id: 'support' },
        action: { name: 'records.read' },
        context: { purpose: 'service' },
        evaluations: [resource('internal'), resource('special'), resource('personal')],
        ...(semantic === undefined ? {} : { options: { evaluations_semantic: semantic } }),
      })
    ).body.evaluations.map(({ decision }: Json) => decision as boolean) as boolean[];

  assert.deepEqual(await ask(), [true, false, true]);
  assert.deepEqual(await ask('deny_on_first_deny'), [true, false]);
  assert.deepEqual(await ask('permit_on_first_permit'), [true]);
  const single = await call(0, 'POST', '/access/v1/evaluations', key, {
    subject: { type: 'role', id: 'support' },
    action: { name: 'records.read' },
    context: { purpose: 'service' },
    ...resource('special'),
  });
  assert.equal(single.body.decision, false);
});

test('AuthZEN: searches find what an evaluation would allow, page by page', async () => {
  const { key } = await newKey('security');
  const context = { purpose: 'service.billing' };
  const whole = {
    subject: { type: 'role', id: 'billing' },
    action: { name: 'records.read' },
    resource: { type: 'class', id: 'sensitive' },
    context,
  };
  const search = async (what: string, body: object) =>
    (await call(0, 'POST', `/access/v1/search/${what}`, key, body)).body;

  const who = await search('subject', { ...whole, subject: { type: 'role' } });
  assert.deepEqual(who.results.map(({ id }: Json) => id).toSorted(), [
    'application',
    'billing',
    'dpo',
    'on-call',
    'support',
  ]);
  const what = await search('resource', { ...whole, resource: { type: 'class' } });
  assert.deepEqual(
    what.results.map(({ id }: Json) => id),
    ['public', 'internal', 'personal', 'sensitive'],
  );
  const first = await search('resource', { ...whole, resource: { type: 'class' }, page: { limit: 3 } });
  assert.deepEqual([first.results.length, first.page.count, first.page.total], [3, 3, 4]);
  const rest = await search('resource', {
    ...whole,
    resource: { type: 'class' },
    page: { token: first.page.next_token, limit: 3 },
  });
  assert.deepEqual([rest.results.map(({ id }: Json) => id), rest.page.next_token], [['sensitive'], '']);
  const how = await search('action', { subject: whole.subject, resource: whole.resource, context });
  assert.deepEqual(how.results, [{ name: 'records.read' }, { name: 'records.search' }, { name: 'tokens.open' }]);
  const keys = await search('subject', { ...whole, subject: { type: 'key' } });
  assert.ok(keys.results.length > 0);
});

test('AuthZEN: the metadata are there for anybody, and name this very server', async () => {
  const response = await fetch(`${urls[1]}/.well-known/authzen-configuration`);
  const metadata = (await response.json()) as Json;

  assert.equal(metadata.policy_decision_point, urls[1]);
  assert.equal(metadata.search_action_endpoint, `${urls[1]}/access/v1/search/action`);
});
