/** A request to the LRS, read: its parameters, none of which is unknown, and a body within its bound (xAPI Communication §3.2). */
import type { IncomingMessage } from 'node:http';

import { educationFailure } from '../failures.ts';
import { isAgent, isInstant, isUuid } from './shape.ts';
import type { OpenPart } from './sessions.ts';

const MOST_VALUE = 4000;

export type Parameters = ReadonlyMap<string, string>;

/** @throws EDUCATION_XAPI_INVALID for a parameter that has no place there, is there twice, or lacks */
export function parametersOf(query: URLSearchParams, known: readonly string[], needed: readonly string[] = []): Parameters {
  const all = new Map<string, string>();
  for (const [name, value] of query) {
    // what it is called was sent, and is not said again
    if (!known.includes(name) || all.has(name)) throw educationFailure('XAPI_INVALID', { detail: `a parameter is none of ${known.join(', ')}, or is there twice` });
    // no text of the database has it
    if (value.includes('\0') || value.length > MOST_VALUE) throw invalid(name);
    all.set(name, value);
  }
  const missing = needed.find((name) => !all.has(name));
  if (missing !== undefined) throw educationFailure('XAPI_INVALID', { detail: `the parameter ${missing} is missing` });
  return all;
} // prettier-ignore

const invalid = (name: string) => educationFailure('XAPI_INVALID', { detail: `the parameter ${name} is not what xAPI has there` }); // prettier-ignore

export function instantIn(from: Parameters, name: string): Date | null {
  const text = from.get(name);
  if (text === undefined) return null;
  if (!isInstant(text)) throw invalid(name);
  return new Date(text);
}
export function uuidIn(from: Parameters, name: string): string | null {
  const text = from.get(name);
  if (text === undefined) return null;
  if (!isUuid(text)) throw invalid(name);
  return text.toLowerCase();
}
export function wholeIn(from: Parameters, name: string, usual: number): number {
  const text = from.get(name) ?? String(usual);
  if (!/^\d{1,9}$/.test(text)) throw invalid(name);
  return Number(text);
}
export function flagIn(from: Parameters, name: string): boolean {
  const text = from.get(name) ?? 'false';
  if (text !== 'true' && text !== 'false') throw invalid(name);
  return text === 'true';
}

/**
 * INVARIANT: what a request names is its session's own: actor, registration, activity.
 * @throws EDUCATION_XAPI_INVALID, EDUCATION_XAPI_FORBIDDEN
 */
export function ownOnly(from: Parameters, { session, of }: OpenPart): void {
  const agent = from.get('agent');
  if (agent !== undefined) {
    const { account } = agentOf(agent);
    if (account.homePage !== of.actor.account.homePage || account.name !== of.actor.account.name)
      throw educationFailure('XAPI_FORBIDDEN', { detail: 'the agent is another one than this session is of' });
  }
  const registration = uuidIn(from, 'registration');
  if (registration !== null && registration !== of.run.run_id) throw educationFailure('XAPI_FORBIDDEN', { detail: 'the registration is another one than this session is of' });
  const activity = from.get('activityId');
  if (activity !== undefined && activity !== of.activities.part(session.part)) throw educationFailure('XAPI_FORBIDDEN', { detail: 'the activity is another one than this session is of' });
} // prettier-ignore

function agentOf(text: string): ReturnType<typeof asAgent> {
  try {
    return asAgent(JSON.parse(text));
  } catch {
    throw invalid('agent');
  }
}
function asAgent(value: unknown) {
  if (!isAgent(value)) throw invalid('agent');
  return value;
}

/** @throws EDUCATION_XAPI_TOO_LARGE, as soon as it is */
export async function bodyOf(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const tooLarge = () => educationFailure('XAPI_TOO_LARGE', { detail: `a request has at most ${mostBytes} bytes` });
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw tooLarge();
  const pieces: Buffer[] = [];
  let size = 0;
  // not ended with the loop: who sends too much is still answered
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > mostBytes) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

export function jsonOf(request: IncomingMessage, body: Buffer): unknown {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) throw educationFailure('XAPI_INVALID', { detail: 'statements come as application/json, without attachments of their own' }); // prettier-ignore
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw educationFailure('XAPI_INVALID', { detail: 'the body is no JSON' });
  }
}
