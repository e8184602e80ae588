import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import type { Db } from '#platform/db';

import type { Actor } from '../decide.ts';
import { code, meanwhile, PASSWORD, peopleServers, placeFor, type PeopleServers, type Somebody } from '../testing.ts';
import type { Identity } from './identity.ts';
import { createSoftPasskey, PASSKEY_FLAGS, type SoftPasskey, type SoftPasskeyQuirks } from './soft-passkey.ts';

const { PRESENT, VERIFIED, ATTESTED } = PASSKEY_FLAGS;

const nothing = () => Promise.resolve();
const LOG = { begun: nothing, refused: nothing };
const SITE = { id: 'strongroom.example', origin: 'https://strongroom.example' };
let servers: PeopleServers;
let db: Db;
let identity: Identity;
let admin: Actor;
let somebody: PeopleServers['somebody'];
before(async () => {
  servers = await peopleServers();
  ({ db, identity, ada: admin, somebody } = servers);
});
after(() => servers.close());

const authenticator = () => createSoftPasskey(SITE);
type Device = SoftPasskey;
type Quirks = SoftPasskeyQuirks;
async function register(who: Pick<Somebody, 'now' | 'renewed'>, device: Device, quirks: Quirks = {}) {
  const { challenge } = await identity.passkeys.offer(await who.now(), SITE);
  const response = device.create(challenge, quirks);
  const added = await identity.passkeys.register(await who.now(), SITE, { name: 'a key', response }, nothing);
  who.renewed(added.token);
  return added;
}
let attempts = 0;
async function signIn(device: Device, quirks: Quirks = {}) {
  const attempt = `attempt ${(attempts += 1)}`;
  const { challenge } = await identity.passkeys.ask(attempt, SITE);
  return identity.passkeys.signIn(attempt, SITE, device.get(challenge, quirks), placeFor(), LOG);
}
const refused = code('ACCESS_PASSKEY_REFUSED');

test('a passkey signs in without a name, as two factors that no other site could have asked for', async () => {
  const [who, device] = [await somebody(), authenticator()];
  const { recoveryCodes } = await register(who, device);
  assert.equal(recoveryCodes?.length, 10);

  const begun = await signIn(device);

  const { id, session } = await identity.sessions.authenticate(begun.token);
  assert.deepEqual([id, session?.amr], [who.id, ['hwk', 'user']]);
  assert.deepEqual(session?.assurance, { mfa: 'fresh', phishingResistant: true });
});

test('in a frame of another site nothing is registered, and nobody comes in', async () => {
  const [who, device] = [await somebody(), authenticator()];
  const framed = [{ crossOrigin: true }, { crossOrigin: true, topOrigin: 'https://evil.example' }, { topOrigin: SITE.origin }, { crossOrigin: 'no' }]; // prettier-ignore
  for (const each of framed) await assert.rejects(register(who, device, { framed: each }), refused);
  await register(who, device, { framed: { crossOrigin: undefined } });

  for (const each of framed) await assert.rejects(signIn(device, { framed: each }), refused, JSON.stringify(each));
  assert.ok(await signIn(device));
});

test('without user verification nothing is registered, and nobody comes in', async () => {
  const [who, device] = [await somebody(), authenticator()];
  await assert.rejects(register(who, device, { flags: ATTESTED | PRESENT }), refused);
  await register(who, device);

  await assert.rejects(signIn(device, { flags: PRESENT }), refused);
  await assert.rejects(signIn(device, { flags: VERIFIED }), refused);
  assert.ok(await signIn(device));
});

test('an answer for another site, another key, or of another kind is refused', async () => {
  const [who, device, thief] = [await somebody(), authenticator(), authenticator()];
  await assert.rejects(register(who, device, { origin: 'https://strongroom.example.evil' }), refused);
  await assert.rejects(register(who, device, { rpId: 'evil.example' }), refused);
  await register(who, device);

  for (const quirks of [{ origin: 'https://evil.example' }, { rpId: 'evil.example' }, { type: 'webauthn.create' }])
    await assert.rejects(signIn(device, quirks), refused);
  await assert.rejects(signIn(thief), refused);
  const { challenge } = await identity.passkeys.ask('forged', SITE);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await assert.rejects(
    identity.passkeys.signIn('forged', SITE, device.get(challenge, {}, privateKey), placeFor(), LOG),
    refused,
  );
});

test('a challenge is answered once, by the attempt it was made for, in time', async () => {
  const [who, device] = [await somebody(), authenticator()];
  await register(who, device);
  const answer = (attempt: string, response: ReturnType<Device['get']>) =>
    identity.passkeys.signIn(attempt, SITE, response, placeFor(), LOG);

  const { challenge } = await identity.passkeys.ask('mine', SITE);
  await assert.rejects(answer('yours', device.get(challenge)), refused);
  const both = await Promise.allSettled([1, 2].map(() => answer('mine', device.get(challenge))));
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);

  const wrong = await identity.passkeys.ask('wrong', SITE);
  await assert.rejects(answer('wrong', device.get(wrong.challenge, { origin: 'https://evil.example' })), refused);
  await assert.rejects(answer('wrong', device.get(wrong.challenge)), refused, 'a wrong answer uses it up');

  const late = await identity.passkeys.ask('late', SITE);
  await db`update access.challenges set expires_at = now()`;
  await assert.rejects(answer('late', device.get(late.challenge)), refused);

  const again = await identity.passkeys.askAgain(await who.now(), SITE);
  await assert.rejects(answer('mine', device.get(again.challenge)), refused, 'one for a step-up signs nobody in');
  await assert.rejects(answer('mine', device.get(randomBytes(32).toString('base64url'))), refused);
});

test('a counter that goes back is a copy, and is refused; one that never counts is let be', async () => {
  const [who, device] = [await somebody(), authenticator()];
  await register(who, device, { count: 7 });
  assert.ok(await signIn(device, { count: 9 }));
  await assert.rejects(signIn(device, { count: 9 }), refused);
  await assert.rejects(signIn(device, { count: 8 }), refused);
  await assert.rejects(signIn(device, { count: 0 }), refused);
  assert.ok(await signIn(device, { count: 10 }));

  const synced = authenticator();
  await register(who, synced, { count: 0 });
  assert.ok(await signIn(synced, { count: 0 }));
  assert.ok(await signIn(synced, { count: 0 }));
});

test('of two answers with the same count, one is taken', async () => {
  const [who, device] = [await somebody(), authenticator()];
  await register(who, device, { count: 1 });

  const both = await Promise.allSettled([signIn(device, { count: 2 }), signIn(device, { count: 2 })]);

  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
});

test('several passkeys for one person, none of them for two', async () => {
  const [who, other] = [await somebody(), await somebody()];
  const [one, two] = [authenticator(), authenticator()];
  await register(who, one);
  assert.equal((await register(who, two)).recoveryCodes, null);
  await assert.rejects(register(other, one), code('ACCESS_FACTOR_EXISTS'));
  const [first] = await identity.passkeys.list(await who.now());
  await assert.rejects(
    async () => identity.passkeys.remove(await other.now(), first?.id as string, nothing),
    code('ACCESS_FACTOR_NOT_FOUND'),
  );

  await identity.passkeys.remove(await who.now(), first?.id as string, nothing);

  await assert.rejects(signIn(one), refused);
  assert.ok(await signIn(two));
});

test('beside a passkey the password alone does not open; a disabled person has no passkey that does', async () => {
  const [who, device] = [await somebody(), authenticator()];
  await register(who, device);
  await assert.rejects(
    identity.signIn.byPassword(who.email, { password: PASSWORD }, placeFor(), LOG),
    code('ACCESS_SECOND_FACTOR'),
  );
  await identity.people.disable(admin, who.id, 'revoke', nothing);
  await assert.rejects(signIn(device), refused);
  await identity.people.enable(admin, who.id, nothing);
  await identity.people.reinvite(admin, who.id, 'all', nothing);
  await assert.rejects(signIn(device), refused, 'a new link takes what was there before');
});

test('who has a passkey and no password comes in by it again, once they are enabled', async () => {
  const [who, device] = [await somebody(), authenticator()];
  await register(who, device);
  // the password was lost, and the link for a new one is not used yet
  const { token } = await identity.people.reinvite(admin, who.id, 'password', nothing);
  await identity.people.disable(admin, who.id, 'revoke', nothing);

  await identity.people.enable(admin, who.id, nothing);

  assert.ok(await signIn(device));
  await identity.people.accept({ token, password: PASSWORD }, placeFor(), nothing);
});

test('a passkey that is just being added when a new link takes all there is opens nothing', async () => {
  const [who, device] = [await somebody(), authenticator()];
  const { challenge } = await identity.passkeys.offer(await who.now(), SITE);
  const actor = await who.now();
  const add = () => identity.passkeys.register(actor, SITE, { name: 'x', response: device.create(challenge) }, nothing);

  const [{ token }, theirs] = await meanwhile(db, (log) => identity.people.reinvite(admin, who.id, 'all', log), add);

  await assert.rejects(theirs, code('ACCESS_UNAUTHENTICATED'));
  await identity.people.accept({ token, password: PASSWORD }, placeFor(), nothing);
  await assert.rejects(signIn(device), refused);
});

test("a step-up needs the person's own passkey, in their own session", async () => {
  const [who, other] = [await somebody(), await somebody()];
  const [device, others] = [authenticator(), authenticator()];
  await register(who, device);
  await register(other, others);
  await db`update access.sessions set mfa_at = now() - interval '1 hour', auth_time = now() - interval '1 hour'`;
  const again = async (with_: Device, quirks: Quirks = {}) => {
    const { challenge } = await identity.passkeys.askAgain(await who.now(), SITE);
    return identity.passkeys.again(await who.now(), SITE, with_.get(challenge, quirks), nothing, nothing);
  };
  assert.equal((await who.now()).session?.assurance.mfa, 'stale');
  await assert.rejects(again(others), refused);
  await assert.rejects(again(device, { flags: PRESENT }), refused);
  assert.equal((await who.now()).session?.assurance.mfa, 'stale');
  await assert.rejects(register(who, authenticator()), code('ACCESS_STEP_UP'));

  const before = await who.now();
  who.renewed(await again(device));

  assert.equal((await who.now()).session?.assurance.mfa, 'fresh');
  assert.deepEqual([before.session?.id, before.session?.turn], [(await who.now()).session?.id, 1]);
  await assert.rejects(identity.sessions.authenticate(who.begun.token), code('ACCESS_UNAUTHENTICATED'));
  await register(who, authenticator());
});

test('what others tried does not keep a passkey out', async () => {
  const [who, device] = [await somebody(), authenticator()];
  await register(who, device);
  for (let n = 0; n < 5; n += 1)
    await assert.rejects(
      identity.signIn.byPassword(who.email, { password: 'wrong violet tractor' }, placeFor(), LOG),
      code('ACCESS_SIGN_IN_REFUSED'),
    );

  assert.ok(await signIn(device));
});
