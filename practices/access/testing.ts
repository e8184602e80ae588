/** Two servers on one database, with a log, actors by role, and people: for the tests of grants and identity. */
import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { createAudit, type Audit } from '#platform/audit';
import type { Db } from '#platform/db';
import { newSubjectId, subjectIdText, uuidv7, type SubjectId } from '#platform/ids';
import { freshDatabase } from '#platform/testing';
import { parseCatalog, type CollectionSpec, type FieldSpec } from '#practices/collection';

import { openAccess, type Access } from './access.ts';
import type { Actor, Decision } from './decide.ts';
import { PASSKEY, PASSWORD_ONLY } from './identity/assurance.ts';
import { createSessions, type Sessions } from './identity/sessions.ts';
import type { PolicyDocument } from './policy-document.ts';
import type { GrantAsk } from './grants/check-ask.ts';
import type { By } from './grants/grant-event.ts';
import { createIdentity, type Identity } from './identity/identity.ts';
import type { Provider } from './identity/oidc-client.ts';
import { argon2id } from './identity/password.ts';
import type { BegunSession } from './identity/sessions.ts';
import { VOLUME_LIMITS, type VolumeLimits } from './volume.ts';

const ROOT = new URL('../../', import.meta.url);
const nothing = () => Promise.resolve();

export type Servers = {
  db: Db;
  audit: Audit;
  first: Access;
  /** Its clock stands wherever `setClock` puts it. */
  second: Access;
  /** One more server, or one of them started anew. */
  open: () => Promise<Access>;
  setClock: (offsetMs: number) => void;
  /** A new key of this role, looked up on a server. */
  keyOf: (role: string) => Promise<{ id: string; key: string }>;
  by: (role: string) => Promise<By>;
  customer: CollectionSpec;
  /** Changes the policies that hold. */
  change: (edit: (document: PolicyDocument) => PolicyDocument) => Promise<void>;
  /** Grants for which an alarm was raised. */
  alarms: string[];
  logged: (count: number) => Promise<Record<string, unknown>[]>;
  close: () => Promise<void>;
};

export async function twoServers(volume: VolumeLimits = VOLUME_LIMITS): Promise<Servers> {
  const migrated = ['platform/audit', 'practices/access'].map((folder) => ({
    schema: folder.split('/')[1] as string,
    folder: new URL(`${folder}/sql/`, ROOT),
  }));
  const fresh = await freshDatabase(undefined, { connections: 12, migrated });
  const { db } = fresh;
  const audit = createAudit({
    db,
    clock: () => new Date(),
    signer: { name: 'test', privateKey: generateKeyPairSync('ed25519').privateKey },
    node: 'node_test',
    pseudonymKey: createSecretKey(randomBytes(32)),
    sealPersonal: async (_id, bytes) => await Promise.resolve(bytes),
  });
  const catalog = parseCatalog(await readFile(new URL('examples/catalog.yaml', ROOT), 'utf8'));
  let offset = 0;
  const alarms: string[] = [];
  const needs = {
    volume,
    onGlass: ({ id }: { id: string }) => void alarms.push(id),
    db,
    audit,
    logFirst: nothing,
    catalog: () => catalog,
    onAlarm: () => assert.fail('an alarm'),
  };
  const open = () => openAccess({ ...needs, clock: () => new Date() });
  const first = await open();
  const second = await openAccess({ ...needs, clock: () => new Date(Date.now() + offset) });
  let adminKey = '';
  await first.firstAdministrator(async (key) => void (adminKey = key));
  const admin = () => first.authenticate(adminKey);
  const keyOf = async (role: string) => first.createKey(await admin(), { name: role, role }, nothing);
  const by = async (role: string): Promise<By> => {
    const { key } = await keyOf(role);
    // on both: a server has the policies of those it looked up
    await second.authenticate(key);
    return { actor: await first.authenticate(key), requestId: 'test' };
  };
  return {
    db,
    alarms,
    audit,
    first,
    second,
    open,
    setClock: (offsetMs) => void (offset = offsetMs),
    keyOf,
    by,
    customer: catalog.collections.get('customer') as CollectionSpec,
    change: async (edit) => {
      const { document } = await first.policies.get('active');
      const { version, review } = await first.policies.propose(await admin(), edit(document), 'a test', nothing);
      assert.deepEqual([review.faults, review.broken], [[], []]);
      // once there are people, a person approves
      const dpo = { ...(await by('dpo')).actor, person: 'per_dpo' };
      await first.policies.approve(dpo, version.id, version.hash, nothing);
      await first.policies.activate(await admin(), version.id, nothing);
    },
    logged: async (count) => {
      const size = await audit.size();
      return (await audit.read(size - count, size)).map(
        ({ bytes }) => JSON.parse(bytes.toString()) as Record<string, unknown>,
      );
    },
    close: fresh.close,
  };
}

/** Somebody who works here, signed in on both servers with a passkey, or with a password alone. */
export async function personIn(
  { db, first, second }: Servers,
  role: string,
  how: 'passkey' | 'password' = 'passkey',
): Promise<{ again: () => Promise<Actor> }> {
  const personId = uuidv7();
  await db`
    insert into access.people (person_id, email, name, roles, state, created_by)
    values (${personId}, ${`${personId}@example.org`}, 'Ada', ${[role]}::text[], 'active', 'test')`;
  const [here, there] = [first, second].map(({ loadPolicies }) =>
    createSessions({ db, clock: () => new Date(), loadPolicies, most: 5 }),
  ) as [Sessions, Sessions];
  const place = { device: 'test', address: '127.0.0.1', zone: 'office' };
  const proof = how === 'passkey' ? PASSKEY : PASSWORD_ONLY;
  const begun = await db.begin((tx) => here.begin(tx, { personId, role }, proof, place));
  return {
    again: async () => {
      await there.authenticate(begun?.token);
      // who comes in at the door is found to have learned what their role asks for
      return { ...(await here.authenticate(begun?.token)), training: { effect: 'open', lacks: [] } };
    },
  };
}

export const aSubject = (): { id: SubjectId; text: string } => {
  const id = newSubjectId();
  return { id, text: subjectIdText(id) };
};

/** A request for one customer's personal fields. */
export const asking = (subject: string, more: Partial<GrantAsk> = {}): GrantAsk => ({
  purpose: 'service.support',
  classes: ['personal'],
  subjects: [subject],
  reads: 3,
  reason: 'the customer is on the phone',
  ...more,
});

/** Asked for, approved by a dpo, active. */
export async function activeGrant(servers: Servers, by: By, ask: GrantAsk): Promise<string> {
  const { grants } = servers.first;
  const { id, scopeHash } = await grants.request(by, ask);
  await grants.approve(await servers.by('dpo'), id, scopeHash);
  await grants.activate(by, id);
  return id;
}

/** What of one customer's field leaves: decided by a server as it is for every read. */
export function seen(
  servers: Servers,
  server: Access,
  actor: Actor,
  subject: SubjectId,
  field = 'last_name',
  purpose = 'service.support',
): Readonly<{ state: string; decision: Decision }> {
  const decision = server.decide({ actor, action: 'records.read', purpose, collection: servers.customer, subject });
  return { state: decision.field(servers.customer.fields.get(field) as FieldSpec), decision };
}
export const code = (expected: string) => (thrown: { code?: string }) => thrown.code === expected;

/**
 * Begins the second while the first is done and not yet there for anybody else to see, and waits until it has settled or
 * waits for the first. @param first writes its log's entry last, as all do
 */
export async function meanwhile<One, Two>(
  db: Db,
  first: (log: () => Promise<void>) => Promise<One>,
  second: () => Promise<Two>,
): Promise<[One, Promise<Two>]> {
  let theirs: Promise<Two> | undefined;
  const done = await first(async () => {
    theirs = second();
    const settled = theirs.then(
      () => true,
      () => true,
    );
    const waits = async (): Promise<boolean> =>
      (await db`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length >
      0;
    while (!(await Promise.race([settled, waits()])));
  });
  return [done, theirs as Promise<Two>];
}

export const PASSWORD = 'violet tractor onion';
/** Every sign-in from an address of its own, so that tests do not slow each other down. */
export const placeFor = (address = `192.0.2.${randomBytes(2).join('.')}`) => ({
  device: 'test',
  address,
  zone: 'internet',
});
export type Somebody = Readonly<{
  id: string;
  email: string;
  begun: BegunSession;
  actor: Actor;
  /** As they are now. */
  now: () => Promise<Actor>;
  /** Their session has another token now. */
  renewed: (token: string) => void;
}>;
export type PeopleServers = Servers & {
  identity: Identity;
  /** On the second server: it shares the database and the root, and nothing else. */
  other: Identity;
  /** The first administrator, signed in. */
  ada: Actor;
  somebody: (roles?: readonly string[]) => Promise<Somebody>;
  /** Passwords hashed by the first server so far. */
  hashed: () => number;
};

/** Two servers with people; hashing is cheap, and counted. */
export async function peopleServers(provider: Provider | null = null): Promise<PeopleServers> {
  const servers = await twoServers();
  const { db, first, second } = servers;
  let hashed = 0;
  const needs = {
    db,
    clock: () => new Date(),
    root: createSecretKey(randomBytes(32)),
    cost: { memoryKib: 64, passes: 1, parallelism: 1 },
    fetch,
    isScope: () => true,
    provider,
    isLeaked: () => Promise.resolve(false),
    sessionsPerPerson: 5,
    origin: null,
  };
  const identity = createIdentity({ ...needs, access: first, argon2: (input) => ((hashed += 1), argon2id(input)) });
  const other = createIdentity({ ...needs, access: second });
  const token = (await identity.people.firstLink(null, nothing)) as string;
  const about = { token, password: PASSWORD, email: 'Ada@Example.org', name: 'Ada' };
  const ada = await identity.sessions.authenticate((await identity.people.accept(about, placeFor(), nothing)).token);
  let count = 0;
  return {
    ...servers,
    identity,
    other,
    ada,
    hashed: () => hashed,
    somebody: async (roles = ['support']) => {
      const email = `p${(count += 1)}@example.org`;
      const { id, token } = await identity.people.invite(ada, { email, name: 'Some Body', roles }, nothing);
      const begun = await identity.people.accept({ token, password: PASSWORD }, placeFor(), nothing);
      let current = begun.token;
      const now = () => identity.sessions.authenticate(current);
      return { id, email, begun, actor: await now(), now, renewed: (next) => void (current = next) };
    },
  };
}
