import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { exportJWK, generateKeyPair, type CryptoKey } from 'jose';
import { Provider as OidcProvider } from 'oidc-provider';

import { secret } from '#platform/crypto';
import { createHttp, type HttpServer } from '#platform/http';
import { createLog } from '#platform/log';

import { oidcRoutes } from '../http/oidc.ts';
import { createSurroundings } from '../surroundings.ts';
import { code, peopleServers, placeFor, type PeopleServers } from '../testing.ts';
import { providerIsAsked } from './oidc-asked.tests.ts';
import { logoutsAreHeard } from './oidc-logout.tests.ts';

const nothing = () => Promise.resolve();
const LOG = { begun: nothing, refused: nothing };
const CALLBACK = new URL('https://strongroom.example/v1/access/session/oidc/callback');
const HOME = new URL('https://strongroom.example/');
const refused = code('ACCESS_OIDC_REFUSED');

/** Who is signed in at the provider, and how; each test says. */
type There = { sub: string; email: string; verified: boolean; acr?: string };
let there: There;
const comesAs = (who: There): void => {
  there = who;
};
/** Whether somebody between the provider and here changes the signature of the ID token. */
let forging = false;
let server: Server;
let servers: PeopleServers;
let http: HttpServer;
let issuer: string;
/** The provider's own key. */
let key: CryptoKey;
/** Logout tokens that the provider sent. */
const sent: string[] = [];

before(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const pair = await generateKeyPair('RS256', { extractable: true });
  key = pair.privateKey;
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new OidcProvider(issuer, {
    clients: [
      {
        client_id: 'strongroom',
        client_secret: 'a secret of the test',
        redirect_uris: [CALLBACK.href],
        post_logout_redirect_uris: [HOME.href],
        backchannel_logout_uri: `${issuer}/strongroom-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(key)), kid: 'k', use: 'sig', alg: 'RS256' }] },
    acrValues: ['phr', 'mfa'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], acr: null, auth_time: null },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    pkce: { required: () => true },
    // its own would not speak to this machine
    fetch: (url, options) =>
      fetch(url, Object.fromEntries(Object.entries(options ?? {}).filter(([name]) => name !== 'dispatcher'))),
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
    if (request.url === '/strongroom-logout') {
      let form = '';
      request.on('data', (piece: Buffer) => (form += piece.toString()));
      request.on('end', () => {
        sent.push(new URLSearchParams(form).get('logout_token') ?? '');
        response.end();
      });
      return;
    }
    if (forging && request.url === '/token') forgeIdToken(response);
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
  http = await createHttp({ log: createLog('silent'), version: '0' });
  const site = { origin: CALLBACK.origin, secure: true };
  const surroundings = createSurroundings({ zones: [], businessHours: null, clock: () => new Date() });
  oidcRoutes(http, { identity: servers.other, audit: servers.audit, site, surroundings } as never);
});
after(async () => {
  await http.close();
  await servers.close();
  server.closeAllConnections();
  server.close();
});

function forgeIdToken(response: ServerResponse): void {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  response.end = ((body: unknown) =>
    end(
      String(body).replace(/("id_token":"[^".]+\.[^".]+\.)(.)/, (_all, signed: string, first: string) => `${signed}${first === 'A' ? 'B' : 'A'}`),
    )) as never; // prettier-ignore
}

/** Follows the provider as a browser does. @returns the address that it sends back to */
async function walk(url: URL, cookies = new Map<string, string>(), form?: string): Promise<URL> {
  let at = url;
  for (let n = 0; n < 10; n += 1) {
    const response = await fetch(at, {
      redirect: 'manual',
      ...(n === 0 && form !== undefined ? { method: 'POST', body: new URLSearchParams(form) } : {}),
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
async function signIn(who: There, cookies = new Map<string, string>()) {
  comesAs(who);
  const { oidc } = servers.identity;
  const { url, attempt } = await oidc.begin(CALLBACK);
  return oidc.finish(await walk(url, cookies), attempt, placeFor(), LOG);
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

test('an ID token with another signature than the provider gave it lets nobody in', async (t) => {
  const { who } = await invited();
  t.after(() => (forging = false));
  forging = true;
  await assert.rejects(signIn(who), refused);

  forging = false;
  assert.equal((await signIn(who)).role, 'support');
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

/** What the parts are handed, as it is when they ask. */
const running = () => ({
  nothing,
  LOG,
  CALLBACK,
  HOME,
  refused,
  comesAs,
  servers,
  http,
  issuer,
  key,
  sent,
  walk,
  signIn,
  invited,
});
export type Running = ReturnType<typeof running>;

providerIsAsked(running);
logoutsAreHeard(running);
