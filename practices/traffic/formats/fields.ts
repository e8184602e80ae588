/** Fields of somebody else's JSON, each taken only as what it should be. */
import { isIP, isIPv4 } from 'node:net';

import { plainAddress } from '#platform/networks';

import type { Endpoint } from '../event.ts';
import { plain } from './text.ts';

export type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = {};

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @returns no fields where there are none */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : NOTHING);

/** @returns null: not one JSON object */
export function jsonLine(line: string): Fields | null {
  // most of what is no JSON is told by its first character, without the cost of an error
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

export function text(fields: Fields, name: string, most?: number): string | undefined {
  const value = fields[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? plain(value, most) : undefined;
}

/** A whole number that is not negative. */
export function amount(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : undefined;
}

export function texts(value: unknown, most = 100): string[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, most)
    .flatMap((one) => (typeof one === 'string' ? [plain(one)] : typeof one === 'number' ? [String(one)] : []));
}

/** In the one spelling that addresses are compared by; what is no address is a name. */
export function endpoint(address: unknown, port?: unknown, hostname?: string): Endpoint | undefined {
  const ip = typeof address === 'string' ? ipOf(address) : undefined;
  const name = hostname ?? (ip === undefined && typeof address === 'string' && address !== '' ? address : undefined);
  const number = isPort(port) ? port : undefined;
  if (ip === undefined && name === undefined) return undefined;
  return {
    ...(ip === undefined ? {} : { ip }),
    ...(number === undefined ? {} : { port: number }),
    ...(name === undefined ? {} : { hostname: plain(name, 255) }),
  };
}

export const isPort = (port: unknown): port is number =>
  typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535;

export function ipOf(address: string): string | undefined {
  if (isIPv4(address)) return address;
  return isIP(address) === 0 ? undefined : (plainAddress(address) ?? undefined);
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined. */
export function known<T extends Record<string, unknown>>(fields: T): Defined<T> {
  const left: Record<string, unknown> = {};
  for (const name in fields) if (fields[name] !== undefined) left[name] = fields[name];
  return left as Defined<T>;
}

/** The same, undefined when nothing is left. */
export function anyKnown<T extends Record<string, unknown>>(fields: T): Defined<T> | undefined {
  const left = known(fields);
  for (const _ in left) return left;
  return undefined;
}
