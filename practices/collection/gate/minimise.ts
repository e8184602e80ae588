/**
 * Values made coarser before they are stored: what is not needed never arrives.
 *
 * `type` says what is stored, `minimise` what is made of what comes in. INVARIANT: what was made coarse once stays as it is,
 * so that a record that is read and stored again does not change.
 * Source: docs/formats/catalog.md §4.1
 */
import type { FieldType, Minimise } from '../catalog.ts';
import { isDecimal, keepsDigits } from '../decimal.ts';
import { checkCalendarDate } from '../value-syntax.ts';
import { truncateAddress } from './ip-address.ts';

export type Coarsened =
  | Readonly<{ ok: true; value: unknown; changed: boolean }>
  | Readonly<{ ok: false; because: string }>;

/** Which types a field may have that is made coarser so. */
export const MINIMISED_TYPES: Readonly<Record<Minimise['kind'], readonly FieldType[]>> = {
  year: ['date', 'integer'],
  month: ['date'],
  age: ['boolean'],
  prefix: ['postcode', 'text', 'name'],
  ip: ['text'],
  round: ['number', 'integer'],
};

const no = (because: string): Coarsened => ({ ok: false, because });
const was = (value: unknown): Coarsened => ({ ok: true, value, changed: false });
const made = (value: unknown): Coarsened => ({ ok: true, value, changed: true });

/** @returns null when it is none: year, month, age>=18, prefix:3, ip, round:100 */
export function parseMinimise(text: string): Minimise | null {
  if (text === 'year' || text === 'month' || text === 'ip') return { kind: text, size: null };
  const [, word = '', digits = ''] = /^(age>=|prefix:|round:)([1-9]\d{0,8})$/.exec(text) ?? [];
  const size = Number(digits);
  if (word === 'age>=' && size <= 150) return { kind: 'age', size };
  if (word === 'prefix:' && size <= 100) return { kind: 'prefix', size };
  if (word === 'round:') return { kind: 'round', size };
  return null;
}

export const minimiseText = ({ kind, size }: Minimise): string =>
  size === null ? kind : `${kind}${kind === 'age' ? '>=' : ':'}${size}`;

/**
 * @param value as it came in, of JSON or as text
 * @param type of the field: of what is stored
 * @param today for ages
 */
export function coarsen({ kind, size }: Minimise, type: FieldType, value: unknown, today: Date): Coarsened {
  switch (kind) {
    case 'year':
      return type === 'integer' ? yearOf(value) : startOf(value, '-01-01', 4);
    case 'month':
      return startOf(value, '-01', 7);
    case 'age':
      return reached(value, size as number, today);
    case 'prefix':
      return typeof value === 'string' ? prefixOf(value, size as number) : was(value);
    case 'ip':
      return ipOf(value);
    case 'round':
      break;
  }
  return rounded(value, size as number);
}

/** A date, or the year alone. */
function yearOf(value: unknown): Coarsened {
  // a longer number may be a whole date: 19840517
  if (typeof value === 'number' && !(value >= 0 && value <= 9999)) return no('must be a date, or a year');
  if (typeof value !== 'string') return was(value);
  if (/^\d{4}$/.test(value)) return made(Number(value));
  const fault = checkCalendarDate(value);
  return fault === null ? made(Number(value.slice(0, 4))) : no(`${fault}, or a year`);
}

/** The first day stands for the whole year or month. */
function startOf(value: unknown, rest: string, kept: number): Coarsened {
  if (typeof value !== 'string') return was(value);
  const fault = checkCalendarDate(value);
  if (fault !== null) return no(fault);
  const start = `${value.slice(0, kept)}${rest}`;
  return start === value ? was(value) : made(start);
}

/** A birth date becomes whether that many years have passed; born on 29 February, one gets older on 1 March. */
function reached(value: unknown, years: number, today: Date): Coarsened {
  if (typeof value !== 'string' || value.length !== 10) return was(value);
  const fault = checkCalendarDate(value);
  if (fault !== null) return no(`${fault}, or true or false`);
  const birthday = Number(value.slice(0, 4)) + years;
  const now = today.toISOString().slice(0, 10);
  if (value > now) return no('must be a day that has been');
  return made(`${String(birthday).padStart(4, '0')}${value.slice(4)}` <= now);
}

/** By code points, without spaces that would count as known signs. */
function prefixOf(value: string, size: number): Coarsened {
  let kept = 0;
  let at = 0;
  for (const sign of value) {
    if (kept === size) break;
    at += sign.length;
    if (sign !== ' ') kept += 1;
  }
  const prefix = value.slice(0, at).trimEnd();
  return prefix === value ? was(value) : made(prefix);
}

function ipOf(value: unknown): Coarsened {
  if (typeof value !== 'string') return was(value);
  const truncated = truncateAddress(value);
  if (truncated === null) return no('must be an IP address');
  return truncated === value ? was(value) : made(truncated);
}

/** To the nearest multiple; a text is read as a number where it would be stored as one. */
function rounded(value: unknown, step: number): Coarsened {
  const number = typeof value === 'string' && isDecimal(value) && keepsDigits(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return was(value);
  const near = Math.round(number / step) * step;
  return near === value ? was(value) : made(near === 0 ? 0 : near);
}
