/** Bytes → JSON, bounded; and times in it. */
import { wordOf } from '../shape.ts';
import { advisoryFailure } from './failures.ts';

/** A list of parts, a catalogue, a VEX. Feeds of records come file by file. */
export const MOST_BYTES = 64 * 1024 * 1024;

/** @throws ASSURANCE_ADVISORY_TOO_LARGE, ASSURANCE_ADVISORY_MALFORMED */
export function parsed(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(textOf(bytes, what));
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof RangeError)
      throw advisoryFailure('ADVISORY_MALFORMED', { detail: `${what} is not JSON`, cause });
    throw cause;
  }
}

export function textOf(bytes: Uint8Array, what: string): string {
  if (bytes.length > MOST_BYTES)
    throw advisoryFailure('ADVISORY_TOO_LARGE', {
      detail: `${what} has ${bytes.length} bytes; ${MOST_BYTES} are read`,
    });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw advisoryFailure('ADVISORY_MALFORMED', { detail: `${what} is not text in UTF-8`, cause });
  }
}

/** @returns null for what is no time */
export function timeOf(value: unknown): Date | null {
  const text = wordOf(value);
  if (text === undefined || !/^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$/.test(text)) return null;
  // a day is that day in UTC, and so is a time without a zone
  const at = new Date(/T[^Z+-]+$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(at.getTime()) ? null : at;
}
