/** Statements on people and groups that an identity provider keeps. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { Question } from '../scim/attributes.ts';
import type { PersonState } from './people.ts';

export type ProvisionedRow = Readonly<{
  person_id: Uuid;
  user_name: string;
  external_id: string | null;
  given_name: string | null;
  family_name: string | null;
  formatted: string | null;
  display_name: string | null;
  active: boolean;
  held: boolean;
  created_at: Date;
  changed_at: Date;
  deleted_at: Date | null;
  email: string;
  state: PersonState;
  roles: string[];
  group_roles: string[];
  groups: readonly Readonly<{ id: Uuid; name: string }>[];
}>;
export type NewProvisioned = Pick<
  ProvisionedRow,
  'person_id' | 'user_name' | 'external_id' | 'given_name' | 'family_name' | 'formatted' | 'display_name' | 'active'
>;
export type GroupRow = Readonly<{
  group_id: Uuid;
  display_name: string;
  external_id: string | null;
  created_at: Date;
  changed_at: Date;
  members: readonly Uuid[];
}>;
export type MappedGroup = Readonly<{
  group_id: Uuid;
  display_name: string;
  members: number;
  withheld: number;
  roles: readonly Readonly<{ role: string; by: string; at: string }>[];
}>;

/** One after the other: whoever changes what people may holds this until the transaction ends. */
export async function lockChanges(tx: Statements): Promise<void> {
  await tx`select from access.authz for update`;
}

const users = (db: Statements) => db`
  select p.*, people.email, people.state, people.roles, people.group_roles, coalesce(g.groups, '[]') as groups
  from access.provisioned p join access.people using (person_id)
    left join lateral (
      select jsonb_agg(jsonb_build_object('id', group_id, 'name', display_name) order by group_id) as groups
      from access.group_members join access.groups using (group_id) where group_members.person_id = p.person_id
    ) g on true`;
const groups = (db: Statements) => db`
  select g.*, array(select person_id from access.group_members m where m.group_id = g.group_id order by person_id) as members from access.groups g`;

/** Also one that is gone for the provider. */
export async function findProvisioned(db: Statements, id: Uuid): Promise<ProvisionedRow | null> {
  const [row] = await db<ProvisionedRow[]>`${users(db)} where p.person_id = ${id}`;
  return row ?? null;
}

export async function isUserNameTaken(db: Statements, userName: string, but: Uuid | null): Promise<boolean> {
  const found = await db`
    select 1 from access.provisioned where lower(user_name) = lower(${userName}) and deleted_at is null and person_id is distinct from ${but}`;
  return found.length > 0;
}

type Asked<Row> = Readonly<{ total: number; rows: readonly Row[] }>;
export async function listProvisioned(
  db: Statements,
  question: Question,
  { skip, limit }: Readonly<{ skip: number; limit: number }>,
): Promise<Asked<ProvisionedRow>> {
  const where = db`p.deleted_at is null and ${answers(db, question, 'p.person_id')}`;
  const [{ n } = { n: 0 }] = await db<{ n: number }[]>`
    select count(*)::int as n from access.provisioned p join access.people using (person_id) where ${where}`;
  if (limit === 0) return { total: n, rows: [] };
  const rows = await db<
    ProvisionedRow[]
  >`${users(db)} where ${where} order by p.person_id offset ${skip} limit ${limit}`;
  return { total: n, rows };
}

export async function listGroups(
  db: Statements,
  question: Question,
  { skip, limit }: Readonly<{ skip: number; limit: number }>,
): Promise<Asked<GroupRow>> {
  const where = answers(db, question, 'g.group_id');
  const [{ n } = { n: 0 }] = await db<{ n: number }[]>`select count(*)::int as n from access.groups g where ${where}`;
  if (limit === 0) return { total: n, rows: [] };
  const rows = await db<GroupRow[]>`${groups(db)} where ${where} order by g.group_id offset ${skip} limit ${limit}`;
  return { total: n, rows };
}

/** A filter as a condition. Values are parameters and no patterns; no comparison is null, so that `not` turns each one around. */
function answers(db: Statements, question: Question, id: string): ReturnType<typeof users> {
  if ('all' in question) {
    const [first = db`true`, ...rest] = question.all.map((each) => answers(db, each, id));
    const both = question.is === 'and' ? db`and` : db`or`;
    return rest.reduce((left, right) => db`(${left} ${both} ${right})`, first);
  }
  if (question.is === 'not') return db`(not ${answers(db, question.of, id)})`;
  if (question.is === 'known') return question.answer ? db`true` : db`false`;
  if (question.is === 'active') return db`((people.state <> 'disabled') = ${question.value})`;
  if (question.is === 'id') return db`coalesce(${db(id)} = ${question.id}::uuid, false)`;
  if (question.is === 'member')
    return db`exists (select from access.group_members m where m.group_id = g.group_id and m.person_id = ${question.id}::uuid)`;
  const { operator, exact, value } = question;
  const column = db(question.column);
  if (operator === 'pr') return db`(${column} is not null)`;
  const [held, wanted] = exact
    ? [db`${column}`, db`${value}::text`]
    : [db`lower(${column})`, db`lower(${value}::text)`];
  if (operator === 'eq') return db`coalesce(${held} = ${wanted}, false)`;
  if (operator === 'co') return db`coalesce(strpos(${held}, ${wanted}) > 0, false)`;
  if (operator === 'sw') return db`coalesce(starts_with(${held}, ${wanted}), false)`;
  return db`coalesce(right(${held}, length(${wanted})) = ${wanted}, false)`;
}

/** A new one, or one that was gone and comes back. */
export async function putProvisioned(
  tx: Statements,
  row: NewProvisioned & Readonly<{ created_by: string }>,
): Promise<void> {
  await tx`
    insert into access.provisioned (person_id, user_name, external_id, given_name, family_name, formatted, display_name, active, created_by)
    values (${row.person_id}, ${row.user_name}, ${row.external_id}, ${row.given_name}, ${row.family_name}, ${row.formatted}, ${row.display_name}, ${row.active}, ${row.created_by})
    on conflict (person_id) do update set user_name = excluded.user_name, external_id = excluded.external_id, given_name = excluded.given_name,
      family_name = excluded.family_name, formatted = excluded.formatted, display_name = excluded.display_name, active = excluded.active,
      changed_at = now(), deleted_at = null`;
}

/** How somebody is called, and what they sign in with. */
export async function setAbout(
  tx: Statements,
  id: Uuid,
  { email, name }: Readonly<{ email: string; name: string }>,
): Promise<boolean> {
  const changed = await tx`
    update access.people set email = ${email}, name = ${name} where person_id = ${id}
      and not exists (select from access.people other where other.email = ${email} and other.person_id <> ${id})`;
  return changed.count === 1;
}

/** Gone for the provider, out of every group, in no role. */
export async function dropProvisioned(tx: Statements, id: Uuid): Promise<void> {
  await tx`delete from access.group_members where person_id = ${id}`;
  await tx`update access.people set roles = '{}', group_roles = '{}', withheld_roles = '{}', eligible_roles = '{}' where person_id = ${id}`;
  await tx`update access.provisioned set active = false, deleted_at = now(), changed_at = now() where person_id = ${id}`;
}

/** An administrator's: the provider manages the person no more, and their groups give nothing. */
export async function unlinkProvisioned(tx: Statements, id: Uuid): Promise<boolean> {
  return (await tx`delete from access.provisioned where person_id = ${id}`).count === 1;
}

/** @returns null when nobody provisions this person; `active` is what the provider says */
export async function holdProvisioned(
  tx: Statements,
  id: Uuid,
  held: boolean,
): Promise<Readonly<{ active: boolean }> | null> {
  const [row] = await tx<{ active: boolean }[]>`
    update access.provisioned set held = ${held} where person_id = ${id} returning active`;
  return row ?? null;
}

export async function findGroup(db: Statements, id: Uuid): Promise<GroupRow | null> {
  const [row] = await db<GroupRow[]>`${groups(db)} where g.group_id = ${id}`;
  return row ?? null;
}

/** @returns false when another one has this name */
export async function putGroup(
  tx: Statements,
  row: Pick<GroupRow, 'group_id' | 'display_name' | 'external_id'>,
  by: string,
): Promise<boolean> {
  const taken = await tx`
    select 1 from access.groups where lower(display_name) = lower(${row.display_name}) and group_id <> ${row.group_id}`;
  if (taken.length > 0) return false;
  await tx`
    insert into access.groups (group_id, display_name, external_id, created_by) values (${row.group_id}, ${row.display_name}, ${row.external_id}, ${by})
    on conflict (group_id) do update set display_name = excluded.display_name, external_id = excluded.external_id, changed_at = now()`;
  return true;
}

/** @returns false when one of them is nobody whom the provider manages */
export async function setMembers(tx: Statements, id: Uuid, members: readonly Uuid[]): Promise<boolean> {
  const wanted = [...members];
  const [{ n } = { n: 0 }] = await tx<{ n: number }[]>`
    select count(*)::int as n from access.provisioned where person_id = any (${wanted}::uuid[]) and deleted_at is null`;
  if (n !== wanted.length) return false;
  await tx`delete from access.group_members where group_id = ${id} and person_id <> all (${wanted}::uuid[])`;
  await tx`
    insert into access.group_members (group_id, person_id) select ${id}, unnest(${wanted}::uuid[]) on conflict do nothing`;
  return true;
}

export async function deleteGroup(tx: Statements, id: Uuid): Promise<void> {
  await tx`delete from access.groups where group_id = ${id}`;
}

export async function mapGroup(tx: Statements, id: Uuid, roles: readonly string[], by: string): Promise<void> {
  await tx`delete from access.group_roles where group_id = ${id} and role <> all (${[...roles]}::text[])`;
  await tx`
    insert into access.group_roles (group_id, role, mapped_by) select ${id}, unnest(${[...roles]}::text[]), ${by} on conflict do nothing`;
}

export async function listMappedGroups(db: Statements): Promise<MappedGroup[]> {
  return db<MappedGroup[]>`
    select group_id, display_name,
      (select count(*)::int from access.group_members m where m.group_id = g.group_id) as members,
      (select count(*)::int from access.group_members m join access.people using (person_id) where m.group_id = g.group_id and withheld_roles <> '{}') as withheld,
      coalesce((select jsonb_agg(jsonb_build_object('role', role, 'by', mapped_by, 'at', mapped_at) order by role) from access.group_roles r where r.group_id = g.group_id), '[]') as roles
    from access.groups g order by lower(display_name)`;
}

export type GivenRoles = Readonly<{
  person_id: Uuid;
  roles: string[];
  group_roles: string[];
  withheld_roles: string[];
  /** What they may act in for a time. */
  lent: string[];
  /** By their groups, as these are mapped now; none for who is not active. */
  given: string[];
}>;
export async function givenRoles(tx: Statements, people: readonly Uuid[]): Promise<GivenRoles[]> {
  return tx<GivenRoles[]>`
    select person_id, roles, group_roles, withheld_roles, access.lent_roles(person_id, eligible_roles) as lent, array(
      select distinct role from access.provisioned p join access.group_members using (person_id) join access.group_roles using (group_id)
      where p.person_id = people.person_id and p.active and people.access_ended_at is null and role <> all (people.refused_roles || people.eligible_roles) order by role
    ) as given
    from access.people where person_id = any (${[...people]}::uuid[]) order by person_id`;
}

export async function setGivenRoles(
  tx: Statements,
  id: Uuid,
  {
    roles,
    group,
    withheld,
  }: Readonly<{ roles: readonly string[]; group: readonly string[]; withheld: readonly string[] }>,
): Promise<void> {
  await tx`
    update access.people set roles = ${[...roles]}::text[], group_roles = ${[...group]}::text[], withheld_roles = ${[...withheld]}::text[] where person_id = ${id}`;
}

/** People who could act in one of these roles now; nobody who was made up. */
export async function countActiveIn(db: Statements, roles: readonly string[]): Promise<number> {
  const [row] = await db<{ n: number }[]>`
    select count(*)::int as n from access.people where state = 'active' and not canaries_only and roles && ${[...roles]}::text[]`;
  return row?.n ?? 0;
}
