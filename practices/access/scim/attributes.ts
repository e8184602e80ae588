/**
 * What is kept of a SCIM resource, and what a filter may ask. Only what people are known and let in by is kept: the other
 * attributes of the standard's schemas are taken and dropped, since providers send them unasked.
 * Source: RFC 7643 §4.1, §4.2, §4.3
 */
import { parsePublicId, type Uuid } from '#platform/ids';

import { accessFailure } from '../failures.ts';
import { isForeign, type Comparison, type Filter, type Path } from './filter.ts';

export type Kind = 'User' | 'Group';
export const SCHEMA: Readonly<Record<Kind, string>> = {
  User: 'urn:ietf:params:scim:schemas:core:2.0:User',
  Group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
};

type Attributes = Readonly<{
  single: readonly string[];
  /** With sub-attributes, one of them or many. */
  complex: Readonly<Record<string, readonly string[]>>;
  many: Readonly<Record<string, readonly string[]>>;
  required: readonly string[];
  readOnly: readonly string[];
  dropped: readonly string[];
}>;
export const ATTRIBUTES: Readonly<Record<Kind, Attributes>> = {
  User: {
    single: ['userName', 'externalId', 'displayName', 'active'],
    complex: { name: ['formatted', 'givenName', 'familyName', 'middleName', 'honorificPrefix', 'honorificSuffix'] },
    many: { emails: ['value', 'type', 'primary', 'display'] },
    // without `active` nobody knows whether somebody may come in
    required: ['userName', 'active'],
    readOnly: ['id', 'meta', 'groups', 'schemas'],
    dropped: [
      'nickName', 'profileUrl', 'title', 'userType', 'preferredLanguage', 'locale', 'timezone', 'password', 'phoneNumbers', 'ims',
      'photos', 'addresses', 'entitlements', 'roles', 'x509Certificates',
    ], // prettier-ignore
  },
  Group: {
    single: ['displayName', 'externalId'],
    complex: {},
    many: { members: ['value', 'type', 'display', '$ref'] },
    required: ['displayName'],
    readOnly: ['id', 'meta', 'schemas'],
    dropped: [],
  },
};

export type Target = Readonly<{ attribute: string; sub: string | null; filter: Filter | null }>;
/** Where a path leads; in the writing of the schema. @returns why nowhere @throws ACCESS_SCIM_PATH */
export function targetOf(kind: Kind, path: Path): Target | 'dropped' | 'read-only' {
  const known = ATTRIBUTES[kind];
  const named = (names: readonly string[], wanted: string): string | undefined =>
    names.find((each) => each.toLowerCase() === wanted);
  if (isForeign(path.attribute)) return 'dropped';
  if (named(known.readOnly, path.attribute) !== undefined) return 'read-only';
  if (named(known.dropped, path.attribute) !== undefined) return 'dropped';
  const below = { ...known.complex, ...known.many };
  const attribute = named([...known.single, ...Object.keys(below)], path.attribute);
  if (attribute === undefined) throw accessFailure('SCIM_PATH', { detail: 'there is no such attribute' });
  const sub = path.sub === null ? null : named(below[attribute] ?? [], path.sub);
  if (sub === undefined) throw accessFailure('SCIM_PATH', { detail: `${attribute} has no such sub-attribute` });
  if (path.filter !== null && !Object.hasOwn(known.many, attribute))
    throw accessFailure('SCIM_PATH', { detail: `${attribute} has one value` });
  return { attribute, sub, filter: path.filter };
}

/** A question to the database: columns that are there, and values that they can be compared with. */
export type Question =
  | Readonly<{ is: 'and' | 'or'; all: readonly Question[] }>
  | Readonly<{ is: 'not'; of: Question }>
  | Readonly<{ is: 'known'; answer: boolean }>
  | Readonly<{ is: 'text'; column: string; operator: 'eq' | 'co' | 'sw' | 'ew' | 'pr'; value: string; exact: boolean }>
  | Readonly<{ is: 'active'; value: boolean }>
  | Readonly<{ is: 'id'; id: Uuid | null }>
  | Readonly<{ is: 'member'; id: Uuid | null }>;

type Column = Readonly<{ is: 'text'; column: string; exact?: true } | { is: 'active' | 'id' | 'member' } | { is: 'fixed'; value: string | boolean }>; // prettier-ignore
const text = (column: string): Column => ({ is: 'text', column });
const COLUMNS: Readonly<Record<Kind, Readonly<Record<string, Column>>>> = {
  User: {
    id: { is: 'id' },
    username: text('user_name'),
    externalid: { is: 'text', column: 'external_id', exact: true },
    displayname: text('display_name'),
    'name.givenname': text('given_name'),
    'name.familyname': text('family_name'),
    'name.formatted': text('formatted'),
    emails: text('email'),
    'emails.value': text('email'),
    // one address is kept, as this
    'emails.type': { is: 'fixed', value: 'work' },
    'emails.primary': { is: 'fixed', value: true },
    active: { is: 'active' },
  },
  Group: {
    id: { is: 'id' },
    displayname: text('display_name'),
    externalid: { is: 'text', column: 'external_id', exact: true },
    members: { is: 'member' },
    'members.value': { is: 'member' },
  },
};
const PREFIX: Readonly<Record<'User' | 'Group', 'per' | 'grp'>> = { User: 'per', Group: 'grp' };

/** @throws ACCESS_SCIM_FILTER for what cannot be asked here */
export function questionOf(kind: Kind, filter: Filter): Question {
  if (filter.is === 'compare') return comparison(kind, filter);
  if (filter.is === 'not') return { is: 'not', of: questionOf(kind, filter.of) };
  return { is: filter.is, all: filter.all.map((each) => questionOf(kind, each)) };
}

function comparison(kind: Kind, { attribute, operator, value }: Comparison): Question {
  const columns = COLUMNS[kind];
  const column = Object.hasOwn(columns, attribute) ? columns[attribute] : undefined;
  const fault = (detail: string): Error => accessFailure('SCIM_FILTER', { detail });
  if (column === undefined) throw fault('one of its attributes cannot be asked for');
  // what is unequal is what is not equal: also where there is no value
  if (operator === 'ne')
    return { is: 'not', of: comparison(kind, { is: 'compare', attribute, operator: 'eq', value }) };
  if (operator === 'gt' || operator === 'ge' || operator === 'lt' || operator === 'le')
    throw fault(`${operator} is not supported`);
  if (column.is === 'text') {
    if (operator !== 'pr' && typeof value !== 'string') throw fault('a text is compared with a text');
    return {
      is: 'text',
      column: column.column,
      operator,
      value: (value ?? '') as string,
      exact: column.exact === true,
    };
  }
  if (operator === 'pr' && column.is !== 'member') return { is: 'known', answer: true };
  if (operator !== 'eq') throw fault(`of this attribute only eq and ne are supported`);
  if (column.is === 'active' || typeof (column as { value?: unknown }).value === 'boolean') {
    const wanted = asBoolean(value);
    if (wanted === null) throw fault('true or false is compared with true or false');
    return column.is === 'active' ? { is: 'active', value: wanted } : { is: 'known', answer: wanted };
  }
  if (typeof value !== 'string') throw fault('a text is compared with a text');
  if (column.is === 'fixed') return { is: 'known', answer: value.toLowerCase() === column.value };
  return { is: column.is, id: parsePublicId(column.is === 'id' ? PREFIX[kind] : 'per', value) };
}

/** Entra sends "True" and "False". */
export function asBoolean(value: unknown): boolean | null {
  const written = typeof value === 'string' ? value.toLowerCase() : value;
  if (written === true || written === 'true') return true;
  return written === false || written === 'false' ? false : null;
}
