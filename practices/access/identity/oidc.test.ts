import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { Provider as OidcProvider } from 'oidc-provider';

import { secret } from '#platform/crypto';

import { code, PASSWORD, peopleServers, placeFor, type PeopleServers } from '../testing.ts';

const nothing = () => Promise.resolve();
const LOG = { begun: nothing, refused: nothing };
const CALLBACK = new URL('https://strongroom.example/v1/access/session/oidc/callback');
const refused = code('ACCESS_OIDC_REFUSED');

/** Who is signed in at the provider, and how; each test says. */
type There = { sub: string; email: string; verified: boolean; acr?: string };
let there: There;
let server: Server;
let servers: PeopleServers;

before(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new OidcProvider(issuer, {
    clients: [{ client_id: 'strongroom', client_secret: 'a secret of the test', redirect_uris: [CALLBACK.href] }],
    acrValues: ['phr', 'mfa'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], acr: null, auth_time: null },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: there.email, email_verified: there.verified }),
    }),
    cookies: { keys: ['a key of the test'] },
  });
  const handle = provider.callback();
  // what a person would do on the provider's pages
  const interact = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: there.sub, clientId: String(params.client_id) });
    grant.addOIDCScope('openid email');
    const login = { accountId: there.sub, ...(there.acr === undefined ? {} : { acr: there.acr }) };
    await provider.interactionFinished(request, response, { login, consent: { grantId: await grant.save() } });
  };
  server.on('request', (request, response) => {
    const answered =
      request.url?.startsWith('/interaction/') === true ? interact(request, response) : handle(request, response);
    answered.catch((thrown: unknown) => response.destroy(thrown as Error));
  });
  const settings = {
    issuer,
    clientId: 'strongroom',
    clientSecret: secret('a secret of the test'),
    mfaAcr: ['phr', 'mfa'],
  };
  servers = await peopleServers(settings);
});
after(async () => {
  await servers.close();
  server.closeAllConnections();
  server.close();
});

/** Follows the provider as a browser does. @returns the address that it sends back to */
async function walk(url: URL): Promise<URL> {
  const cookies = new Map<string, string>();
  let at = url;
  for (let n = 0; n < 10; n += 1) {
    const response = await fetch(at, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const location = response.headers.get('location');
    assert.ok(location !== null, `${response.status} ${await response.text()}`);
    at = new URL(location, at);
    if (at.host === CALLBACK.host) return at;
  }
  return assert.fail('the provider does not come to an end');
}
async function signIn(who: There) {
  there = who;
  const { oidc } = servers.identity;
  const { url, attempt } = await oidc.begin(CALLBACK);
  return oidc.finish(await walk(url), attempt, placeFor(), LOG);
}
let count = 0;
async function invited(roles = ['support']) {
  const email = `o${(count += 1)}@example.org`;
  const { id } = await servers.identity.people.invite(servers.ada, { email, name: 'Some Body', roles }, nothing);
  return { id, who: { sub: `sub-${count}`, email, verified: true } };
}

test('who was invited comes in by the provider, and is known there by issuer and subject from then on', async () => {
  const { id, who } = await invited();

  const first = await signIn({ ...who, acr: 'mfa' });
  assert.equal(first.person, id);
  const actor = await servers.other.sessions.authenticate(first.token);
  assert.deepEqual(
    [actor.session?.amr, actor.session?.assurance],
    [['fed'], { mfa: 'fresh', phishingResistant: false }],
  );

  // the address changed there; the person is the same
  assert.equal((await signIn({ ...who, email: 'renamed@example.org' })).person, id);
});

test('what the provider does not say was shown counts as one factor', async () => {
  const { who } = await invited();
  const assurance = async (acr: object) =>
    (await servers.identity.sessions.authenticate((await signIn({ ...who, ...acr })).token)).session?.assurance;

  assert.deepEqual(await assurance({}), { mfa: 'none', phishingResistant: false });
  assert.deepEqual(await assurance({ acr: 'phr' }), { mfa: 'fresh', phishingResistant: true });
  assert.deepEqual(
    await assurance({ acr: 'phrh' }),
    { mfa: 'none', phishingResistant: false },
    'not among the settings',
  );
});

test('nobody comes in who was not invited, whose address is not verified, or who is here already by other means', async () => {
  await assert.rejects(signIn({ sub: 'stranger', email: 'stranger@example.org', verified: true }), refused);
  const { who } = await invited();
  await assert.rejects(signIn({ ...who, verified: false }), refused);
  const here = await servers.somebody();
  await assert.rejects(signIn({ sub: 'takes over', email: here.email, verified: true }), refused);
  assert.equal((await signIn(who)).role, 'support');
});

test('a disabled person does not come in by the provider, until they are let in again', async () => {
  const { id, who } = await invited();
  await signIn(who);
  await servers.identity.people.disable(servers.ada, id, 'revoke', nothing);
  await assert.rejects(signIn(who), refused);

  await servers.identity.people.enable(servers.ada, id, nothing);
  assert.equal((await signIn(who)).person, id);
});

test('an answer belongs to the browser that asked: another attempt, state, code or time is refused', async () => {
  const { who } = await invited();
  there = who;
  const { oidc } = servers.identity;
  const mine = await oidc.begin(CALLBACK);
  const yours = await oidc.begin(CALLBACK);
  const back = await walk(mine.url);

  await assert.rejects(oidc.finish(back, yours.attempt, placeFor(), LOG), refused, 'state of another');
  await assert.rejects(oidc.finish(back, 'AAAA', placeFor(), LOG), refused, 'no attempt');
  const altered = new URL(back);
  altered.searchParams.set('state', new URL(yours.url).searchParams.get('state') as string);
  await assert.rejects(oidc.finish(altered, yours.attempt, placeFor(), LOG), refused, 'verifier and nonce of another');

  const third = await oidc.begin(CALLBACK);
  const otherState = await walk(third.url);
  otherState.searchParams.set('state', 'x'.repeat(43));
  await assert.rejects(oidc.finish(otherState, third.attempt, placeFor(), LOG), refused, 'an answer to nothing asked');

  const again = await oidc.begin(CALLBACK);
  const once = await walk(again.url);
  const withoutIssuer = new URL(once);
  withoutIssuer.searchParams.delete('iss');
  await assert.rejects(oidc.finish(withoutIssuer, again.attempt, placeFor(), LOG), refused, 'RFC 9207');
  assert.ok(await oidc.finish(once, again.attempt, placeFor(), LOG));
  await assert.rejects(oidc.finish(once, again.attempt, placeFor(), LOG), refused, 'a code is good once');
});

test('what is asked of the provider: PKCE, nonce, state, a recent sign-in', async () => {
  const { url } = await servers.identity.oidc.begin(CALLBACK);
  const asked = url.searchParams;

  assert.equal(asked.get('code_challenge_method'), 'S256');
  assert.equal(asked.get('max_age'), '300');
  for (const name of ['code_challenge', 'nonce', 'state']) assert.ok((asked.get(name) ?? '').length >= 40, name);
});

test('beside the provider, passwords stay what they are: who has none does not come in by one', async () => {
  const { who } = await invited();
  await signIn(who);
  await assert.rejects(
    servers.identity.signIn.byPassword(who.email, { password: PASSWORD }, placeFor(), LOG),
    code('ACCESS_SIGN_IN_REFUSED'),
  );
});

test('where there is no provider, nobody is sent anywhere', async () => {
  const bare = await peopleServers();
  try {
    await assert.rejects(bare.identity.oidc.begin(CALLBACK), code('ACCESS_OIDC_OFF'));
  } finally {
    await bare.close();
  }
});
