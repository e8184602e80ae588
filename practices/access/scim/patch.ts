/**
 * PATCH of a resource: its operations one after the other on what it is now; what comes out is read like a whole one that
 * was put. Nothing is stored here.
 *
 * Beyond the standard, as Entra and Okta send it: `op` in any case; paths as names of members where there is no path;
 * `remove` of members with the members as value, which takes those and not all.
 * Source: RFC 7644 §3.5.2
 */
import { accessFailure } from '../failures.ts';
import { ATTRIBUTES, targetOf, type Kind, type Target } from './attributes.ts';
import { isForeign, matches, parsePath, type Filter } from './filter.ts';

export type Json = Readonly<Record<string, unknown>>;
type Draft = Record<string, unknown>;
type Verb = 'add' | 'replace' | 'remove';
export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const MAX_OPERATIONS = 200;
/** Values that one operation brings, or a resource holds. */
export const MAX_VALUES = 5000;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const invalid = (detail: string): Error => accessFailure('SCIM_VALUE', { detail });
const syntax = (detail: string): Error => accessFailure('SCIM_SYNTAX', { detail });

/** @throws ACCESS_SCIM_SYNTAX, ACCESS_SCIM_PATH, ACCESS_SCIM_TARGET, ACCESS_SCIM_VALUE, ACCESS_SCIM_MUTABILITY */
export function patched(kind: Kind, resource: Json, body: unknown): Json {
  const draft = structuredClone(resource) as Draft;
  for (const { verb, path, value } of operationsOf(body)) {
    if (path !== null) {
      apply(kind, draft, verb, path, value, 'named');
      continue;
    }
    if (verb === 'remove') throw accessFailure('SCIM_TARGET', { detail: 'remove needs a path' });
    if (!isObject(value)) throw invalid('without a path the value is an object');
    for (const [name, each] of Object.entries(value)) apply(kind, draft, verb, name, each, 'among others');
  }
  return draft;
}

function operationsOf(body: unknown): { verb: Verb; path: string | null; value: unknown }[] {
  if (!isObject(body) || !hasSchema(body, PATCH_OP)) throw syntax(`schemas is ["${PATCH_OP}"]`);
  const { Operations: operations } = body;
  if (!Array.isArray(operations) || operations.length === 0) throw syntax('Operations is a list of operations');
  if (operations.length > MAX_OPERATIONS) throw syntax(`there are more than ${MAX_OPERATIONS} operations`);
  return operations.map((each: unknown) => {
    if (!isObject(each)) throw syntax('an operation is an object');
    const { op, path, value } = each;
    const verb = typeof op === 'string' ? (op.toLowerCase() as Verb) : null;
    if (verb !== 'add' && verb !== 'replace' && verb !== 'remove') throw syntax('op is add, replace or remove');
    if (path !== undefined && (typeof path !== 'string' || path === ''))
      throw accessFailure('SCIM_PATH', { detail: 'path is a text' });
    if (verb !== 'remove' && value === undefined) throw invalid(`${verb} needs a value`);
    return { verb, path: path ?? null, value };
  });
}

export const hasSchema = ({ schemas }: Json, urn: string): boolean =>
  Array.isArray(schemas) && schemas.length <= 20 && schemas.every((each) => typeof each === 'string') &&
  schemas.some((each) => each.toLowerCase() === urn.toLowerCase()); // prettier-ignore

function apply(
  kind: Kind,
  draft: Draft,
  verb: Verb,
  path: string,
  value: unknown,
  how: 'named' | 'among others',
): void {
  // the name of a schema's extension, with its attributes below it
  if (how === 'among others' && isForeign(path.toLowerCase()) && isObject(value)) return;
  const target = targetOf(kind, parsePath(path));
  if (target === 'dropped') return;
  if (target === 'read-only') {
    // whole resources come back with what they were read with
    if (how === 'among others') return;
    throw accessFailure('SCIM_MUTABILITY', { detail: 'this attribute is read only' });
  }
  const { attribute, sub } = target;
  const { required, many, complex } = ATTRIBUTES[kind];
  if (verb === 'remove' && required.includes(attribute))
    throw accessFailure('SCIM_MUTABILITY', { detail: `${attribute} is required` });
  if (Object.hasOwn(many, attribute)) draft[attribute] = ofMany(verb, listOf(draft[attribute]), target, value);
  else if (Object.hasOwn(complex, attribute))
    draft[attribute] = ofComplex(verb, isObject(draft[attribute]) ? draft[attribute] : {}, sub, value);
  else if (verb === 'remove') delete draft[attribute];
  else draft[attribute] = value;
}

function ofComplex(verb: Verb, held: Json, sub: string | null, value: unknown): Json {
  if (sub !== null) return { ...held, [sub]: verb === 'remove' ? null : value };
  if (verb === 'remove') return {};
  if (!isObject(value)) throw invalid('an attribute with sub-attributes is an object');
  return { ...held, ...value };
}

function ofMany(verb: Verb, held: readonly Json[], { filter, sub }: Target, value: unknown): Json[] {
  if (filter === null && sub === null) {
    if (verb === 'replace') return listOf(value);
    if (verb === 'add') return withoutTwins([...held, ...listOf(value)]);
    if (value === undefined || value === null) return [];
    const gone = new Set(listOf(value).map((each) => each.value));
    return held.filter((each) => !gone.has(each.value));
  }
  const meant = (item: Json): boolean => filter === null || matches(filter, item);
  if (verb === 'remove') {
    if (sub === null) return held.filter((item) => !meant(item));
    return held.map((item) => (meant(item) ? { ...item, [sub]: null } : item));
  }
  if (sub === null && !isObject(value)) throw invalid('a value of many is an object');
  const change: Json = sub === null ? (value as Json) : { [sub]: value };
  if (held.some(meant)) return withoutTwins(held.map((item) => (meant(item) ? { ...item, ...change } : item)));
  if (verb === 'replace' || filter === null) throw accessFailure('SCIM_TARGET');
  return [...held, { ...saidBy(filter), ...change }];
}

/** What the one is like that a filter looks for. @throws ACCESS_SCIM_TARGET where that cannot be told */
function saidBy(filter: Filter): Json {
  if (filter.is === 'compare' && filter.operator === 'eq') return { [filter.attribute]: filter.value };
  if (filter.is === 'and') return Object.assign({}, ...filter.all.map(saidBy)) as Json;
  throw accessFailure('SCIM_TARGET');
}

/** Of values that are the same the last one stands. */
function withoutTwins(items: readonly Json[]): Json[] {
  return [...new Map(items.map((item) => [item.value, item])).values()];
}

/** @throws ACCESS_SCIM_VALUE */
function listOf(value: unknown): Json[] {
  const list: readonly unknown[] = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
  if (list.length > MAX_VALUES) throw invalid(`there are more than ${MAX_VALUES} values`);
  if (!list.every(isObject)) throw invalid('each of many values is an object');
  return list as Json[];
}
