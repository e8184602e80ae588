/** Every way to spoil a request that fits: its path, its query, its headers, its body as a whole and each value in it. */
import type { Fitting } from './fitting-requests.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type BadRequest = Readonly<{
  /** How it was spoilt. */
  what: string;
  method: HttpMethod;
  /** As it goes over the wire. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer | null;
}>;

/** More than any route takes. */
const HUGE_BYTES = 17 * 2 ** 20;

/** Stands in whatever is sent, and must stand in nothing that comes back. */
export const CANARY = 'hunter2canary';

/**
 * @param takes content type of its body; null: none
 * @param whole also a body that is too large and does not say so: it is sent to its end
 * @param queries names of the parameters it knows
 */
export function badRequests(
  { method, template }: Readonly<{ method: HttpMethod; template: string }>,
  fitting: Fitting,
  { takes, queries, whole }: { takes: string | null; queries: readonly string[]; whole: boolean },
): BadRequest[] {
  const { path: params = {}, headers = {} } = fitting;
  const body =
    fitting.body === undefined
      ? null
      : Buffer.from(typeof fitting.body === 'string' ? fitting.body : JSON.stringify(fitting.body));
  const typed = takes === null ? headers : { 'content-type': takes, ...headers };
  const at = (changed: Readonly<Record<string, string>> = {}): string =>
    template.replaceAll(/\{([^}]+)\}/g, (_all, name: string) => changed[name] ?? params[name] ?? '');
  const ask = (what: string, changed: Partial<BadRequest>): BadRequest => ({
    what,
    method,
    path: at(),
    headers: typed,
    body,
    ...changed,
  });

  return [
    ask('an unknown query parameter', { path: `${at()}?${CANARY}=${CANARY}` }),
    ask('a query that is not UTF-8', { path: `${at()}?${CANARY}=%ff%zz` }),
    ...queries.flatMap((name) =>
      Object.entries(BAD_QUERIES).map(([what, text]) => ask(`${name} ${what}`, { path: `${at()}?${name}=${text.replaceAll('NAME', name)}` })),
    ),
    ...Object.keys(params).flatMap((name) =>
      Object.entries(BAD_SEGMENTS).map(([what, text]) => ask(`${name} ${what}`, { path: at({ [name]: text }) })),
    ),
    ...(isJson(takes) ? [
      ask('no body', { body: null, headers }),
      ask('an empty body', { body: Buffer.alloc(0) }),
      ...Object.entries(BAD_JSON).map(([what, text]) => ask(what, { body: Buffer.from(text) })),
      ask('bytes that are not UTF-8', { body: Buffer.concat([Buffer.from(`{"${CANARY}":"`), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('"}')]) }),
      ask('a body that says it is too large', { headers: { ...typed, 'content-length': String(2 ** 40), connection: 'close' }, body: Buffer.from(' ') }),
      // what does not say so is refused at the first byte that is too many
      ...(whole ? [ask('a body that is too large', { headers: { ...typed, 'transfer-encoding': 'chunked', connection: 'close' }, body: Buffer.alloc(HUGE_BYTES, ' ') })] : []),
      ...['text/csv', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', `${CANARY}/x`, CANARY].map((type) =>
        ask(`content of type ${type}`, { headers: { ...headers, 'content-type': type } })),
      ...spoiltValues(fitting.body).map(([what, text]) => ask(what, { body: Buffer.from(text) })),
    ] : []),
    ...(takes === null && method !== 'GET' ? [
      ask('a body where there is none', { headers: { ...headers, 'content-type': 'application/json' }, body: Buffer.from(`{"x":"${CANARY}"}`) }),
      ask('malformed JSON where there is no body', { headers: { ...headers, 'content-type': 'application/json' }, body: Buffer.from(`{"${CANARY}`) }),
      ask('a body of another type where there is none', { headers: { ...headers, 'content-type': 'text/csv' }, body: Buffer.from(CANARY) }),
    ] : []),
    ...(takes !== null && !isJson(takes) ? [
      ask('content of a type that is none', { headers: { ...headers, 'content-type': CANARY } }),
      ask('a body that is too large', { body: Buffer.alloc(HUGE_BYTES, 'x') }),
    ] : []),
    ...Object.keys(headers).filter((name) => name !== 'content-type').flatMap((name) => [
      ask(`a header ${name} that is too long`, { headers: { ...typed, [name]: 'x'.repeat(2100) } }),
      ask(`a header ${name} of odd bytes`, { headers: { ...typed, [name]: `\u00ff\u00fe ${CANARY}` } }),
    ]),
  ]; // prettier-ignore
}

const isJson = (type: string | null): boolean => type !== null && /^application\/(?:scim\+)?json$/.test(type);

const BAD_SEGMENTS: Readonly<Record<string, string>> = {
  'too short': 'x',
  'of another kind': `key_${CANARY}`,
  'of the right kind and wrong letters': `rec_${CANARY}`,
  'longer than any': 'a'.repeat(300),
  'longer than its kind': `sub_${'0'.repeat(80)}`,
  'with NUL': `rec_%00${CANARY}`,
  'that is not UTF-8': `rec_%ff%fe`,
  'with broken escapes': 'rec_%zz',
  'that climbs': `..%2f..%2f${CANARY}`,
  'with a quote': `rec_'%20or%20'1'='1`,
  negative: '-1',
  'beyond every number': '999999999999999',
};

const BAD_QUERIES: Readonly<Record<string, string>> = {
  'with NUL': `%00${CANARY}`,
  'that is not UTF-8': `%ff${CANARY}`,
  'that is too long': 'x'.repeat(5000),
  twice: `1&NAME=${CANARY}`,
};

const DEEP = 10_000;
const BAD_JSON: Readonly<Record<string, string>> = {
  'malformed JSON': `{"${CANARY}":`,
  'JSON with a comment': `{/*${CANARY}*/}`,
  'two values': `{} {"${CANARY}":1}`,
  'an array': `["${CANARY}"]`,
  'a string': `"${CANARY}"`,
  'a number': '1e400',
  null: 'null',
  true: 'true',
  'arrays in arrays': '['.repeat(DEEP) + ']'.repeat(DEEP),
  'objects in objects': '{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP),
  'arrays in arrays that do not end': '['.repeat(DEEP),
  __proto__: `{"__proto__":{"${CANARY}":1}}`,
  'constructor.prototype': `{"constructor":{"prototype":{"${CANARY}":1}}}`,
  'an escaped __proto__': `{"\\u005f_proto__":{"${CANARY}":1}}`,
  'an unknown member': `{"${CANARY}":1}`,
};

/** @returns for every value of the body and every way to spoil it: what was done, and the whole body as JSON */
function spoiltValues(body: unknown): [string, string][] {
  return placesOf(body).flatMap(({ place, value }) =>
    spoilersFor(value, place.at(-1) === FREE).map(([what, json]): [string, string] => [
      `${place.join('.')}: ${what}`,
      JSON.stringify(replaced(body, place, HOLE)).replace(`"${HOLE}"`, () => json),
    ]),
  );
}

const HOLE = '\u2603hole\u2603';
type Place = readonly (string | number)[];

function placesOf(value: unknown, place: Place = []): { place: Place; value: unknown }[] {
  const inner = typeof value === 'object' && value !== null
    ? (Array.isArray(value) ? [...value.entries()] : Object.entries(value)).flatMap(([key, each]) => placesOf(each, [...place, key]))
    : []; // prettier-ignore
  return place.length === 0 ? inner : [{ place, value }, ...inner];
}

function replaced(value: unknown, place: Place, by: unknown): unknown {
  const [key, ...rest] = place;
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((each, n) => (n === key ? replaced(each, rest, by) : each));
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, by) };
}

/** A member of this name takes any value: only what is refused everywhere is bad in it. */
export const FREE = 'free';

function spoilersFor(value: unknown, free: boolean): [string, string][] {
  const deep = ['very deep', '['.repeat(DEEP) + ']'.repeat(DEEP)] as [string, string];
  const proto = ['with __proto__', `{"__proto__":"${CANARY}"}`] as [string, string];
  const text: [string, string][] = [['NUL', `"a\\u0000${CANARY}"`], ['half a character', `"a\\ud800${CANARY}"`]];
  if (free) return [deep, proto, ...text];
  if (typeof value === 'string')
    return [deep, proto, ...text, ['too long', `"${'x'.repeat(70_000)}"`], ['a number', '1'], ['an array', `["${CANARY}"]`]];
  if (typeof value === 'number')
    return [deep, proto, ['a fraction', '0.5'], ['negative', '-1'], ['beyond every number', '1e300'], ['a text', `"${CANARY}"`]];
  if (typeof value === 'boolean') return [deep, proto, ['a text', `"${CANARY}"`], ['a number', '1']];
  return [deep, proto, ['a name with NUL', `{"a\\u0000${CANARY}":1}`], ['a text', `"${CANARY}"`], ['a number', '1']];
} // prettier-ignore
