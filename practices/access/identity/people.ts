/** People who work here: invited by a link, in roles that others gave them, gone at once when disabled. */
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import { apartFrom, REMEMBERED_DAYS } from '../grants/makers.ts';
import { keysMadeBy, livingKeysOf, revokeKeysOf, rolesMadeBy } from '../store/keys.ts';
import {
  countPeople,
  dropFactors,
  dropPassword,
  findPerson,
  holdPerson,
  insertLink,
  insertPerson,
  isLinkOpen,
  listPeople,
  lockPeople,
  raiseEpoch,
  setPassword,
  setRoles,
  setState,
  useLink,
  type LinkKind,
  type ListedPerson,
  type PersonRow,
} from '../store/people.ts';
import { lockChangesBy } from '../still-there.ts';
import { holdProvisioned } from '../store/provisioned.ts';
import { revokeWorkloadsOf } from '../store/workloads.ts';
import { keepingAdministrators, refreshRoles, type RoleNeeds } from '../scim/group-roles.ts';
import { PASSWORD_ONLY } from './assurance.ts';
import { hasFactors } from './factors.ts';
import type { IdentityKeys } from './identity-keys.ts';
import { standsAlone, type CheckChoice } from './password-choice.ts';
import type { Passwords } from './password.ts';
import { knownPerson, personUuid, type BegunSession, type Place, type Sessions } from './sessions.ts';
import { openAccount } from './slowing.ts';
import { newToken, tokenHash } from './token.ts';

export type PersonView = Readonly<{
  id: string;
  email: string;
  name: string;
  roles: readonly string[];
  /** Those of them that groups of a provider give. */
  groupRoles: readonly string[];
  /** What groups would give, were it not for duties that are kept apart. */
  withheldRoles: readonly string[];
  /** Those that rest, unused for long: the person may ask for them. */
  eligibleRoles: readonly string[];
  /** Those of them that are lent at this moment. */
  lentRoles: readonly string[];
  /** An identity provider manages this person. */
  provisioned: boolean;
  state: PersonRow['state'];
  /** Made up, for tests of the system. */
  canariesOnly: boolean;
  totp: boolean;
  passkeys: number;
  sessions: number;
  createdAt: string;
}>;
/** The token goes to the person, by a way that is not this system. It is shown once. */
export type Invitation = Readonly<{ id: string; token: string; expiresAt: Date }>;
export type Accepted = Readonly<{ token: string; password: string; email?: string; name?: string }>;
/** Writes the log's entry in the transaction of the change. */
export type LogPerson = (tx: Statements, personId: string) => Promise<unknown>;

export type People = Readonly<{
  list: () => Promise<PersonView[]>;
  /** @throws ACCESS_ROLE_UNKNOWN, ACCESS_EMAIL_TAKEN */
  invite: (
    by: Actor,
    wanted: Readonly<{
      email: string;
      name: string;
      roles: readonly string[];
      /** Made up, for tests of the system. */ canariesOnly?: boolean;
    }>,
    log: LogPerson,
  ) => Promise<Invitation>;
  /**
   * A new link for who lost something. `password` takes the password away and nothing else: by the link a new one is
   * chosen, and the second factor is still asked for. `all` takes everything the person signs in with.
   * @throws ACCESS_PERSON_NOT_FOUND, ACCESS_SELF_CHANGE
   */
  reinvite: (by: Actor, id: string, kind: LinkKind, log: LogPerson) => Promise<Invitation>;
  /** Uses a link up. @throws ACCESS_LINK_REFUSED, ACCESS_PASSWORD_WEAK */
  accept: (
    accepted: Accepted,
    place: Place,
    log: (tx: Statements, begun: BegunSession) => Promise<unknown>,
  ) => Promise<BegunSession>;
  /** Gives these beside what groups give. Ends all sessions of the person. @throws ACCESS_SELF_CHANGE, ACCESS_ROLE_UNKNOWN, ACCESS_SEPARATED, ACCESS_PERSON_NOT_FOUND */
  setRoles: (by: Actor, id: string, roles: readonly string[], log: LogPerson) => Promise<void>;
  /**
   * @param keys of services that the person made: whoever made one may still know it
   * @returns the keys that live on
   */
  disable: (by: Actor, id: string, keys: 'revoke' | 'keep', log: LogPerson) => Promise<string[]>;
  /** @throws ACCESS_PROVISIONED when the provider that manages the person says otherwise */
  enable: (by: Actor, id: string, log: LogPerson) => Promise<void>;
  /**
   * A link for the first administrator, as long as there is nobody.
   * @param kept the token of an earlier start, which is good as long as it is open
   * @returns null when there is somebody
   */
  /** Whether there is anybody who could sign in; read in the caller's transaction. */
  areThere: (tx: Statements) => Promise<boolean>;
  /** Keys of the person, and of services that they made, ended ones too; none of who is unknown. */
  keysOf: (id: string) => Promise<Readonly<{ own: readonly string[]; services: readonly string[] }>>;
  firstLink: (kept: string | null, keep: (token: string) => Promise<void>) => Promise<string | null>;
}>;

export type PeopleNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  keys: IdentityKeys;
  passwords: Passwords;
  checkChoice: CheckChoice;
  sessions: Sessions;
}> &
  RoleNeeds;

const LINK_HOURS = 72;
const FIRST_LINK_HOURS = 24;

export function createPeople(needs: PeopleNeeds): People {
  const { db, clock, keys, passwords, checkChoice, sessions, roles, notTogether } = needs;
  const link = async (tx: Statements, by: string, personId: Uuid | null, hours: number, kind: LinkKind = 'all') => {
    const token = newToken('srl');
    const expiresAt = await insertLink(tx, { hash: tokenHash('srl', token) as Buffer, personId, by, hours, kind });
    return { token, expiresAt };
  };
  const checkRoles = (by: Actor, wanted: readonly string[]): void => {
    if (!wanted.every((role) => roles(by).includes(role))) throw accessFailure('ROLE_UNKNOWN');
    const apart = notTogether(by, wanted);
    if (apart !== null) throw accessFailure('SEPARATED', { detail: apart });
  };
  /** Somebody else's doing, in one transaction with the log. @throws ACCESS_SELF_CHANGE, ACCESS_PERSON_NOT_FOUND */
  const change = async <T>(
    by: Actor,
    id: string,
    log: LogPerson,
    work: (tx: Statements, person: PersonRow) => Promise<T>,
  ): Promise<T> => {
    if (by.person === id) throw accessFailure('SELF_CHANGE');
    return transact(db, async (tx) => {
      await lockChangesBy(tx, by);
      const person = await holdPerson(tx, personUuid(id));
      if (person === null) throw accessFailure('PERSON_NOT_FOUND');
      // two who take each other's role at once: the second one finds that nobody would be left; a key is somebody
      const done =
        by.person === undefined
          ? await work(tx, person)
          : await keepingAdministrators(needs, tx, by, () => work(tx, person));
      await raiseEpoch(tx, person.person_id);
      await log(tx, id);
      return done;
    });
  };

  return {
    list: async () => (await listPeople(db)).map(asView),
    invite: async (by, { email, name, roles: wanted, canariesOnly = false }, log) => {
      checkRoles(by, wanted);
      const personId = uuidv7(clock().getTime());
      return transact(db, async (tx) => {
        await lockChangesBy(tx, by);
        const row = { person_id: personId, email: email.trim().toLowerCase(), name, roles: [...new Set(wanted)] };
        if (!(await insertPerson(tx, { ...row, state: 'invited', created_by: by.id, canaries_only: canariesOnly })))
          throw accessFailure('EMAIL_TAKEN');
        await log(tx, publicId('per', personId));
        return { id: publicId('per', personId), ...(await link(tx, by.id, personId, LINK_HOURS)) };
      });
    },
    reinvite: async (by, id, kind, log) => {
      const { email } = await knownPerson(db, id);
      const made = await change(by, id, log, async (tx, person) => {
        if (person.state === 'disabled') throw accessFailure('PERSON_NOT_FOUND', { detail: 'this person is disabled' });
        // who never came in has nothing to keep
        const kept = kind === 'password' && person.state === 'active';
        await (kept ? dropPassword : dropFactors)(tx, person.person_id);
        return link(tx, by.id, person.person_id, LINK_HOURS, kept ? 'password' : 'all');
      });
      await openAccount(db, keys, email);
      return { id, ...made };
    },
    accept: async ({ token, password, email, name }, place, log) => {
      const hash = tokenHash('srl', token);
      // before a password is hashed: the link is what must not be guessed, and it cannot be
      if (hash === null || !(await isLinkOpen(db, hash))) throw accessFailure('LINK_REFUSED');
      await checkChoice(password, [name ?? '', email ?? ''], 'alone');
      const phc = await passwords.hash(password);
      return transact(db, async (tx) => {
        const used = await useLink(tx, hash);
        if (used === null) throw accessFailure('LINK_REFUSED');
        const personId = used.person_id ?? (await firstPerson(tx, email, name));
        const person = await holdPerson(tx, personId);
        // who keeps a second factor is active, and without a password
        const awaited = used.kind === 'password' ? 'active' : 'invited';
        if (person?.state !== awaited || person.password !== null) throw accessFailure('LINK_REFUSED');
        await checkChoice(password, [person.name, person.email], 'alone');
        await setPassword(tx, personId, phc, standsAlone(password));
        const begun = await sessions.begin(tx, { personId, role: person.roles[0] }, PASSWORD_ONLY, place);
        if (begun === null) throw accessFailure('LINK_REFUSED');
        await log(tx, begun);
        return begun;
      });
    },
    setRoles: async (by, id, wanted, log) => {
      checkRoles(by, wanted);
      await change(by, id, log, async (tx, { person_id, group_roles }) => {
        // what groups give goes on being theirs to give and to take
        const own = [...new Set(wanted)].filter((role) => !group_roles.includes(role));
        checkRoles(by, [...own, ...group_roles]);
        const made = await rolesMadeBy(tx, person_id, REMEMBERED_DAYS);
        const apart = apartFrom(by, [...own, ...group_roles], made, notTogether);
        if (apart !== null) throw accessFailure('SEPARATED', { detail: `${apart}, of which one is a key's they made` });
        await setRoles(tx, person_id, own);
        await refreshRoles(needs, tx, by, [person_id]);
      });
    },
    disable: async (by, id, fate, log) =>
      change(by, id, log, async (tx, person) => {
        await setState(tx, person.person_id, 'disabled');
        await holdProvisioned(tx, person.person_id, true);
        if (fate === 'revoke') {
          await revokeKeysOf(tx, person.person_id, clock());
          await revokeWorkloadsOf(tx, person.person_id);
        }
        return (await livingKeysOf(tx, person.person_id, clock())).map((key) => publicId('key', key));
      }),
    enable: async (by, id, log) =>
      change(by, id, log, async (tx, person) => {
        if (person.state !== 'disabled') return;
        if ((await holdProvisioned(tx, person.person_id, false))?.active === false)
          throw accessFailure('PROVISIONED', { detail: 'the provider says that this person is not active' });
        await setState(tx, person.person_id, (await hasFactors(tx, person)) ? 'active' : 'invited');
      }),
    areThere: async (tx) => (await countPeople(tx)) > 0,
    keysOf: async (id) => {
      const uuid = parsePublicId('per', id);
      const made = uuid === null ? [] : await keysMadeBy(db, uuid);
      const of = (isOwn: boolean) => made.filter(({ kind }) => (kind === 'staff') === isOwn).map(({ key_id }) => publicId('key', key_id)); // prettier-ignore
      return { own: of(true), services: of(false) };
    },
    firstLink: async (kept, keep) => {
      if ((await countPeople(db)) > 0) return null;
      const hash = kept === null ? null : tokenHash('srl', kept);
      if (kept !== null && hash !== null && (await isLinkOpen(db, hash))) return kept;
      return transact(db, async (tx) => {
        await lockPeople(tx);
        if ((await countPeople(tx)) > 0) return null;
        const { token } = await link(tx, 'system', null, FIRST_LINK_HOURS);
        await keep(token);
        return token;
      });
    },
  };

  /** Whoever holds the first link says who they are; they are the administrator. */
  async function firstPerson(tx: Statements, email: string | undefined, name: string | undefined): Promise<Uuid> {
    if (email === undefined || name === undefined)
      throw accessFailure('LINK_REFUSED', { detail: 'the first administrator names themselves: email and name' });
    await lockPeople(tx);
    if ((await countPeople(tx)) > 0) throw accessFailure('LINK_REFUSED');
    const row = { person_id: uuidv7(clock().getTime()), email: email.trim().toLowerCase(), name, roles: ['admin'] };
    if (!(await insertPerson(tx, { ...row, state: 'invited', created_by: 'system' })))
      throw accessFailure('EMAIL_TAKEN');
    return ((await findPerson(tx, row.person_id)) as PersonRow).person_id;
  }
}

const asView = (row: ListedPerson): PersonView => ({
  id: publicId('per', row.person_id),
  email: row.email,
  name: row.name,
  roles: row.roles,
  groupRoles: row.group_roles,
  withheldRoles: row.withheld_roles,
  eligibleRoles: row.eligible_roles,
  lentRoles: row.lent_roles,
  provisioned: row.provisioned,
  state: row.state,
  canariesOnly: row.canaries_only,
  totp: row.totp,
  passkeys: row.passkeys,
  sessions: row.sessions,
  createdAt: row.created_at.toISOString(),
});
