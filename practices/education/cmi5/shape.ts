/**
 * What a statement may look like, property by property (xAPI 1.0.3 Data §2.2, §2.4): whatever is not named here is refused.
 * Of what was sent, a refusal says names of properties that are known, and nothing else.
 */
import { isKept } from '#platform/instant';

import { isIri } from './structure.ts';

export type Sent = Readonly<Record<string, unknown>>;
/** @returns where it is not right; null: it is */
type Check = (value: unknown, at: string) => string | null;

const MOST_KEYS = 200;
const isObject = (value: unknown): value is Sent => typeof value === 'object' && value !== null && !Array.isArray(value); // prettier-ignore
const when =
  (good: (value: unknown) => boolean): Check =>
  (value, at) =>
    good(value) ? null : at;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);
/** RFC 3339, with its zone; -00:00 says that it has none. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d(:?\d\d)?)$/i;
export const isInstant = (value: unknown): value is string =>
  typeof value === 'string' && INSTANT.test(value) && value >= '1970' && isKept(Date.parse(value)) && !/-00(:?00)?$/.test(value.slice(19)); // prettier-ignore
const DURATION = /^P(?=[\dT])(\d+W|(\d+(\.\d+)?Y)?(\d+(\.\d+)?M)?(\d+(\.\d+)?D)?(T(?=\d)(\d+(\.\d+)?H)?(\d+(\.\d+)?M)?(\d+(\.\d+)?S)?)?)$/; // prettier-ignore
const LANGUAGE = /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i;

const text: Check = when((value) => typeof value === 'string' && value.isWellFormed() && !value.includes('\0'));
const flag = when((value) => typeof value === 'boolean');
const number = when((value) => typeof value === 'number' && Number.isFinite(value));
const whole = when((value) => Number.isInteger(value));
const iri = when((value) => typeof value === 'string' && isIri(value));
const uuid = when(isUuid);
const instant = when(isInstant);
const duration = when((value) => typeof value === 'string' && value.length < 100 && DURATION.test(value));
const oneOf = (...known: readonly unknown[]): Check => when((value) => known.includes(value));

const listOf =
  (each: Check, most = MOST_KEYS): Check =>
  (value, at) =>
    Array.isArray(value) && value.length <= most
      ? (value.map((one) => each(one, at)).find((fault) => fault !== null) ?? null)
      : at;
const mapOf =
  (key: (name: string) => boolean, each: Check): Check =>
  (value, at) =>
    isObject(value) && Object.keys(value).length <= MOST_KEYS && Object.keys(value).every(key)
      ? (Object.values(value).map((one) => each(one, at)).find((fault) => fault !== null) ?? null)
      : at; // prettier-ignore
const shape =
  (known: Readonly<Record<string, Check>>, needed: readonly string[] = []): Check =>
  (value, at) => {
    if (!isObject(value)) return at;
    const missing = needed.find((name) => value[name] === undefined);
    if (missing !== undefined) return `${at}.${missing}`;
    for (const [name, one] of Object.entries(value)) {
      const check = Object.hasOwn(known, name) ? known[name] : undefined;
      if (check === undefined) return `${at} (a property that has no place there)`;
      const fault = check(one, `${at}.${name}`);
      if (fault !== null) return fault;
    }
    return null;
  };

const words = mapOf((name) => LANGUAGE.test(name), text);
/** Whatever a course keeps there, as JSON can hold it and we can walk it. */
const MOST_DEPTH = 30;
const anything = (value: unknown, at: string, depth = 0): string | null => {
  if (typeof value === 'string') return text(value, at);
  // 1e999 is one as JSON has it, and none that is given back
  if (typeof value === 'number') return number(value, at);
  if (typeof value !== 'object' || value === null) return null;
  if (depth > MOST_DEPTH) return at;
  for (const [name, one] of Object.entries(value)) {
    const fault = text(name, at) ?? anything(one, at, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
};
const extensions = mapOf(isIri, (value, at) => anything(value, at));
const choices = listOf(shape({ id: text, description: words }, ['id']));
const definition = shape({
  name: words, description: words, type: iri, moreInfo: iri, extensions, choices, scale: choices, source: choices, target: choices, steps: choices,
  interactionType: oneOf('true-false', 'choice', 'fill-in', 'long-fill-in', 'matching', 'performance', 'sequencing', 'likert', 'numeric', 'other'),
  correctResponsesPattern: listOf(text),
}); // prettier-ignore
const activity = shape({ objectType: oneOf('Activity'), id: iri, definition }, ['id']);
const activities: Check = (value, at) => (Array.isArray(value) ? listOf(activity)(value, at) : activity(value, at));
const agent = shape({ objectType: oneOf('Agent'), account: shape({ homePage: iri, name: text }, ['homePage', 'name']) }, ['account']); // prettier-ignore
const attachment = shape({
  usageType: iri, display: words, description: words, contentType: text, length: whole, sha2: text, fileUrl: iri,
}, ['usageType', 'display', 'contentType', 'length', 'sha2', 'fileUrl']); // prettier-ignore

const STATEMENT = shape({
  id: uuid, actor: agent, object: activity, timestamp: instant, stored: instant, attachments: listOf(attachment),
  // says who takes it down, which is us
  authority: (value, at) => (isObject(value) ? anything(value, at) : at),
  version: when((value) => typeof value === 'string' && /^1\.0(\.\d{1,3})?$/.test(value)),
  verb: shape({ id: iri, display: words }, ['id']),
  result: shape({
    score: shape({ scaled: when((value) => typeof value === 'number' && value >= -1 && value <= 1), raw: number, min: number, max: number }),
    success: flag, completion: flag, response: text, duration, extensions,
  }),
  context: shape({
    registration: uuid, revision: text, platform: text, language: when((value) => typeof value === 'string' && LANGUAGE.test(value)), extensions,
    contextActivities: shape({ parent: activities, grouping: activities, category: activities, other: activities }),
  }, ['registration']),
}, ['id', 'actor', 'verb', 'object', 'context', 'timestamp']); // prettier-ignore

type Listed = readonly Readonly<{ id: string }>[];
export type Statement = Readonly<{
  id: string;
  actor: Readonly<{ account: Readonly<{ homePage: string; name: string }> }>;
  verb: Readonly<{ id: string }>;
  object: Readonly<{ id: string }>;
  timestamp: string;
  result?: Readonly<{
    score?: Readonly<Partial<Record<'scaled' | 'raw' | 'min' | 'max', number>>>;
    success?: boolean;
    completion?: boolean;
    duration?: string;
    extensions?: Sent;
  }>;
  context: Readonly<{
    registration: string;
    extensions?: Sent;
    contextActivities?: Readonly<Partial<Record<'parent' | 'grouping' | 'category' | 'other', Listed>>>;
  }>;
}>;

/** @returns the statement, its lists as lists (§2.4.6.2); or where it is not one */
export function readStatement(sent: unknown): Readonly<{ ok: true; statement: Statement } | { ok: false; at: string }> {
  const fault = STATEMENT(sent, 'statement');
  if (fault !== null) return { ok: false, at: fault };
  const statement = sent as Statement;
  const lists = Object.entries(statement.context.contextActivities ?? {}).map(([name, one]) => [name, [one].flat()]);
  const context = { ...statement.context, contextActivities: Object.fromEntries(lists) };
  return { ok: true, statement: { ...statement, id: statement.id.toLowerCase(), context } };
}

/** Of somebody: objectType may be left out (§2.4.2.1). */
export const isAgent = (value: unknown): value is Statement['actor'] => agent(value, '') === null;
