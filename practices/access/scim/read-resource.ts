/** A user or a group as a provider sends it whole, read into what is kept. @throws ACCESS_SCIM_SYNTAX, ACCESS_SCIM_VALUE */
import { parsePublicId, type Uuid } from '#platform/ids';

import { accessFailure } from '../failures.ts';
import { asBoolean, ATTRIBUTES, SCHEMA, type Kind } from './attributes.ts';
import { hasSchema, isObject, MAX_VALUES, type Json } from './patch.ts';

export type UserWish = Readonly<{
  userName: string;
  externalId: string | null;
  /** What the person signs in with: the primary address, or the user name where there is none. */
  email: string;
  /** As others see them. */
  name: string;
  givenName: string | null;
  familyName: string | null;
  formatted: string | null;
  displayName: string | null;
  /** null: it was not said. */
  active: boolean | null;
}>;
export type GroupWish = Readonly<{
  displayName: string;
  externalId: string | null;
  /** null: it was not said. */
  members: readonly Uuid[] | null;
}>;

const MAX_NAME = 100;
const MAX_ID = 254;
const ADDRESS = /^[^\s@]{1,64}@[^\s@]{1,189}$/;

const invalid = (detail: string): Error => accessFailure('SCIM_VALUE', { detail });

export function readUser(body: unknown): UserWish {
  const user = known('User', body);
  const userName = text(user, 'userName', MAX_ID);
  if (userName === null) throw invalid('userName is required');
  const name = user.name ?? {};
  if (!isObject(name)) throw invalid('name is an object');
  const below = lowered(name);
  const [givenName, familyName, formatted] = ['givenName', 'familyName', 'formatted'].map((each) =>
    text(below, each, MAX_NAME),
  ) as [string | null, string | null, string | null];
  const displayName = text(user, 'displayName', MAX_NAME);
  const active = user.active === undefined || user.active === null ? null : asBoolean(user.active);
  if (active === null && user.active !== undefined && user.active !== null) throw invalid('active is true or false');
  const email = (primaryAddress(user.emails) ?? userName).toLowerCase();
  if (!ADDRESS.test(email))
    throw invalid('somebody signs in with an address: one of emails has it, or userName is one');
  const both = [givenName, familyName].filter((each) => each !== null).join(' ');
  return {
    userName,
    externalId: text(user, 'externalId', MAX_ID),
    email,
    name: (displayName ?? formatted ?? (both === '' ? userName : both)).slice(0, MAX_NAME),
    givenName,
    familyName,
    formatted,
    displayName,
    active,
  };
}

export function readGroup(body: unknown): GroupWish {
  const group = known('Group', body);
  const displayName = text(group, 'displayName', MAX_ID);
  if (displayName === null) throw invalid('displayName is required');
  const { members } = group;
  return {
    displayName,
    externalId: text(group, 'externalId', MAX_ID),
    members: members === undefined || members === null ? null : [...new Set(items(members, 'members').map(memberOf))],
  };
}

function memberOf(item: Json): Uuid {
  const { value, type } = lowered(item);
  if (typeof type === 'string' && type.toLowerCase() === 'group') throw invalid('groups in groups are not supported');
  const id = typeof value === 'string' ? parsePublicId('per', value) : null;
  if (id === null) throw invalid('a member is a user of this provider');
  return id;
}

function primaryAddress(emails: unknown): string | null {
  if (emails === undefined || emails === null) return null;
  const all = items(emails, 'emails').map(lowered);
  const values = all.map((each) => text(each, 'value', MAX_ID));
  const primary = all.findLastIndex((each) => asBoolean(each.primary) === true);
  return values[primary] ?? values.find((each) => each !== null) ?? null;
}

function items(value: unknown, what: string): Json[] {
  if (!Array.isArray(value) || value.length > MAX_VALUES || !value.every(isObject))
    throw invalid(`${what} is a list of at most ${MAX_VALUES} objects`);
  return value;
}

/** Names of attributes are known in any case (RFC 7643 §2.1); the writing of the schema comes out. */
function known(kind: Kind, body: unknown): Json {
  if (!isObject(body) || !hasSchema(body, SCHEMA[kind]))
    throw accessFailure('SCIM_SYNTAX', { detail: `schemas has "${SCHEMA[kind]}"` });
  const { single, complex, many } = ATTRIBUTES[kind];
  return pick(body, [...single, ...Object.keys(complex), ...Object.keys(many)]);
}
const lowered = (item: Json): Json => pick(item, ['value', 'type', 'primary', 'givenName', 'familyName', 'formatted']);
function pick(from: Json, names: readonly string[]): Json {
  const byLower = new Map(names.map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(from).flatMap(([name, value]) => {
      const wanted = byLower.get(name.toLowerCase());
      return wanted === undefined ? [] : [[wanted, value]];
    }),
  );
}

/** An empty text is none: providers clear an attribute so. */
function text(from: Json, name: string, max: number): string | null {
  const value = from[name];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || value.length > max) throw invalid(`${name} is a text of at most ${max} characters`);
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed;
}
