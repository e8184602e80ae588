import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Db } from '#platform/db';

import type { Access } from '../access.ts';
import type { Actor } from '../decide.ts';
import { code, PASSWORD, peopleServers, placeFor, type PeopleServers, type Somebody } from '../testing.ts';
import type { Identity } from './identity.ts';
import type { BegunSession } from './sessions.ts';
import { codeAt } from './totp.ts';
import { codesOpenOnce } from './identity-codes.tests.ts';
import { guessingIsSlowed } from './identity-guessing.tests.ts';
import { sessionsEnd } from './identity-sessions.tests.ts';
import { factorsChange } from './identity-factors.tests.ts';
import { sessionsAreMany } from './identity-many.tests.ts';
import { nothingOutlives } from './identity-ended.tests.ts';
import { othersDecide } from './identity-others.tests.ts';

const nothing = () => Promise.resolve();
const LOG = { begun: nothing, refused: nothing };

let servers: PeopleServers;
let db: Db;
let access: Access;
let identity: Identity;
let other: Identity;
let admin: Actor;
let somebody: PeopleServers['somebody'];
before(async () => {
  servers = await peopleServers();
  ({ db, first: access, identity, other, ada: admin, somebody } = servers);
});
after(() => servers.close());

const signIn = (email: string, shown: object = {}, server = identity): Promise<BegunSession> =>
  server.signIn.byPassword(email, { password: PASSWORD, ...shown }, placeFor(), LOG);

const stepNow = async (): Promise<bigint> =>
  (await db<{ n: bigint }[]>`select floor(extract(epoch from now()) / 30)::bigint as n`)[0]?.n as bigint;

/** With an authenticator app; `codeIn(1)` is the code of the next step. */
async function withApp(who: Somebody) {
  const { secret } = await identity.factors.offerTotp(who.actor, nothing);
  const bytes = fromBase32(secret);
  const { recoveryCodes, token } = await identity.factors.confirmTotp(
    who.actor,
    codeAt(bytes, await stepNow()),
    nothing,
  );
  const now = () => identity.sessions.authenticate(token as string);
  // as if it had been a while ago: the code of now is good again
  await db`update access.totp set last_step = last_step - 5`;
  return { bytes, recoveryCodes, now, codeIn: async (steps: bigint) => codeAt(bytes, (await stepNow()) + steps) };
}
function fromBase32(text: string): Buffer {
  const bits = [...text].map((each) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(each).toString(2).padStart(5, '0'));
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

test('the first link lets one administrator in, once; when there is somebody there is no other', async () => {
  assert.deepEqual([admin.kind, admin.role, admin.person], ['staff', 'admin', admin.id]);
  assert.equal(await identity.people.firstLink(null, nothing), null);
  const [person] = await identity.people.list();
  assert.deepEqual([person?.email, person?.state], ['ada@example.org', 'active']);
});

test('a link is good once, also for two who come at once, and not after it ended', async () => {
  const { token } = await identity.people.invite(
    admin,
    { email: 'once@example.org', name: 'Once', roles: ['support'] },
    nothing,
  );
  const both = await Promise.allSettled(
    [1, 2].map(() => other.people.accept({ token, password: PASSWORD }, placeFor(), nothing)),
  );
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);

  const late = await identity.people.invite(
    admin,
    { email: 'late@example.org', name: 'Late', roles: ['support'] },
    nothing,
  );
  await db`update access.links set expires_at = now() - interval '1 second' where used_at is null`;
  await assert.rejects(
    identity.people.accept({ token: late.token, password: PASSWORD }, placeFor(), nothing),
    code('ACCESS_LINK_REFUSED'),
  );
});

test('neither passwords, links, sessions nor secrets of apps are in the database', async () => {
  const who = await somebody();
  const { bytes, recoveryCodes } = await withApp(who);
  const rows = JSON.stringify([
    await db`select name, email, password from access.people`,
    await db`select encode(hash, 'escape') as h, encode(hash, 'hex') as x from access.links`,
    await db`select encode(hash, 'escape') as h, encode(hash, 'hex') as x from access.sessions`,
    await db`select encode(secret, 'hex') as x from access.totp`,
    await db`select encode(hash, 'escape') as h from access.recovery_codes`,
  ]);

  for (const secret of [PASSWORD, who.begun.token, bytes.toString('hex'), recoveryCodes[0] as string])
    assert.ok(!rows.includes(secret));
  assert.match(rows, /\$argon2id\$v=19\$/);
});

test("one person's secret does not open for another", async () => {
  const [one, two] = [await somebody(), await somebody()];
  const app = await withApp(one);
  await withApp(two);
  await db`update access.totp set secret = (select secret from access.totp join access.people using (person_id) where email = ${one.email})`;

  await assert.rejects(signIn(two.email, { code: await app.codeIn(0n) }), code('ACCESS_SIGN_IN_REFUSED'));
  assert.ok(await signIn(one.email, { code: await app.codeIn(0n) }));
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({
  nothing,
  LOG,
  servers,
  db,
  access,
  identity,
  other,
  admin,
  somebody,
  signIn,
  stepNow,
  withApp,
  fromBase32,
});
export type Running = ReturnType<typeof running>;

codesOpenOnce(running);
guessingIsSlowed(running);
sessionsEnd(running);
factorsChange(running);
sessionsAreMany(running);
othersDecide(running);
nothingOutlives(running);
