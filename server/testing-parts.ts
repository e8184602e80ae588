/** For tests: a part of cmi5 as its program would be, that speaks to the LRS by what its launch told it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import type { Json } from './testing.ts';

const ADL = 'http://adlnet.gov/expapi/verbs/';
const CMI5 = 'https://w3id.org/xapi/cmi5/context/categories/';
export const SESSION = 'https://w3id.org/xapi/cmi5/context/extensions/sessionid';

export type Answer = Readonly<{ status: number; headers: Headers; text: string; body: Json }>;
export type Unit = Readonly<{
  told: Readonly<Record<'endpoint' | 'fetch' | 'actor' | 'registration' | 'activityId', string>>;
  /** The path of its first page, where contents are served. */
  page: string;
  /** Null where nothing was handed out. */
  token: string | null;
  launch: Json;
  lrs: (
    method: string,
    path: string,
    more?: Readonly<{ query?: Record<string, string>; body?: unknown; headers?: Record<string, string> }>,
  ) => Promise<Answer>;
  /** A statement of cmi5, or with no category an allowed one. */
  of: (
    verb: string,
    change?: Readonly<{
      result?: object;
      category?: readonly string[];
      at?: string;
      more?: object;
      object?: object;
      context?: object;
    }>,
  ) => Json;
  say: (verb: string, change?: Parameters<Unit['of']>[1]) => Promise<Answer>;
  state: (stateId: string, more?: object) => Record<string, string>;
}>;

const RESULT: Readonly<Record<string, object>> = {
  completed: { completion: true, duration: 'PT5M' },
  passed: { success: true, duration: 'PT5M', score: { scaled: 0.9 } },
  failed: { success: false, duration: 'PT5M', score: { scaled: 0.1 } },
  terminated: { duration: 'PT6M' },
};

/** @param at where contents are served, whatever address was told */
export async function unitOf(at: string, url: string): Promise<Unit> {
  const launched = new URL(url);
  const told = Object.fromEntries(launched.searchParams) as unknown as Unit['told'];
  const here = (address: string): string => `${at}${new URL(address).pathname}`;
  const handed = (await (await fetch(here(told.fetch), { method: 'POST' })).json()) as Json;
  const token = (handed['auth-token'] ?? null) as string | null;
  const actor = JSON.parse(told.actor) as Json;
  const lrs: Unit['lrs'] = async (method, path, { query = {}, body, headers = {} } = {}) => {
    const type = headers['content-type'] ?? 'application/json';
    const response = await fetch(`${here(told.endpoint)}${path}${Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query).toString()}`}`, {
      method,
      headers: { 'x-experience-api-version': '1.0.3', 'authorization': `Basic ${token}`, ...headers, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    let read: unknown = {};
    try { read = JSON.parse(text); } catch { /* no JSON */ }
    return { status: response.status, headers: response.headers, text, body: read as Json };
  };
  const state: Unit['state'] = (stateId, more = {}) => ({ stateId, agent: told.actor, activityId: told.activityId, registration: told.registration, ...more });
  const { body: launch } = await lrs('GET', 'activities/state', { query: state('LMS.LaunchData') });
  const of: Unit['of'] = (verb, { result = RESULT[verb], category, at: when = new Date().toISOString(), more = {}, object = {}, context = {} } = {}) => {
    const template = launch['contextTemplate'] as { contextActivities: object; extensions: object };
    const usual = [`${CMI5}cmi5`, ...(['completed', 'passed', 'failed'].includes(verb) ? [`${CMI5}moveon`] : [])];
    return {
      id: randomUUID(), actor, verb: { id: verb.includes(':') ? verb : `${ADL}${verb}`, display: { en: 'x' } }, object: { objectType: 'Activity', id: told.activityId, ...object },
      ...(result === undefined ? {} : { result }), timestamp: when,
      context: {
        registration: told.registration, extensions: template.extensions,
        contextActivities: { ...template.contextActivities, category: (category ?? usual).map((id) => ({ id })) }, ...context,
      },
      ...more,
    };
  };
  return { told, page: `${launched.pathname}${launched.search}`, token, launch, lrs, of, state, say: (verb, change) => lrs('POST', 'statements', { body: of(verb, change) }) };
} // prettier-ignore

/** Refused in words of ours, without anything of what was sent. */
export function refused(answer: Answer, status: number, says: RegExp): void {
  assert.deepEqual([answer.status, answer.headers.get('x-experience-api-version')], [status, '1.0.3'], answer.text);
  assert.match(answer.text, says);
}
