/** Statements on people, and on the one-time links that let them in. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { HeldRow } from '../grants/held.ts';

export type PersonState = 'invited' | 'active' | 'disabled';
export type PersonRow = Readonly<{
  person_id: Uuid;
  email: string;
  name: string;
  roles: string[];
  /** Those of them that groups of a provider give. */
  group_roles: string[];
  withheld_roles: string[];
  /** Those that rest, and may be asked for. */
  eligible_roles: string[];
  /** All their roles were taken by a decision that holds. */
  access_ended_at: Date | null;
  state: PersonState;
  epoch: bigint;
  password: string | null;
  stands_alone: boolean;
  created_by: string;
  created_at: Date;
}>;

/** @returns false when somebody has this address already */
export async function insertPerson(
  db: Statements,
  row: Pick<PersonRow, 'person_id' | 'email' | 'name' | 'roles' | 'state' | 'created_by'> &
    Readonly<{ canaries_only?: boolean }>,
): Promise<boolean> {
  const inserted = await db`
    insert into access.people (person_id, email, name, roles, state, created_by, canaries_only)
    values (${row.person_id}, ${row.email}, ${row.name}, ${row.roles}::text[], ${row.state}, ${row.created_by}, ${row.canaries_only === true})
    on conflict (email) do nothing`;
  return inserted.count === 1;
}

export async function findPerson(db: Statements, id: Uuid): Promise<PersonRow | null> {
  const [row] = await db<PersonRow[]>`select * from access.people where person_id = ${id}`;
  return row ?? null;
}

/** Locked until the transaction ends. */
export async function holdPerson(tx: Statements, id: Uuid): Promise<PersonRow | null> {
  const [row] = await tx<PersonRow[]>`select * from access.people where person_id = ${id} for update`;
  return row ?? null;
}

export async function findPersonByEmail(db: Statements, email: string): Promise<PersonRow | null> {
  const [row] = await db<PersonRow[]>`select * from access.people where email = ${email}`;
  return row ?? null;
}

export type ListedPerson = PersonRow &
  Readonly<{
    canaries_only: boolean;
    totp: boolean;
    passkeys: number;
    sessions: number;
    provisioned: boolean;
    lent_roles: string[];
  }>;
export async function listPeople(db: Statements): Promise<ListedPerson[]> {
  return db<ListedPerson[]>`
    select people.*, coalesce(totp.confirmed_at is not null, false) as totp, access.lent_roles(person_id, eligible_roles) as lent_roles,
      exists (select from access.provisioned where provisioned.person_id = people.person_id and deleted_at is null) as provisioned,
      (select count(*)::int from access.passkeys where passkeys.person_id = people.person_id) as passkeys,
      (select count(*)::int from access.sessions where sessions.person_id = people.person_id and sessions.epoch = people.epoch
        and ended_at is null and expires_at > now() and seen_at > now() - interval '15 minutes') as sessions
    from access.people left join access.totp using (person_id) order by person_id`;
}

/** Roles of those who can sign in and were not made up, by the most that one of them can show. */
export type ProvenRole = Readonly<{ role: string; mfa: boolean; passkey: boolean }>;
export async function provenRoles(db: Statements): Promise<ProvenRole[]> {
  return db<ProvenRole[]>`
    select distinct role, totp.confirmed_at is not null or passkey.there as mfa, passkey.there as passkey
    from access.people left join access.totp using (person_id) cross join unnest(roles) as t (role)
      cross join lateral (select exists (select 1 from access.passkeys where passkeys.person_id = people.person_id) as there) as passkey
    where state = 'active' and not canaries_only`;
}

/** Who can sign in, once for each role, with what they hold in it for a time. @param id null: everybody */
export async function rolesOfPeople(
  db: Statements,
  id: Uuid | null,
): Promise<(Pick<PersonRow, 'person_id' | 'name'> & { role: string; grants: readonly HeldRow[]; overdue: boolean })[]> {
  return db`
    select person_id, name, role, access.held_grants(person_id) as grants, access.review_overdue(person_id, role) as overdue
    from access.people cross join unnest(roles) as t (role)
    where state = 'active' ${id === null ? db`` : db`and person_id = ${id}`} order by person_id, role`;
}

export async function countPeople(db: Statements): Promise<number> {
  const [row] = await db<
    { n: number }[]
  >`select count(*)::int as n from access.people where state <> 'disabled' and not canaries_only`;
  return row?.n ?? 0;
}

/** Held until the transaction ends; readers go on. */
export async function lockPeople(tx: Statements): Promise<void> {
  await tx`lock table access.people in share row exclusive mode`;
}

/** Ends every session of the person, at the next read of any server. */
export async function raiseEpoch(tx: Statements, id: Uuid): Promise<void> {
  await tx`update access.people set epoch = epoch + 1 where person_id = ${id}`;
  await tx`update access.authz set epoch = epoch + 1`;
}

/** Roles that an administrator gives, and no others: what groups give stays beside them, none rests, and what a review took may be given again. */
export async function setRoles(tx: Statements, id: Uuid, roles: readonly string[]): Promise<void> {
  await tx`
    update access.people set roles = ${[...roles]}::text[] || group_roles, eligible_roles = '{}', access_ended_at = case when ${[...roles]}::text[] = '{}' then access_ended_at end,
      refused_roles = array(select unnest(refused_roles) except select unnest(${[...roles]}::text[]))
    where person_id = ${id}`;
}

export async function setState(tx: Statements, id: Uuid, state: PersonState): Promise<void> {
  await tx`update access.people set state = ${state} where person_id = ${id}`;
}

/** A password makes an invited person an active one. */
export async function setPassword(tx: Statements, id: Uuid, phc: string, standsAlone: boolean): Promise<void> {
  await tx`
    update access.people set password = ${phc}, stands_alone = ${standsAlone}, state = case state when 'invited' then 'active' else state end
    where person_id = ${id}`;
}

/** Whether this is how the person comes in, and not changed before the transaction ends. @param phc null: without a password */
export async function holdPassword(tx: Statements, id: Uuid, phc: string | null): Promise<boolean> {
  const found = await tx`
    select 1 from access.people where person_id = ${id} and state = 'active' and password is not distinct from ${phc}::text for share`;
  return found.length === 1;
}

/** The same password under newer parameters, unless it was changed meanwhile. */
export async function replacePassword(db: Statements, id: Uuid, old: string, phc: string): Promise<void> {
  await db`update access.people set password = ${phc} where person_id = ${id} and password = ${old}`;
}

/** Takes every way in from a person: whoever follows the new link begins anew. */
export async function dropFactors(tx: Statements, id: Uuid): Promise<void> {
  await tx`delete from access.totp where person_id = ${id}`;
  await tx`delete from access.recovery_codes where person_id = ${id}`;
  await tx`delete from access.passkeys where person_id = ${id}`;
  await tx`delete from access.federated where person_id = ${id}`;
  await tx`update access.people set password = null, stands_alone = false, state = 'invited' where person_id = ${id}`;
}

/** The password alone: what else the person signs in with stays. */
export async function dropPassword(tx: Statements, id: Uuid): Promise<void> {
  await tx`update access.people set password = null, stands_alone = false where person_id = ${id}`;
}

export type LinkKind = 'all' | 'password';
/** @param personId null: for the first administrator. Older links of the same person are of no use any more. */
export async function insertLink(
  tx: Statements,
  link: Readonly<{ hash: Buffer; personId: Uuid | null; by: string; hours: number; kind: LinkKind }>,
): Promise<Date> {
  await tx`delete from access.links where person_id is not distinct from ${link.personId} and used_at is null`;
  const [row] = await tx<{ expires_at: Date }[]>`
    insert into access.links (hash, person_id, created_by, expires_at, kind)
    values (${link.hash}, ${link.personId}, ${link.by}, now() + make_interval(hours => ${link.hours}), ${link.kind})
    returning expires_at`;
  return (row as { expires_at: Date }).expires_at;
}

export async function isLinkOpen(db: Statements, hash: Buffer): Promise<boolean> {
  const found = await db`select 1 from access.links where hash = ${hash} and used_at is null and expires_at > now()`;
  return found.length === 1;
}

/** Uses it up: of two who come at once, one gets it. @returns null when there is no such link to use */
export async function useLink(
  tx: Statements,
  hash: Buffer,
): Promise<{ person_id: Uuid | null; kind: LinkKind } | null> {
  const [row] = await tx<{ person_id: Uuid | null; kind: LinkKind }[]>`
    update access.links set used_at = now() where hash = ${hash} and used_at is null and expires_at > now()
    returning person_id, kind`;
  return row ?? null;
}
