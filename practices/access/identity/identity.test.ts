import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Db } from '#platform/db';
import { parsePublicId, type Uuid } from '#platform/ids';

import type { Access } from '../access.ts';
import type { Actor } from '../decide.ts';
import { code, PASSWORD, peopleServers, placeFor, type PeopleServers, type Somebody } from '../testing.ts';
import type { Identity } from './identity.ts';
import type { BegunSession } from './sessions.ts';
import { PASSWORD_ONLY } from './assurance.ts';
import { createChoice } from './password-choice.ts';
import { tokenHash } from './token.ts';
import { codeAt } from './totp.ts';

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
const change = (actor: Actor, password: string, old: string | undefined = PASSWORD): Promise<void> =>
  identity.factors.changePassword(actor, { password, old }, placeFor(), nothing);
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

test('a code opens one session once: not again, not on another server, not for two who bring it at once', async () => {
  const who = await somebody();
  const app = await withApp(who);
  const shown = { code: await app.codeIn(0n) };

  const both = await Promise.allSettled([signIn(who.email, shown), signIn(who.email, shown, other)]);
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  await assert.rejects(signIn(who.email, shown, other), code('ACCESS_SIGN_IN_REFUSED'));
});

test('of the codes, the current one and the one before are taken, in this order never backwards', async () => {
  const who = await somebody();
  const app = await withApp(who);

  // a step that ends in the midst of the test would make the code before one of the day before yesterday
  const [{ left }] = (await db`select 30 - extract(epoch from now())::int % 30 as left`) as unknown as [
    { left: number },
  ];
  if (left < 10) await sleep((left + 1) * 1000);

  await assert.rejects(signIn(who.email, { code: await app.codeIn(1n) }), code('ACCESS_SIGN_IN_REFUSED'));
  await assert.rejects(signIn(who.email, { code: await app.codeIn(-2n) }), code('ACCESS_SIGN_IN_REFUSED'));
  assert.ok(await signIn(who.email, { code: await app.codeIn(-1n) }));
  assert.ok(await signIn(who.email, { code: await app.codeIn(0n) }));
  await assert.rejects(signIn(who.email, { code: await app.codeIn(-1n) }), code('ACCESS_SIGN_IN_REFUSED'));
});

test('a code stays used when the clock steps back', async () => {
  const who = await somebody();
  const app = await withApp(who);
  // what the database remembers, had the clock been five minutes ahead when the code was shown
  await db`update access.totp set last_step = ${(await stepNow()) + 10n} where person_id = (select person_id from access.people where email = ${who.email})`;

  await assert.rejects(signIn(who.email, { code: await app.codeIn(0n) }), code('ACCESS_SIGN_IN_REFUSED'));
});

test('who has a second factor does not come in by the password alone; a recovery code is good once', async () => {
  const who = await somebody();
  const { recoveryCodes } = await withApp(who);
  await assert.rejects(signIn(who.email), code('ACCESS_SECOND_FACTOR'));
  // 120 bits: what is kept of them needs neither salt nor a slow hash
  for (const each of recoveryCodes) assert.match(each, /^(?:[0-9a-z]{4}-){5}[0-9a-z]{4}$/);
  const shown = { recoveryCode: (recoveryCodes[3] as string).toUpperCase().replaceAll('-', ' ') };

  const both = await Promise.allSettled([signIn(who.email, shown), signIn(who.email, shown, other)]);
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  const { actor } = { actor: await identity.sessions.authenticate(fulfilled(both).token) };
  assert.deepEqual([actor.session?.aal, actor.session?.assurance.mfa], [2, 'fresh']);
});
const fulfilled = (results: readonly PromiseSettledResult<BegunSession>[]): BegunSession =>
  results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))[0] as BegunSession;

test('the unknown, the disabled, the invited and a wrong password get one answer, after one hash each', async () => {
  const [known, disabled] = [await somebody(), await somebody()];
  await identity.people.disable(admin, disabled.id, 'revoke', nothing);
  await identity.people.invite(admin, { email: 'soon@example.org', name: 'Soon', roles: ['support'] }, nothing);
  const answers: string[] = [];
  const works: number[] = [];
  for (const [email, password] of [
    ['nobody@example.org', PASSWORD],
    [known.email, 'wrong violet tractor'],
    [disabled.email, PASSWORD],
    ['soon@example.org', PASSWORD],
  ] as const) {
    const begin = servers.hashed();
    await assert.rejects(signIn(email, { password }), (thrown: Error & { code: string; hint: string }) => {
      answers.push(`${thrown.code} ${thrown.message} ${thrown.hint}`);
      return true;
    });
    works.push(servers.hashed() - begin);
  }

  assert.equal(new Set(answers).size, 1, answers.join('\n'));
  assert.deepEqual(works, [1, 1, 1, 1]);
});

test('guessing slows down, by account whether there is one or not, on every server', async () => {
  const who = await somebody();
  for (const email of [who.email, 'not-there@example.org']) {
    const wrong = (server: Identity) => signIn(email, { password: 'wrong violet tractor' }, server);
    for (let n = 0; n < 5; n += 1)
      await assert.rejects(wrong(n % 2 === 0 ? identity : other), code('ACCESS_SIGN_IN_REFUSED'));
    await assert.rejects(wrong(other), (thrown: { code: string; extra: { retryAfterSeconds: number } }) => {
      assert.equal(thrown.code, 'ACCESS_SLOW_DOWN');
      return thrown.extra.retryAfterSeconds >= 1;
    });
  }
  await assert.rejects(signIn(who.email), code('ACCESS_SLOW_DOWN'), 'the right password has to wait too');
  await db`update access.sign_in_failures set opens_at = now()`;
  assert.ok(await signIn(who.email));
});

test('attempts at once are not all the first one', async () => {
  const who = await somebody();
  const many = await Promise.allSettled(
    Array.from({ length: 30 }, () => signIn(who.email, { password: 'wrong violet tractor' })),
  );
  const codes = many.map((each) => (each.status === 'rejected' ? (each.reason as { code: string }).code : 'in'));

  assert.equal(codes.filter((each) => each === 'ACCESS_SIGN_IN_REFUSED').length, 5);
});

test('after a hundred failures in a row the password is shut until there is a new link', async () => {
  const who = await somebody();
  await assert.rejects(signIn(who.email, { password: 'wrong violet tractor' }), code('ACCESS_SIGN_IN_REFUSED'));
  await db`update access.sign_in_failures set failures = 100, opens_at = now()`;
  await assert.rejects(signIn(who.email), code('ACCESS_SIGN_IN_REFUSED'));

  const { token } = await identity.people.reinvite(admin, who.id, 'all', nothing);
  await identity.people.accept({ token, password: PASSWORD }, placeFor(), nothing);
  assert.ok(await signIn(who.email));
});

test('an address that tries many accounts is slowed down', async () => {
  const from = { device: 'test', address: '198.51.100.7', zone: 'internet' };
  const attempt = (n: number) =>
    identity.signIn.byPassword(`guess${n}@example.org`, { password: 'wrong violet tractor' }, from, LOG);
  for (let n = 0; n < 30; n += 1) await assert.rejects(attempt(n), code('ACCESS_SIGN_IN_REFUSED'));

  await assert.rejects(attempt(31), code('ACCESS_SLOW_DOWN'));
});

test('a session is over at the very next read of another server: logout, removed role, disabled, a new link', async () => {
  const lives = (begun: BegunSession) =>
    other.sessions.authenticate(begun.token).then(
      () => true,
      (thrown: { code: string }) => {
        assert.equal(thrown.code, 'ACCESS_UNAUTHENTICATED');
        return false;
      },
    );
  const ends: Record<string, (who: Somebody) => Promise<unknown>> = {
    logout: ({ id, begun }) => identity.sessions.end(id, begun.id, nothing),
    'removed role': ({ id }) => identity.people.setRoles(admin, id, ['billing'], nothing),
    disabled: ({ id }) => identity.people.disable(admin, id, 'revoke', nothing),
    // what was ended does not come back with what was given back
    'a role more': ({ id }) => identity.people.setRoles(admin, id, ['support', 'billing', 'analyst'], nothing),
    'disabled and let in again': async ({ id }) => {
      await identity.people.disable(admin, id, 'revoke', nothing);
      await identity.people.enable(admin, id, nothing);
    },
    'new link': ({ id }) => identity.people.reinvite(admin, id, 'all', nothing),
    idle: () => db`update access.sessions set seen_at = now() - interval '15 minutes 1 second'`,
    'twelve hours': () => db`update access.sessions set expires_at = now()`,
    'clock stepped back': () => db`update access.sessions set seen_at = now() + interval '10 minutes'`,
  };
  for (const [name, end] of Object.entries(ends)) {
    const who = await somebody(['support', 'billing']);
    assert.equal(await lives(who.begun), true, name);
    await end(who);
    assert.equal(await lives(who.begun), false, name);
    await assert.rejects(other.sessions.renew(who.actor), code('ACCESS_UNAUTHENTICATED'), name);
  }
});

test("somebody's session is not ended by another, nor opened by a token that is nearly right", async () => {
  const [one, two] = [await somebody(), await somebody()];
  await assert.rejects(identity.sessions.end(two.id, one.begun.id, nothing), code('ACCESS_SESSION_NOT_FOUND'));
  const near = `${one.begun.token.slice(0, -1)}${one.begun.token.endsWith('0') ? '1' : '0'}`;
  for (const token of [near, '', 'srs_', undefined, one.begun.token.replace('srs_', 'srk_')])
    await assert.rejects(identity.sessions.authenticate(token), code('ACCESS_UNAUTHENTICATED'));

  assert.ok(await identity.sessions.authenticate(one.begun.token));
});

test('use keeps a session alive beyond the idle time', async () => {
  const who = await somebody();
  for (let n = 0; n < 3; n += 1) {
    await db`update access.sessions set seen_at = now() - interval '14 minutes'`;
    assert.ok(await identity.sessions.authenticate(who.begun.token));
  }
});

test('one role is active at a time, and it is one of the person', async () => {
  const { actor, begun } = await somebody(['support', 'billing']);
  const now = () => identity.sessions.authenticate(begun.token);
  const trained = async () => ({ ...(await now()), training: { effect: 'open', lacks: [] } as const });
  const may = async (purpose: string) =>
    access.decide({ actor: await trained(), action: 'records.read', purpose }).allow;
  assert.deepEqual([await may('service.support'), await may('service.billing')], [true, true]);

  await identity.sessions.actAs(actor, 'billing', nothing);

  assert.deepEqual([await may('service.support'), await may('service.billing')], [false, true]);
  await assert.rejects(identity.sessions.actAs(actor, 'dpo', nothing), code('ACCESS_ROLE_UNKNOWN'));
});

test('changing factors needs a full authentication of the last minutes, which a step-up is', async () => {
  const who = await somebody();
  const app = await withApp(who);
  const { now } = app;
  await db`update access.sessions set auth_time = now() - interval '6 minutes', mfa_at = now() - interval '6 minutes'`;
  await assert.rejects(
    async () => identity.factors.removeTotp(await now(), nothing),
    (thrown: { code: string; extra: { maxAgeSeconds: number } }) =>
      thrown.code === 'ACCESS_STEP_UP' && thrown.extra.maxAgeSeconds === 300,
  );
  const again = async (shown: object) =>
    identity.signIn.again(await now(), { password: PASSWORD, ...shown }, placeFor(), nothing, nothing);
  await assert.rejects(again({}), code('ACCESS_SECOND_FACTOR'));
  await assert.rejects(again({ code: '000000' }), code('ACCESS_SIGN_IN_REFUSED'));

  const token = await again({ code: await app.codeIn(0n) });
  const after = () => identity.sessions.authenticate(token);

  assert.equal((await after()).session?.mfaAgeSeconds, 0);
  await identity.factors.removeTotp(await after(), nothing);
  // what is left opens nothing but setting up another one
  assert.equal((await after()).session?.mfaAgeSeconds, null);
  // a password of 8 characters would not do alone
  await assert.rejects(async () => change(await after(), 'zo7ni?ka'), code('ACCESS_PASSWORD_WEAK'));
});

test('a short password needs a second factor, and keeps it', async () => {
  const who = await somebody();
  const { now } = await withApp(who);
  await change(await now(), 'zo7ni?ka');

  await assert.rejects(async () => identity.factors.removeTotp(await now(), nothing), code('ACCESS_PASSWORD_WEAK'));
});

test('changing a factor ends the other sessions', async () => {
  const who = await somebody();
  const elsewhere = await signIn(who.email);
  await change(who.actor, 'another violet tractor');

  await assert.rejects(identity.sessions.authenticate(elsewhere.token), code('ACCESS_UNAUTHENTICATED'));
  assert.ok(await identity.sessions.authenticate(who.begun.token));
  await assert.rejects(signIn(who.email), code('ACCESS_SIGN_IN_REFUSED'));
});

test('passwords are judged by length and by what is guessed first, not by composition', async () => {
  const who = await somebody();
  let old = PASSWORD;
  const choose = async (password: string) => {
    await change(who.actor, password, old);
    old = password;
  };
  for (const weak of [
    'short but fine',
    'aaaaaaaaaaaaaaaaaaaa',
    'password password',
    'p1@example.org some body',
    'x'.repeat(257),
  ])
    await assert.rejects(choose(weak), code('ACCESS_PASSWORD_WEAK'), weak);

  await choose('nur kleine buchstaben');
  await choose('ein sehr langer satz '.repeat(12));
});

test('common and leaked passwords are refused, also beside a second factor, whatever is put around them', async () => {
  const who = await somebody();
  const { now } = await withApp(who);
  for (const weak of ['jordan23', 'Michelle', '!!Michelle2024!!', 'metallica', 'Metallica#1', 'strongroom jordan23'])
    await assert.rejects(async () => change(await now(), weak), code('ACCESS_PASSWORD_WEAK'), weak);
  const leaky = createChoice({ isLeaked: (text) => Promise.resolve(text === 'seven grey herons') });
  await assert.rejects(leaky('seven grey herons', [], 'alone'), code('ACCESS_PASSWORD_WEAK'));
  await leaky('seven grey herons.', [], 'alone');
});

test('a change asks for the password of now in the very request, and guessing it is slowed', async () => {
  const who = await somebody();
  const wrong = code('ACCESS_PASSWORD_WRONG');
  for (const old of [undefined, 'wrong violet tractor', PASSWORD.toUpperCase(), `${PASSWORD} `, PASSWORD.slice(0, -1)])
    await assert.rejects(
      identity.factors.changePassword(who.actor, { password: 'another violet tractor', old }, placeFor(), nothing),
      wrong,
    );
  await assert.rejects(change(who.actor, 'another violet tractor', 'wrong violet tractor'), wrong);
  await assert.rejects(change(who.actor, 'another violet tractor'), code('ACCESS_SLOW_DOWN'));
  await db`update access.sign_in_failures set opens_at = now()`;
  await change(who.actor, 'another violet tractor');

  // who has no password shows a passkey in the same minutes
  const other_ = await somebody();
  await db`update access.people set password = null where email = ${other_.email}`;
  await assert.rejects(change(await other_.now(), 'another violet tractor'), code('ACCESS_STEP_UP'));
  await db`update access.sessions set phishing_resistant = true, mfa_at = now() where session_id in (select session_id from access.sessions join access.people using (person_id) where email = ${other_.email})`;
  await change(await other_.now(), 'another violet tractor');
});

test('the form of a password is normalised, and nothing else of it is changed', async () => {
  const who = await somebody();
  await change(who.actor, 'Zoë fährt nach Åre, ﬁnal');
  const opens = (password: string) =>
    signIn(who.email, { password }).then(
      () => true,
      () => false,
    );
  const typed = ['Zoë fährt nach Åre, ﬁnal'.normalize('NFD'), 'Zoë fährt nach Åre, final'];
  assert.deepEqual([await opens(typed[0] as string), await opens(typed[1] as string)], [true, true]);
  for (const near of ['zoë fährt nach Åre, final', 'Zoe fährt nach Åre, final', 'Zoë fährt nach Åre, final '])
    assert.equal(await opens(near), false, near);
});

test('a person has so many sessions at once; the one that was idle longest ends, also for many that begin at once', async () => {
  const who = await somebody();
  const lives = async (begun: BegunSession) =>
    identity.sessions.authenticate(begun.token).then(
      () => true,
      () => false,
    );
  await db`update access.sessions set seen_at = now() - interval '5 minutes' where session_id in (select session_id from access.sessions join access.people using (person_id) where email = ${who.email})`;
  const four = [await signIn(who.email), await signIn(who.email), await signIn(who.email), await signIn(who.email)];
  assert.deepEqual([await lives(who.begun), four.flatMap(({ ended }) => ended)], [true, []]);
  await db`update access.sessions set seen_at = now() - interval '1 minute' where seen_at > now() - interval '1 second' and hash <> ${tokenHash('srs', who.begun.token) as Buffer}`;
  await db`update access.sessions set seen_at = now() - interval '5 minutes' where hash = ${tokenHash('srs', who.begun.token) as Buffer}`;

  const fifth = await signIn(who.email);

  assert.deepEqual(fifth.ended, [who.begun.id]);
  assert.deepEqual([await lives(who.begun), await lives(fifth)], [false, true]);
  // past the slowing of sign-ins, which would let few of them through
  const personId = parsePublicId('per', who.id) as Uuid;
  const many = await Promise.all(
    Array.from({ length: 12 }, (_, n) => {
      const { sessions } = n % 2 === 0 ? identity : other;
      return db.begin((tx) => sessions.begin(tx, { personId, role: 'support' }, PASSWORD_ONLY, placeFor()));
    }),
  );
  assert.equal((await identity.sessions.list(who.id)).length, 5);
  assert.equal((await Promise.all([...four, fifth, ...(many as BegunSession[])].map(lives))).filter(Boolean).length, 5);
});

test('each authentication has a token of its own: a step-up, and a sign-in where somebody was signed in', async () => {
  const who = await somebody();
  const again = (actor: Actor) => identity.signIn.again(actor, { password: PASSWORD }, placeFor(), nothing, nothing);
  const actor = await who.now();

  const both = await Promise.allSettled([again(actor), again(actor), again(actor)]);

  // of several at once, one: else the page would hold a token that another one took the place of
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected', 'rejected']);
  await assert.rejects(who.now(), code('ACCESS_UNAUTHENTICATED'));
  who.renewed(both.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))[0] as string);
  assert.equal((await who.now()).session?.id, actor.session?.id);
  // what began under the token before goes on: it is the same session
  assert.equal((await identity.sessions.renew(actor)).id, who.id);

  const [one, two] = [await somebody(), await somebody()];
  const place = { ...placeFor(), before: one.begun.token };
  await assert.rejects(identity.signIn.byPassword(two.email, { password: 'wrong tractor' }, place, LOG));
  assert.ok(await one.now(), 'who does not come in ends nothing');
  const begun = await identity.signIn.byPassword(two.email, { password: PASSWORD }, place, LOG);
  assert.deepEqual(begun.ended, [one.begun.id]);
  await assert.rejects(one.now(), code('ACCESS_UNAUTHENTICATED'));
  assert.ok(await two.now(), 'in another browser');
});

test('who ends another one of their sessions has shown a factor in the last minutes', async () => {
  const who = await somebody();
  const elsewhere = await signIn(who.email);
  await db`update access.sessions set auth_time = now() - interval '301 seconds'`;
  const { endOwn, endOthers } = identity.sessions;
  await assert.rejects(async () => endOwn(await who.now(), elsewhere.id, nothing), code('ACCESS_STEP_UP'));
  await assert.rejects(async () => endOthers(await who.now(), nothing), code('ACCESS_STEP_UP'));
  assert.ok(await identity.sessions.authenticate(elsewhere.token));

  who.renewed(await identity.signIn.again(await who.now(), { password: PASSWORD }, placeFor(), nothing, nothing));

  await endOwn(await who.now(), elsewhere.id, nothing);
  await assert.rejects(identity.sessions.authenticate(elsewhere.token), code('ACCESS_UNAUTHENTICATED'));
  // one's own needs none
  await db`update access.sessions set auth_time = now() - interval '301 seconds'`;
  await endOwn(await who.now(), who.begun.id, nothing);
});

test('a new link for the password alone leaves the second factor, and asks for it', async () => {
  const who = await somebody();
  const app = await withApp(who);
  const { token } = await identity.people.reinvite(admin, who.id, 'password', nothing);
  await assert.rejects(app.now(), code('ACCESS_UNAUTHENTICATED'), 'sessions end');
  await assert.rejects(signIn(who.email, { code: await app.codeIn(0n) }), code('ACCESS_SIGN_IN_REFUSED'));

  const begun = await identity.people.accept({ token, password: 'another violet tractor' }, placeFor(), nothing);

  // by the link alone: a session that opens nothing, and in which no other factor is set up
  who.renewed(begun.token);
  assert.equal((await who.now()).session?.mfaAgeSeconds, null);
  await assert.rejects(async () => identity.factors.offerTotp(await who.now(), nothing), code('ACCESS_STEP_UP'));
  await assert.rejects(async () => identity.factors.newRecoveryCodes(await who.now(), nothing), code('ACCESS_STEP_UP'));
  await assert.rejects(async () => identity.factors.removeTotp(await who.now(), nothing), code('ACCESS_STEP_UP'));
  const shown = { password: 'another violet tractor' };
  await assert.rejects(signIn(who.email, shown), code('ACCESS_SECOND_FACTOR'));
  assert.ok(await signIn(who.email, { ...shown, code: await app.codeIn(0n) }));
  assert.ok(await signIn(who.email, { ...shown, recoveryCode: app.recoveryCodes[0] }));
  await assert.rejects(
    identity.people.accept({ token, password: PASSWORD }, placeFor(), nothing),
    code('ACCESS_LINK_REFUSED'),
  );
  // of two links, the newer one; and none once somebody is disabled
  const older = await identity.people.reinvite(admin, who.id, 'all', nothing);
  const newer = await identity.people.reinvite(admin, who.id, 'password', nothing);
  await assert.rejects(
    identity.people.accept({ token: older.token, password: PASSWORD }, placeFor(), nothing),
    code('ACCESS_LINK_REFUSED'),
  );
  await identity.people.disable(admin, who.id, 'revoke', nothing);
  await assert.rejects(
    identity.people.accept({ token: newer.token, password: PASSWORD }, placeFor(), nothing),
    code('ACCESS_LINK_REFUSED'),
  );
});

test('nobody changes their own roles, nor disables or re-invites themselves', async () => {
  const { id } = admin;
  await assert.rejects(identity.people.setRoles(admin, id, ['admin', 'dpo'], nothing), code('ACCESS_SELF_CHANGE'));
  await assert.rejects(identity.people.disable(admin, id, 'keep', nothing), code('ACCESS_SELF_CHANGE'));
  await assert.rejects(identity.people.reinvite(admin, id, 'all', nothing), code('ACCESS_SELF_CHANGE'));
  await assert.rejects(
    identity.people.invite(admin, { email: 'x@example.org', name: 'X', roles: ['emperor'] }, nothing),
    code('ACCESS_ROLE_UNKNOWN'),
  );
});

test('a disabled person does not come back by key or by an old link', async () => {
  const who = await somebody(['admin']);
  const { key } = await access.createKey(who.actor, { name: 'script', role: 'support' }, nothing);
  const kept = await access.createKey(who.actor, { name: 'service', role: 'application' }, nothing);
  assert.equal((await access.authenticate(key)).person, who.id);
  const { token } = await identity.people.reinvite(admin, who.id, 'all', nothing);

  assert.deepEqual(
    await identity.people.disable(admin, who.id, 'keep', nothing).then((keys) => keys.includes(kept.id)),
    true,
  );
  assert.deepEqual(await identity.people.disable(admin, who.id, 'revoke', nothing), []);

  await assert.rejects(access.authenticate(key), code('ACCESS_UNAUTHENTICATED'));
  await assert.rejects(
    identity.people.accept({ token, password: PASSWORD }, placeFor(), nothing),
    code('ACCESS_LINK_REFUSED'),
  );
});

test('who proposes policies does not approve them by a key, nor by a key of a key', async () => {
  const { document } = await access.policies.get('active');
  const policies = {
    ...document.policies,
    extra: 'forbid (principal in Role::"support", action == Action::"records.read", resource);',
  };
  const { version } = await access.policies.propose(admin, { ...document, policies }, 'a test', nothing);
  const made = await access.createKey(admin, { name: 'second admin', role: 'admin' }, nothing);
  const grandchild = await access.createKey(await access.authenticate(made.key), { name: 'dpo', role: 'dpo' }, nothing);
  const approve = (by: Actor) => access.policies.approve(by, version.id, version.hash, nothing);

  assert.equal(version.proposedBy, admin.id);
  await assert.rejects(async () => approve(await access.authenticate(grandchild.key)), code('ACCESS_SELF_APPROVAL'));
  // nobody stands behind the key of the first start
  let first = '';
  await db`delete from access.keys where kind = 'staff'`;
  await access.firstAdministrator(async (key) => void (first = key));
  await assert.rejects(async () => approve(await access.authenticate(first)), code('ACCESS_PERSON_NEEDED'));

  const dpo = await somebody(['dpo']);
  assert.equal((await approve(dpo.actor)).approvedBy, dpo.id);
});

test('a change whose log entry cannot be written does not happen', async () => {
  const who = await somebody();
  const gone = () => Promise.reject(new Error('the log is gone'));
  const { n: before } = (await db<{ n: number }[]>`select count(*)::int as n from access.sessions`)[0] as { n: number };

  await assert.rejects(signInWith(who.email, gone), /the log is gone/);
  await assert.rejects(identity.people.disable(admin, who.id, 'revoke', gone), /the log is gone/);

  assert.equal((await db<{ n: number }[]>`select count(*)::int as n from access.sessions`)[0]?.n, before);
  assert.ok(await identity.sessions.authenticate(who.begun.token));
});
const signInWith = (email: string, begun: () => Promise<never>) =>
  identity.signIn.byPassword(email, { password: PASSWORD }, placeFor(), { begun, refused: nothing });
