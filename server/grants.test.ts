/** Grants on the whole system: two servers on one database, over HTTP and by the commands that people type. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { callsInARow, twoSystems, type Answer, type TwoSystems } from './testing.ts';

let two: TwoSystems;
let urls: TwoSystems['urls'];
/** A customer, for everybody to ask about. */
let record: string;
let subject: string;

before(async () => {
  // of the second one; keys of these tests but one open a single customer
  two = await twoSystems({ STRONGROOM_VOLUME_HIGH: '3', STRONGROOM_VOLUME_EXTREME: '4' });
  ({ urls } = two);
  const { key } = await newKey('application');
  const stored = await call(0, 'POST', '/v1/vault/records', key, {
    collection: 'customer',
    fields: { last_name: 'Lovelace', company: 'Engines' },
  });
  [record, subject] = [stored.body.id as string, stored.body.subjectId as string];
});
after(() => two.close());

const call = callsInARow(() => two);
const newKey = (role: string) => two.newKey(role);
const logged = (count: number) => two.logged(count);
const ask = (more: object = {}) => ({
  purpose: 'service.support', classes: ['personal'], subjects: [subject], reads: 3, reason: 'she is on the phone', ...more,
}); // prettier-ignore
const read = (server: number, key: string): Promise<Answer> =>
  call(server, 'GET', `/v1/vault/records/${record}?fields=last_name`, key, undefined, 'service.support');
async function granted(key: string, more: object = {}): Promise<string> {
  const dpo = await newKey('dpo');
  const { id, scopeHash } = (await call(0, 'POST', '/v1/access/requests', key, ask(more))).body;
  assert.equal((await call(1, 'POST', `/v1/access/requests/${id}/approve`, dpo.key, { scopeHash })).status, 200);
  assert.equal((await call(0, 'POST', `/v1/access/requests/${id}/activate`, key)).status, 200);
  return id as string;
}
test('a field that is masked says that it can be asked for; once granted it is clear, and the log names the grant', async () => {
  const support = await newKey('support');
  const before = await read(1, support.key);
  assert.deepEqual([before.body.fields.last_name.state, before.body.fields.last_name.requestable], ['masked', 'jit']);

  const id = await granted(support.key);

  const { body } = await read(1, support.key);
  assert.deepEqual(body.fields.last_name, { state: 'clear', value: 'Lovelace' });
  const [entry] = await logged(1);
  assert.deepEqual([entry?.action, entry?.decision.grants], ['vault.read', [id]]);
  const grant = await call(1, 'GET', `/v1/access/requests/${id}`, support.key);
  assert.deepEqual([grant.body.readsUsed, grant.body.history.length], [1, 3]);
});

test('of concurrent reads on two servers as many are in clear as were granted, and the rest are masked', async () => {
  const support = await newKey('support');
  const id = await granted(support.key, { reads: 4 });

  const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => read(n % 2, support.key)));

  const states = answers.map(({ body }) => body.fields.last_name.state as string);
  assert.equal(states.filter((state) => state === 'clear').length, 4);
  assert.equal(states.filter((state) => state === 'masked').length, 12);
  const entries = (await logged(40)).filter(({ decision }) => (decision?.grants as string[] | undefined)?.includes(id));
  assert.equal(entries.length, 4, 'a read that was not counted does not name the grant');
  assert.equal((await call(0, 'GET', `/v1/access/requests/${id}`, support.key)).body.state, 'used-up');
});

test('a revoked grant is gone at the very next read on the other server', async () => {
  const support = await newKey('support');
  const dpo = await newKey('dpo');
  const id = await granted(support.key);
  assert.equal((await read(1, support.key)).body.fields.last_name.state, 'clear');

  const revoked = await call(0, 'POST', `/v1/access/grants/${id}/revoke`, dpo.key, { note: 'enough' });

  assert.equal(revoked.body.state, 'revoked');
  assert.equal((await read(1, support.key)).body.fields.last_name.state, 'masked');
});

test('a first look spends nothing; a search uses no grant', async () => {
  const support = await newKey('support');
  const id = await granted(support.key);

  await call(
    1,
    'GET',
    `/v1/vault/records/${record}?fields=last_name&show=masked`,
    support.key,
    undefined,
    'service.support',
  );
  const search = await call(1, 'POST', '/v1/vault/records/search', support.key, { collection: 'customer', where: { last_name: 'Lovelace' } }, 'service.support'); // prettier-ignore

  assert.equal(search.body.records.length, 1);
  assert.ok(!JSON.stringify(search.body).includes('Lovelace'), JSON.stringify(search.body));
  assert.equal((await call(0, 'GET', `/v1/access/requests/${id}`, support.key)).body.readsUsed, 0);
});

test('very many customers, one after the other on two servers or all at once: from then on nothing is in clear, wherever it is asked', async () => {
  const [one, batch, application] = [await newKey('support'), await newKey('support'), await newKey('application')];
  const named = Array.from({ length: 4 }, (_, n) => ({ fields: { last_name: `Many${n}`, company: 'Counted' } }));
  const stored = await call(0, 'POST', '/v1/vault/records/batch', application.key, { collection: 'customer', records: named }); // prettier-ignore
  const ids = stored.body.results.map(({ id }: { id: string }) => id) as string[];
  const company = async (server: number, id: string): Promise<string> =>
    (await call(server, 'GET', `/v1/vault/records/${id}?fields=company`, one.key, undefined, 'service.support')).body
      .fields.company.state as string;

  const seen: string[] = [];
  for (const [n, id] of ids.slice(0, 3).entries()) seen.push(await company(n % 2, id));
  assert.deepEqual(seen, ['clear', 'clear', 'clear']);
  assert.equal(await company(1, ids[3] as string), 'masked', 'the very read that is one too many');
  const [entry] = await logged(1);
  assert.deepEqual([entry?.detail.volume, entry?.detail.clear], ['extreme', []]);
  // `@notify` of it is told by this
  assert.ok((entry?.decision.policies as string[] | undefined)?.includes('support-extreme'));
  assert.equal(await company(1, ids[0] as string), 'masked', 'nor what was seen before');
  const search = await call(1, 'POST', '/v1/vault/records/search', one.key, { collection: 'customer', where: { last_name: 'Many0' }, fields: ['company'] }, 'service.support'); // prettier-ignore
  assert.equal(search.body.records?.[0]?.fields.company.state, 'masked', JSON.stringify(search.body));

  const all = await call(1, 'POST', '/v1/vault/records/read', batch.key, { ids, fields: ['company'] }, 'service.support'); // prettier-ignore
  const states = all.body.records.map(({ fields }: { fields: { company: { state: string } } }) => fields.company.state);
  assert.deepEqual(states, ['masked', 'masked', 'masked', 'masked']);
});

test('a download counts on a grant once there is something to open: a name that is none, and an empty list, count nothing', async () => {
  const [support, dpo, application] = [await newKey('support'), await newKey('dpo'), await newKey('application')];
  const attachments = `/v1/vault/records/${record}/attachments`;
  const named = async (method: string, key: string, name: string, body?: string): Promise<number> => {
    const response = await fetch(`${urls[1]}${attachments}/named`, {
      method, headers: { authorization: `Bearer ${key}`, 'strongroom-purpose': 'service.support', 'strongroom-name': name, ...(body === undefined ? {} : { 'content-type': 'text/plain' }) },
      ...(body === undefined ? {} : { body }),
    }); // prettier-ignore
    await response.arrayBuffer();
    return response.status;
  };
  const list = () => call(1, 'GET', attachments, support.key, undefined, 'service.support');
  const id = await granted(support.key, { classes: ['sensitive'], reads: 2 });
  const used = async (): Promise<number> =>
    (await call(0, 'GET', `/v1/access/requests/${id}`, support.key)).body.readsUsed as number;
  const lastOutcome = async (): Promise<unknown> => {
    const entries = (await logged(5)).filter(({ action }) => action === 'vault.download');
    return [entries.at(-1)?.outcome, entries.at(-1)?.decision.allow];
  };

  assert.deepEqual((await list()).body.attachments, []);
  assert.equal(await named('GET', support.key, 'contract.txt'), 404);
  assert.deepEqual(await lastOutcome(), ['failed', true]);
  assert.equal(await used(), 0);

  assert.equal(await named('PUT', application.key, 'contract.txt', 'hereby'), 201);
  assert.equal(await named('GET', support.key, 'other.txt'), 404);
  assert.equal(await used(), 0);
  assert.equal(await named('GET', support.key, 'contract.txt'), 200);
  assert.equal(await used(), 1);
  assert.equal((await list()).body.attachments[0].name, 'contract.txt');
  assert.equal(await used(), 2);
  assert.equal((await list()).body.attachments[0].state, 'masked');

  // who may not see the name is not told whether there is one
  const revoked = await granted(support.key, { classes: ['sensitive'] });
  assert.equal(await named('GET', support.key, 'other.txt'), 404);
  assert.equal((await call(0, 'POST', `/v1/access/grants/${revoked}/revoke`, dpo.key, { note: 'enough' })).status, 200);
  assert.deepEqual([await named('GET', support.key, 'other.txt'), await named('GET', support.key, 'contract.txt')], [403, 403]); // prettier-ignore
  assert.deepEqual(await lastOutcome(), ['denied', false]);
});

test('a wrong scope hash, a stranger, and who may not ask are refused, and each refusal is in the log', async () => {
  const [support, stranger, marketing, dpo] = [await newKey('support'), await newKey('support'), await newKey('marketing'), await newKey('dpo')]; // prettier-ignore
  const { id, scopeHash } = (await call(0, 'POST', '/v1/access/requests', support.key, ask())).body;
  const other = (await call(0, 'POST', '/v1/access/requests', support.key, ask({ reads: 50 }))).body;

  const replayed = await call(1, 'POST', `/v1/access/requests/${other.id}/approve`, dpo.key, { scopeHash });
  assert.deepEqual([replayed.status, replayed.body.code], [409, 'ACCESS_GRANT_CHANGED']);
  const [refusal] = await logged(1);
  assert.deepEqual(
    [refusal?.action, refusal?.outcome, refusal?.detail.code, refusal?.detail.grant],
    ['access.grant.approve', 'denied', 'ACCESS_GRANT_CHANGED', other.id],
  );
  const self = await call(0, 'POST', `/v1/access/requests/${id}/approve`, support.key, { scopeHash });
  assert.equal(self.status, 403);
  const foreign = await call(0, 'POST', `/v1/access/requests/${id}/activate`, stranger.key);
  const nothing = await call(0, 'POST', '/v1/access/requests/grt_00000000000000000000000000/activate', stranger.key);
  assert.deepEqual({ ...foreign.body, instance: '' }, { ...nothing.body, instance: '' });
  assert.equal(foreign.status, 404);
  for (const path of ['/v1/access/requests', '/v1/access/grants', '/v1/access/eligibility'])
    assert.equal((await call(0, 'GET', path, marketing.key)).status, 403, path);
});

test('a key cannot break glass, nor can it review a role that another one answers for', async () => {
  const [onCall, dpo] = [await newKey('on-call'), await newKey('dpo')];

  const broken = await call(0, 'POST', '/v1/access/break-glass', onCall.key, { ...ask(), incident: 'INC-1' });

  assert.deepEqual([broken.status, broken.body.code], [403, 'ACCESS_DENIED']);
  assert.match(broken.body.detail as string, /a key cannot break glass|a passkey/);
  const [entry] = await logged(1);
  assert.deepEqual([entry?.action, entry?.outcome], ['access.grants.breakGlass', 'denied']);
  const review = await call(0, 'POST', '/v1/access/reviews', dpo.key, { role: 'marketing', days: 14 });
  assert.equal(review.status, 201);
  const decided = await call(1, 'POST', `/v1/access/reviews/${review.body.id}/decide`, dpo.key, { holders: ['key_1'], decision: 'keep' }); // prettier-ignore
  assert.equal(decided.status, 403);
});

test('a whole life by the commands that people type, with exit codes and --json', async () => {
  const [support, dpo] = [await newKey('support'), await newKey('dpo')];
  for (const [who, { key }] of Object.entries({ support, dpo })) await writeFile(join(two.home, `${who}.key`), key);
  const run = (who: string, ...args: string[]) => two.command([...args, '--key-file', join(two.home, `${who}.key`)]);

  assert.match((await run('support', 'eligibility')).out, /up to sensitive, for service/);
  const asked = await run('support', 'request', '--for', 'service.support', '--classes', 'personal', '--subjects', subject, '--reads', '2', '--reason', 'a call', '--json'); // prettier-ignore
  assert.equal(asked.code, 0, asked.err);
  const { id, scopeHash } = JSON.parse(asked.out) as { id: string; scopeHash: string };
  assert.match((await run('dpo', 'requests')).out, new RegExp(`${id}  pending[^]*${scopeHash}`));
  assert.equal((await run('support', 'approve', id, '--hash', scopeHash)).code, 3);
  assert.match((await run('dpo', 'approve', id, '--hash', scopeHash)).out, /approved/);
  assert.match((await run('support', 'activate', id)).out, /activated/);
  assert.match((await run('support', 'grants')).out, new RegExp(id));
  assert.match((await run('dpo', 'revoke', id, '--note', 'done')).out, /revoked/);
  assert.equal((await run('support', 'activate', 'grt_nonsense')).code, 4);
  assert.match((await run('support', 'grants', '--ended')).out, new RegExp(id));
});
