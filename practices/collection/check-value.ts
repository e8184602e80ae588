/**
 * Whether a value is one of its field's type, and its canonical form. Runs on every field of every import: loops over
 * code units, no backtracking regex, about a microsecond for short values.
 *
 * What is refused is told by rule, never by value. Text is kept as it is, only brought to NFC (UAX #15).
 */
import type { FieldSpec } from './catalog.ts';
import { isDecimal, keepsDigits } from './decimal.ts';
import { checkCalendarDate, checkCard, checkEmail, checkIban, checkPhone } from './value-syntax.ts';

export type CheckedValue =
  | Readonly<{
      ok: true;
      value: string | number | boolean | Readonly<Record<string, unknown>> | readonly unknown[];
      /** What should be looked at, words like `because`; it was taken all the same. */
      warns?: readonly string[];
    }>
  | Readonly<{ ok: false; because: string }>;

/** Largest value in bytes of UTF-8: with its type byte it is what one sealed field takes. */
export const MAX_VALUE_BYTES = 65_535;
const JSON_DEPTH_MAX = 32;

const no = (because: string): CheckedValue => ({ ok: false, because });

/**
 * @param value as parsed from JSON; null is not a value but its absence, which the caller handles
 * @returns the canonical value, or why it is refused: words without the value, to be read after the field's name
 */
export function checkValue(field: FieldSpec, value: unknown): CheckedValue {
  switch (field.type) {
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return no('must be a finite number');
      return { ok: true, value: value === 0 ? 0 : value };
    case 'integer':
      if (typeof value !== 'number' || !Number.isSafeInteger(value))
        return no('must be a whole number between -(2^53-1) and 2^53-1');
      return { ok: true, value: value === 0 ? 0 : value };
    case 'boolean':
      return typeof value === 'boolean' ? { ok: true, value } : no('must be true or false');
    case 'json':
      return checkJson(field, value);
    case 'text':
    case 'name':
    case 'email':
    case 'phone':
    case 'date':
    case 'card':
    case 'iban':
    case 'address':
    case 'country':
    case 'postcode':
    case 'choice':
      break;
  }
  return typeof value === 'string' ? checkTextual(field, value) : no('must be text');
}

/** The same for sources that have only text, such as CSV: numbers and truth values are read from it first. */
export function checkText(field: FieldSpec, text: string): CheckedValue {
  switch (field.type) {
    case 'number':
    case 'integer':
      if (!isDecimal(text)) return no('must be a number written in digits');
      if (!keepsDigits(text)) return no('has more digits than a number keeps; declare the field as text');
      return checkValue(field, Number(text));
    case 'boolean': {
      const word = text.length <= 5 ? text.toLowerCase() : '';
      if (word === 'true' || word === 't' || word === '1' || word === 'yes') return { ok: true, value: true };
      if (word === 'false' || word === 'f' || word === '0' || word === 'no') return { ok: true, value: false };
      return no('must be true or false (also t, f, 1, 0, yes, no)');
    }
    case 'json':
      try {
        return text.length > MAX_VALUE_BYTES ? no('is too long') : checkJson(field, JSON.parse(text));
      } catch {
        return no('must be JSON');
      }
    case 'text':
    case 'name':
    case 'email':
    case 'phone':
    case 'date':
    case 'card':
    case 'iban':
    case 'address':
    case 'country':
    case 'postcode':
    case 'choice':
      break;
  }
  return checkTextual(field, text);
}

function checkTextual(field: FieldSpec, given: string): CheckedValue {
  // NFC may shorten, and never makes a short text out of one more than three times the limit (UAX #15 §14)
  if (given.length > field.maxLength * 4) return no(`must have at most ${field.maxLength} characters`);
  const kind = scanText(given);
  if (kind === NUL) return no('must not contain the character U+0000');
  if (kind === LONE) return no('must be well-formed Unicode: it contains half of a surrogate pair');
  const text = kind === ASCII ? given : given.normalize('NFC');
  if (text.length === 0) return no('must not be empty; leave it out instead');
  if (text.length > field.maxLength) return no(`must have at most ${field.maxLength} characters`);
  if (kind !== ASCII && text.length > MAX_VALUE_BYTES / 3 && Buffer.byteLength(text) > MAX_VALUE_BYTES) {
    return no(`must have at most ${MAX_VALUE_BYTES} bytes`);
  }
  const fault = syntaxFault(field, text);
  return fault === null ? { ok: true, value: text } : no(fault);
}

function syntaxFault(field: FieldSpec, text: string): string | null {
  switch (field.type) {
    case 'email':
      return checkEmail(text);
    case 'phone':
      return checkPhone(text);
    case 'date':
      return checkCalendarDate(text);
    case 'card':
      return checkCard(text);
    case 'iban':
      return checkIban(text);
    case 'choice':
      return field.values !== null && field.values.includes(text)
        ? null
        : 'must be one of the values the catalogue lists';
    case 'text':
    case 'name':
    case 'address':
    case 'country':
    case 'postcode':
    case 'number':
    case 'integer':
    case 'boolean':
    case 'json':
      break;
  }
  return null;
}

const ASCII = 0;
const WIDE = 1;
const NUL = 2;
const LONE = 3;

/** One pass: whether a text is ASCII, other well-formed Unicode, or neither. */
function scanText(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0) return NUL;
    if (unit > 0x7f) return text.includes('\0', at) ? NUL : text.isWellFormed() ? WIDE : LONE;
  }
  return ASCII;
}

function checkJson(field: FieldSpec, value: unknown): CheckedValue {
  if (typeof value !== 'object' || value === null) return no('must be a JSON object or list');
  if (!isSound(value, 0))
    return no(
      `must nest at most ${JSON_DEPTH_MAX} deep and contain finite numbers and well-formed text without U+0000`,
    );
  const text = JSON.stringify(value);
  if (text.length > field.maxLength) return no(`must have at most ${field.maxLength} characters as JSON`);
  if (Buffer.byteLength(text) > MAX_VALUE_BYTES) return no(`must have at most ${MAX_VALUE_BYTES} bytes as JSON`);
  return { ok: true, value: value as Readonly<Record<string, unknown>> | readonly unknown[] };
}

function isSound(value: unknown, depth: number): boolean {
  if (depth > JSON_DEPTH_MAX) return false;
  if (typeof value === 'string') return scanText(value) <= WIDE;
  // 1e400 is read as infinity, which JSON would store as null
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__' || scanText(key) > WIDE || !isSound(item, depth + 1)) return false;
  }
  return true;
}
