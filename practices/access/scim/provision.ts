/**
 * Users and groups as an identity provider keeps them. Every change is one transaction behind `lockChangesBy`: what a
 * request was decided on is still so when it commits, of two PATCHes the second one sees what the first one did.
 *
 * INVARIANT: only people whom the provider made, or whom an administrator linked, are found and changed here.
 */
import { isDeepStrictEqual } from 'node:util';

import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import { lockChangesBy } from '../still-there.ts';
import { hasFactors } from '../identity/factors.ts';
import { revokeKeysOf } from '../store/keys.ts';
import { dropFactors, findPersonByEmail, holdPerson, insertPerson, raiseEpoch, setState } from '../store/people.ts';
import {
  deleteGroup,
  dropProvisioned,
  findGroup,
  findProvisioned,
  isUserNameTaken,
  listGroups,
  listProvisioned,
  putGroup,
  putProvisioned,
  setAbout,
  setMembers,
  type GroupRow,
  type ProvisionedRow,
} from '../store/provisioned.ts';
import { revokeWorkloadsOf } from '../store/workloads.ts';
import { questionOf, type Kind, type Question } from './attributes.ts';
import { parseFilter } from './filter.ts';
import { keepingAdministrators, refreshRoles, type ChangedRoles, type RoleNeeds } from './group-roles.ts';
import { patched } from './patch.ts';
import { readGroup, readUser, type GroupWish, type UserWish } from './read-resource.ts';
import { groupResource, userResource, type Resource } from './resource.ts';

/** What is written down: ids, roles and names of attributes. */
export type Change = Readonly<{
  verb: 'user.create' | 'user.update' | 'user.delete' | 'group.create' | 'group.update' | 'group.delete';
  detail: Readonly<Record<string, string | boolean | readonly string[]>>;
  roles: readonly ChangedRoles[];
}>;
/** Writes the log's entries in the transaction of the change. */
export type LogChange = (tx: Statements, change: Change) => Promise<unknown>;
export type Doing = Readonly<{ by: Actor; log: LogChange; ifMatch?: string | undefined }>;
export type Page = Readonly<{ filter: string | undefined; startIndex: number; count: number }>;

export type Resources = Readonly<{
  list: (page: Page) => Promise<Readonly<{ total: number; resources: readonly Resource[] }>>;
  /** @throws ACCESS_SCIM_NOT_FOUND */
  get: (id: string) => Promise<Resource>;
  create: (doing: Doing, body: unknown) => Promise<Resource>;
  /** @throws ACCESS_SCIM_NOT_FOUND, ACCESS_SCIM_STALE, ACCESS_SCIM_UNIQUENESS, ACCESS_LAST_ADMINISTRATOR */
  replace: (doing: Doing, id: string, body: unknown) => Promise<Resource>;
  patch: (doing: Doing, id: string, body: unknown) => Promise<Resource>;
  remove: (doing: Doing, id: string) => Promise<void>;
}>;
export type Provision = Readonly<Record<Kind, Resources>>;
export type ProvisionNeeds = RoleNeeds & Readonly<{ db: Db; clock: () => Date; /** Of addresses. */ root: string }>;

/** An entry of the log has 60 KiB, an id 30 bytes. */
const IDS_IN_ENTRY = 500;
const ALL: Question = { is: 'known', answer: true };

export function createProvision(needs: ProvisionNeeds): Provision {
  const { db, clock, root } = needs;
  /** One at a time, and never without an administrator. */
  const changing = <T>(by: Actor, work: (tx: Statements) => Promise<T>): Promise<T> =>
    transact(db, async (tx) => {
      await lockChangesBy(tx, by);
      return await keepingAdministrators(needs, tx, by, () => work(tx));
    });
  const living = async (tx: Statements, id: string): Promise<ProvisionedRow> => {
    const uuid = parsePublicId('per', id);
    const row = uuid === null ? null : await findProvisioned(tx, uuid);
    if (row === null || row.deleted_at !== null) throw accessFailure('SCIM_NOT_FOUND');
    return row;
  };
  const user = async (tx: Statements, id: Uuid): Promise<Resource> =>
    userResource((await findProvisioned(tx, id)) as ProvisionedRow, root);
  const deactivate = async (tx: Statements, id: Uuid): Promise<void> => {
    await setState(tx, id, 'disabled');
    await revokeKeysOf(tx, id, clock());
    await revokeWorkloadsOf(tx, id);
  };

  const createUser = (tx: Statements, { by, log }: Doing, wish: UserWish): Promise<Resource> => {
    const work = async (): Promise<Resource> => {
      if (await isUserNameTaken(tx, wish.userName, null)) throw accessFailure('SCIM_UNIQUENESS');
      const personId = await placeFor(tx, by, wish);
      const active = wish.active ?? true;
      await putProvisioned(tx, { ...columnsOf(wish), person_id: personId, active, created_by: by.id });
      if (!active) await setState(tx, personId, 'disabled');
      const detail = { person: publicId('per', personId), attributes: saidIn(wish), active };
      await log(tx, { verb: 'user.create', detail, roles: [] });
      return await user(tx, personId);
    };
    return work();
  };
  /** A new person; or the one whom the provider had removed, who proves anew who they are. @throws ACCESS_SCIM_UNIQUENESS */
  const placeFor = async (tx: Statements, by: Actor, { email, name }: UserWish): Promise<Uuid> => {
    const there = await findPersonByEmail(tx, email);
    if (there === null) {
      const personId = uuidv7(clock().getTime());
      const row = { person_id: personId, email, name, roles: [], state: 'invited' as const, created_by: by.id };
      if (!(await insertPerson(tx, row))) throw accessFailure('SCIM_UNIQUENESS');
      return personId;
    }
    const before = await findProvisioned(tx, there.person_id);
    if (before === null || before.deleted_at === null || before.held) throw accessFailure('SCIM_UNIQUENESS');
    await dropFactors(tx, there.person_id);
    await setAbout(tx, there.person_id, { email, name });
    await raiseEpoch(tx, there.person_id);
    return there.person_id;
  };
  const updateUser = async (
    tx: Statements,
    { by, log }: Doing,
    row: ProvisionedRow,
    wish: UserWish,
  ): Promise<Resource> => {
    const id = row.person_id;
    const active = wish.active ?? row.active;
    const [is, was] = [{ ...columnsOf(wish), active, email: wish.email }, row];
    const attributes = Object.keys(NAMES).filter(
      (each) => is[each as keyof typeof is] !== was[each as keyof typeof is],
    );
    if (attributes.length === 0) return await user(tx, id);
    if (await isUserNameTaken(tx, wish.userName, id)) throw accessFailure('SCIM_UNIQUENESS');
    // roles that an administrator gave are this person's: not those of whoever has the address that a provider puts here
    if (wish.email !== row.email && row.roles.length > row.group_roles.length)
      throw accessFailure('SCIM_MUTABILITY', {
        detail: 'an administrator here gave this person roles: the address that they sign in with stays',
      });
    await holdPerson(tx, id);
    if (!(await setAbout(tx, id, wish))) throw accessFailure('SCIM_UNIQUENESS');
    await putProvisioned(tx, { ...columnsOf(wish), person_id: id, active, created_by: by.id });
    if (row.active && !active) await deactivate(tx, id);
    if (!row.active && active && !row.held) {
      const person = await holdPerson(tx, id);
      await setState(tx, id, person !== null && (await hasFactors(tx, person)) ? 'active' : 'invited');
    }
    if (row.active !== active) await raiseEpoch(tx, id);
    const roles = row.active === active ? [] : await refreshRoles(needs, tx, by, [id]);
    const detail = { person: publicId('per', id), attributes: attributes.map((each) => NAMES[each] as string), active };
    await log(tx, { verb: 'user.update', detail, roles });
    return await user(tx, id);
  };
  const removeUser = async (tx: Statements, { by, log }: Doing, row: ProvisionedRow): Promise<void> => {
    const id = row.person_id;
    await holdPerson(tx, id);
    await deactivate(tx, id);
    await dropProvisioned(tx, id);
    await raiseEpoch(tx, id);
    const roles = row.roles.length === 0 ? [] : [{ person: publicId('per', id), roles: [], withheld: [] }];
    await log(tx, { verb: 'user.delete', detail: { person: publicId('per', id), by: by.id }, roles });
  };

  const group = async (tx: Statements, id: string): Promise<GroupRow> => {
    const uuid = parsePublicId('grp', id);
    const row = uuid === null ? null : await findGroup(tx, uuid);
    if (row === null) throw accessFailure('SCIM_NOT_FOUND');
    return row;
  };
  const putOne = async (
    tx: Statements,
    { by, log }: Doing,
    before: GroupRow | null,
    wish: GroupWish,
  ): Promise<Resource> => {
    const id = before?.group_id ?? uuidv7(clock().getTime());
    const members = wish.members ?? [];
    const [held, wanted] = [new Set(before?.members), new Set(members)];
    const added = members.filter((each) => !held.has(each));
    const removed = [...held].filter((each) => !wanted.has(each));
    const attributes = [
      ...(before?.display_name === wish.displayName ? [] : ['displayName']),
      ...((before?.external_id ?? null) === wish.externalId ? [] : ['externalId']),
      ...(added.length + removed.length === 0 ? [] : ['members']),
    ];
    if (before !== null && attributes.length === 0) return groupResource(before, root);
    const row = { group_id: id, display_name: wish.displayName, external_id: wish.externalId };
    if (!(await putGroup(tx, row, by.id))) throw accessFailure('SCIM_UNIQUENESS');
    if (!(await setMembers(tx, id, members)))
      throw accessFailure('SCIM_VALUE', { detail: 'a member is a user of this provider' });
    const roles = await refreshRoles(needs, tx, by, [...added, ...removed]);
    const ids = (each: readonly Uuid[], part: number): string[] =>
      each.slice(part * IDS_IN_ENTRY, (part + 1) * IDS_IN_ENTRY).map((one) => publicId('per', one));
    const parts = Math.max(1, Math.ceil(Math.max(added.length, removed.length) / IDS_IN_ENTRY));
    for (let part = 0; part < parts; part += 1) {
      const verb = before === null && part === 0 ? 'group.create' : 'group.update';
      const detail = { group: publicId('grp', id), attributes, added: ids(added, part), removed: ids(removed, part) };
      await log(tx, { verb, detail, roles: part === 0 ? roles : [] });
    }
    return groupResource((await findGroup(tx, id)) as GroupRow, root);
  };
  const removeGroup = async (tx: Statements, { by, log }: Doing, row: GroupRow): Promise<void> => {
    await deleteGroup(tx, row.group_id);
    const roles = await refreshRoles(needs, tx, by, row.members);
    await log(tx, { verb: 'group.delete', detail: { group: publicId('grp', row.group_id) }, roles });
  };

  return {
    User: {
      list: async (page) => {
        const { total, rows } = await listProvisioned(db, asked('User', page), within(page));
        return { total, resources: rows.map((row) => userResource(row, root)) };
      },
      get: async (id) => userResource(await living(db, id), root),
      create: (doing, body) => changing(doing.by, (tx) => createUser(tx, doing, readUser(body))),
      replace: (doing, id, body) =>
        changing(doing.by, async (tx) => {
          const row = await living(tx, id);
          fresh(userResource(row, root), doing);
          return updateUser(tx, doing, row, readUser(body));
        }),
      patch: (doing, id, body) =>
        changing(doing.by, async (tx) => {
          const row = await living(tx, id);
          const before = userResource(row, root);
          fresh(before, doing);
          // what the provider said of it, not what an administrator made of it
          const after = patched('User', { ...before, active: row.active }, body);
          // an address that came of the user name goes on with it
          const derived = row.email === row.user_name.toLowerCase() && isDeepStrictEqual(after.emails, before.emails);
          return updateUser(tx, doing, row, readUser(derived ? { ...after, emails: [] } : after));
        }),
      remove: (doing, id) =>
        changing(doing.by, async (tx) => {
          const row = await living(tx, id);
          fresh(userResource(row, root), doing);
          await removeUser(tx, doing, row);
        }),
    },
    Group: {
      list: async (page) => {
        const { total, rows } = await listGroups(db, asked('Group', page), within(page));
        return { total, resources: rows.map((row) => groupResource(row, root)) };
      },
      get: async (id) => groupResource(await group(db, id), root),
      create: (doing, body) => changing(doing.by, (tx) => putOne(tx, doing, null, readGroup(body))),
      replace: (doing, id, body) =>
        changing(doing.by, async (tx) => {
          const row = await group(tx, id);
          fresh(groupResource(row, root), doing);
          return putOne(tx, doing, row, readGroup(body));
        }),
      patch: (doing, id, body) =>
        changing(doing.by, async (tx) => {
          const row = await group(tx, id);
          const before = groupResource(row, root);
          fresh(before, doing);
          return putOne(tx, doing, row, readGroup(patched('Group', before, body)));
        }),
      remove: (doing, id) =>
        changing(doing.by, async (tx) => {
          const row = await group(tx, id);
          fresh(groupResource(row, root), doing);
          await removeGroup(tx, doing, row);
        }),
    },
  };
}

const asked = (kind: Kind, { filter }: Page): Question =>
  filter === undefined ? ALL : questionOf(kind, parseFilter(filter));
const within = ({ startIndex, count }: Page) => ({ skip: startIndex - 1, limit: count });

/** @throws ACCESS_SCIM_STALE */
function fresh({ meta }: Resource, { ifMatch }: Doing): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  // a version is a hash of all there is: weak or not makes no difference
  const wanted = ifMatch.split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (!wanted.includes(meta.version.replace(/^W\//, ''))) throw accessFailure('SCIM_STALE');
}

/** Column → attribute, as the log names what was changed. */
const NAMES: Readonly<Record<string, string>> = {
  user_name: 'userName', external_id: 'externalId', given_name: 'name.givenName', family_name: 'name.familyName',
  formatted: 'name.formatted', display_name: 'displayName', email: 'emails', active: 'active',
}; // prettier-ignore
const columnsOf = (wish: UserWish) => ({
  user_name: wish.userName,
  external_id: wish.externalId,
  given_name: wish.givenName,
  family_name: wish.familyName,
  formatted: wish.formatted,
  display_name: wish.displayName,
});
const saidIn = (wish: UserWish): string[] =>
  Object.entries({ ...columnsOf(wish), email: wish.email }).flatMap(([column, value]) => (value === null ? [] : [NAMES[column] as string])); // prettier-ignore
