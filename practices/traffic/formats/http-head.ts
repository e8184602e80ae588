/** The head of an HTTP/1 request (RFC 9112 §3, §5), as it stands in a segment: its line, and three of its fields. */
import type { TrafficEvent } from '../event.ts';
import { isMethod, urlOf } from './http-words.ts';
import { plain } from './text.ts';

export const MOST_HEAD_BYTES = 16 * 1024;

const METHODS = ['GET ', 'POST ', 'HEAD ', 'PUT ', 'DELETE ', 'OPTIONS ', 'PATCH ', 'CONNECT ', 'TRACE ', 'PROPFIND '];

/** Whether these bytes can begin a request: one of the methods in use, or as much of it as there is. */
export function beginsRequest(bytes: Buffer, from: number, to: number): boolean {
  const first = bytes[from] as number;
  if (first < 65 || first > 90) return false;
  const begin = bytes.toString('latin1', from, Math.min(to, from + 9));
  return METHODS.some((method) => begin.startsWith(method) || method.startsWith(begin));
}

/** Where the head ends; -1: not in these bytes. */
export function headEnd(bytes: Buffer, from: number, to: number): number {
  // of these bytes alone: what stands behind them is the rest of a capture, and long
  const own = bytes.subarray(from, to);
  const at = own.indexOf('\r\n\r\n', 0, 'latin1');
  const end = at >= 0 ? at : own.indexOf('\n\n', 0, 'latin1');
  return end < 0 ? -1 : from + end;
}

/** @returns null: no request. Of a head that is cut what there is. */
export function readHead(bytes: Buffer, from: number, to: number): NonNullable<TrafficEvent['http_request']> | null {
  const lines = bytes.toString('latin1', from, Math.min(to, from + MOST_HEAD_BYTES)).split('\n', 200);
  const line = (lines[0] as string).trimEnd();
  const [first, last] = [line.indexOf(' '), line.lastIndexOf(' ')];
  const method = line.slice(0, Math.max(0, first));
  if (first < 1 || !isMethod(method)) return null;
  const hasVersion = last > first && line.startsWith('HTTP/', last + 1);
  const fields: Record<string, string> = {};
  for (const each of lines.slice(1)) {
    const colon = each.indexOf(':');
    const name = each.slice(0, Math.max(0, colon)).toLowerCase();
    // the first wins: two Host fields are somebody's attempt
    if (KEPT.has(name)) fields[name] ??= each.slice(colon + 1).trim();
  }
  return {
    http_method: method,
    url: urlOf(line.slice(first + 1, hasVersion ? last : undefined), fields.host),
    ...(fields['user-agent'] === undefined ? {} : { user_agent: plain(fields['user-agent'], 512) }),
    ...(fields.referer === undefined ? {} : { referrer: plain(fields.referer) }),
    ...(hasVersion ? { version: plain(line.slice(last + 6), 16) } : {}),
  };
}

const KEPT = new Set(['host', 'user-agent', 'referer']);
