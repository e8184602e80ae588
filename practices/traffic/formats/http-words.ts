/** HTTP Activity's own numbers (OCSF 4002 activity_id), and a request's target in parts. */
import { plain } from './text.ts';

const ACTIVITIES: Readonly<Record<string, number>> = {
  CONNECT: 1,
  DELETE: 2,
  GET: 3,
  HEAD: 4,
  OPTIONS: 5,
  POST: 6,
  PUT: 7,
  TRACE: 8,
  PATCH: 9,
};

/** 99 is "other": a method that the list does not have. */
export const httpActivity = (method: string): number =>
  Object.hasOwn(ACTIVITIES, method) ? (ACTIVITIES[method] as number) : 99;

/** A token of RFC 9110 §5.6.2, as methods are. */
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,32}$/;

export const isMethod = (text: string): boolean => TOKEN.test(text);

/** 1 success, 2 failure: what the client did wrong (4xx) is a failure too. */
export const httpStatus = (code: number): 1 | 2 => (code >= 400 ? 2 : 1);

/** @param target origin-form, absolute-form or whatever a client sent (RFC 9112 §3.2) */
export function urlOf(
  target: string,
  hostname?: string,
): Readonly<{ path: string; query_string?: string; hostname?: string }> {
  const at = target.indexOf('?');
  const path = plain(at < 0 ? target : target.slice(0, at));
  const url: { path: string; query_string?: string; hostname?: string } = { path };
  if (at >= 0) url.query_string = plain(target.slice(at + 1));
  if (hostname !== undefined && hostname !== '') url.hostname = plain(hostname, 255);
  return url;
}
