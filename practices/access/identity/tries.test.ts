import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { createHttp, type HttpServer } from '#platform/http';
import { createLog } from '#platform/log';
import { readNetwork, type Network } from '#platform/networks';

import { createCallers } from '../http/caller.ts';
import { accessRoutes } from '../http/index.ts';
import { createSurroundings } from '../surroundings.ts';
import { PASSWORD, peopleServers, type PeopleServers } from '../testing.ts';

let servers: PeopleServers;
/** Two servers behind one proxy, at 10.0.0.5. */
let https: HttpServer[];
const PROXY = '10.0.0.5';

before(async () => {
  servers = await peopleServers();
  const clock = () => new Date();
  const surroundings = createSurroundings({ zones: [], businessHours: null, clock });
  const site = { origin: null, secure: false };
  https = await Promise.all(
    [
      { access: servers.first, identity: servers.identity },
      { access: servers.second, identity: servers.other },
    ].map(async (own) => {
      const needs = { ...own, site, surroundings, audit: servers.audit };
      const http = await createHttp({
        log: createLog('silent'),
        version: '0',
        trustedProxies: [readNetwork(PROXY) as Network],
      });
      const callers = createCallers({ ...needs, certificateOf: () => null, trainingOf: async () => undefined });
      const actors = new WeakMap<object, unknown>();
      http.addHook('onRequest', async (request) => {
        if ((request.routeOptions.config as { public?: boolean }).public === true) return;
        actors.set(request, await callers.authenticate(request));
      });
      accessRoutes(http, { ...needs, actorOf: (request: object) => actors.get(request) } as never);
      return http;
    }),
  );
});
after(async () => {
  await Promise.all(https.map((http) => http.close()));
  await servers.close();
});

let asked = 0;
/** By turns to both servers. */
async function ask(
  method: 'GET' | 'POST',
  url: string,
  {
    from = '',
    peer = PROXY,
    body,
    headers = {},
  }: { from?: string; peer?: string; body?: object; headers?: Record<string, string> } = {},
) {
  const http = https[(asked += 1) % 2] as HttpServer;
  const answer = await http.inject({
    method,
    url,
    remoteAddress: peer,
    headers: { host: 'localhost:7700', ...(from === '' ? {} : { 'x-forwarded-for': from }), ...headers },
    ...(body === undefined ? {} : { payload: body }),
  });
  const { code } = answer.body === '' ? { code: undefined } : answer.json<{ code?: string }>();
  return { status: answer.statusCode, code, wait: Number(answer.headers['retry-after'] ?? 0) };
}
/** As if so many had come from there before. */
const already = (times: number) => servers.db`update access.tries set tries = ${times}`;

const LINK = { token: `srl_${'0'.repeat(52)}`, password: PASSWORD };
const ANSWER = { response: { id: 'AAAA', rawId: 'AAAA', type: 'public-key', clientExtensionResults: {}, response: { clientDataJSON: 'e30', authenticatorData: 'AAAA', signature: 'AAAA' } } }; // prettier-ignore
const WAYS: readonly (readonly [string, 'GET' | 'POST', string, Parameters<typeof ask>[2], number])[] = [
  ['links', 'POST', '/v1/access/people/accept', { body: LINK }, 60],
  ['asking for a passkey', 'POST', '/v1/access/session/passkey/options', {}, 300],
  ['passkeys', 'POST', '/v1/access/session/passkey', { body: ANSWER }, 300],
  ['answers of a provider', 'GET', '/v1/access/session/oidc/callback', {}, 300],
  ['logout tokens', 'POST', '/v1/access/session/oidc/logout', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'logout_token=a.b.c' as never }, 600],
  ['keys', 'GET', '/v1/access/whoami', { headers: { authorization: `Bearer srk_${'0'.repeat(52)}` } }, 600],
  ['no keys', 'GET', '/v1/access/whoami', { headers: { authorization: 'Bearer x' } }, 600],
  ['tokens of workloads', 'GET', '/v1/access/whoami', { headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.' } }, 600],
  ['a provisioner', 'GET', '/scim/v2/Users', { headers: { authorization: `Bearer srk_${'1'.repeat(52)}` } }, 600],
]; // prettier-ignore

test('each way in that names no account is limited by address, for all servers; from elsewhere it is open', async () => {
  for (const [what, method, url, sent, most] of WAYS) {
    const [guesser, other] = [`192.0.2.${(asked % 200) + 1}`, `198.51.100.${(asked % 200) + 1}`];
    const first = await ask(method, url, { ...sent, from: guesser });
    assert.notEqual(first.status, 429, what);
    await already(most - 2);
    for (let n = 0; n < 2; n += 1) assert.equal((await ask(method, url, { ...sent, from: guesser })).status, first.status, `${what} ${n}`); // prettier-ignore

    for (let n = 0; n < 3; n += 1) {
      // a header that the guesser made up stands left of what the proxy adds
      const from = n === 0 ? guesser : `${other}, ${guesser}`;
      const { status, code, wait } = await ask(method, url, { ...sent, from });
      assert.equal(status, 429, what);
      if (!url.startsWith('/scim')) assert.equal(code, 'ACCESS_SLOW_DOWN', what);
      assert.ok(wait > 800 && wait <= 900, `${what} ${wait}`);
    }
    assert.equal((await ask(method, url, { ...sent, from: other })).status, first.status, what);
    // who does not come by the proxy is known by the connection
    assert.equal((await ask(method, url, { ...sent, from: guesser, peer: '203.0.113.7' })).status, first.status, what);
    await servers.db`delete from access.tries`;
  }
});

test('attempts at once are all counted, and a neighbour of IPv6 is the same', async () => {
  await ask('POST', '/v1/access/people/accept', { body: LINK, from: '2001:db8::1' });
  await already(50);
  const answers = await Promise.all(
    Array.from({ length: 30 }, () =>
      ask('POST', '/v1/access/people/accept', { body: LINK, from: `2001:db8::${randomBytes(2).toString('hex')}` }),
    ),
  );
  assert.equal(answers.filter(({ code }) => code === 'ACCESS_LINK_REFUSED').length, 10);
  assert.equal(answers.filter(({ status }) => status === 429).length, 20);
});

test('a key that is good opens beside a guesser, and who comes in takes their attempts back', async () => {
  const from = '192.0.2.250';
  const { key } = await servers.keyOf('security');
  const bad = { headers: { authorization: `Bearer srk_${'2'.repeat(52)}` }, from };
  await ask('GET', '/v1/access/whoami', bad);
  await already(600);
  assert.deepEqual([(await ask('GET', '/v1/access/whoami', bad)).status, (await ask('GET', '/v1/access/whoami', bad)).status], [429, 429]); // prettier-ignore
  assert.equal((await ask('GET', '/v1/access/policies', { headers: { authorization: `Bearer ${key}` }, from })).status, 200); // prettier-ignore

  await servers.db`delete from access.tries`;
  const { identity, ada } = servers;
  const { token } = await identity.people.invite(
    ada,
    { email: 'tries@example.org', name: 'T', roles: ['support'] },
    async () => undefined,
  );
  assert.equal((await ask('POST', '/v1/access/people/accept', { body: { ...LINK, token }, from })).status, 201);
  assert.deepEqual([...(await servers.db`select tries from access.tries`)], [{ tries: 0 }]);
});

test('what is over is forgotten, also where the clock stepped back, and swept', async () => {
  const from = '192.0.2.251';
  const status = async () => (await ask('POST', '/v1/access/session/passkey/options', { from })).status;
  await servers.db`delete from access.tries`;
  assert.equal(await status(), 200);
  await already(301);
  await servers.db`update access.tries set forget_at = now() + interval '1 day'`;
  assert.equal(await status(), 200, 'nobody waits for a day');
  await already(301);
  await servers.db`update access.tries set forget_at = now() - interval '1 second'`;
  assert.equal(await status(), 200);
  await servers.db`update access.tries set forget_at = now() - interval '1 second'`;
  await servers.identity.sweepAttempts();
  assert.equal((await servers.db`select 1 from access.tries`).length, 0);
});

test('who comes in takes back what they counted, and nothing that others did in the window after it', async () => {
  const { tries } = servers.identity;
  const left = async (): Promise<number[]> =>
    (await servers.db<{ tries: number }[]>`select tries from access.tries order by forget_at desc limit 1`).map((row) => row.tries); // prettier-ignore
  await servers.db`delete from access.tries`;
  const [before, same] = [await tries.begin('link', '203.0.113.9'), await tries.begin('link', '203.0.113.9')];
  await same.succeeded();
  assert.deepEqual(await left(), [1]);
  await servers.db`update access.tries set forget_at = now() - interval '1 second'`;
  await tries.begin('link', '203.0.113.9');
  await before.succeeded();
  assert.deepEqual(await left(), [1]);
});
