/**
 * What a reader sees who may not see a value. Each mask promises at most how much of the value it contains:
 *
 * | kind  | shows                                                                     |
 * |-------|---------------------------------------------------------------------------|
 * | email | first letter of the local part, of the domain, a top level of 2 to 4      |
 * | phone | the last 4 digits of 10 or more, the last 2 of 7 to 9, otherwise nothing  |
 * | card  | the last 4 of 12 or more letters and digits (cards, IBANs)                |
 * | name  | the first letter of the first and of the last word                        |
 * | date  | the year                                                                  |
 * | text  | the first letter of 4 or more                                             |
 * | hide  | that there is a value                                                     |
 *
 * A "letter" is what a reader takes for one (a grapheme cluster, UAX #29), so that no emoji, accent or surrogate pair is
 * cut in half. What stands for the rest has a fixed length: it does not tell how long the value is.
 */
import type { MaskKind } from '#practices/collection';

import type { FieldValue } from './types.ts';

const DOTS = '•••';
export const HIDDEN = '••••••';
/** How much of a value is looked at, and the longest cluster shown, in UTF-16 units: a "letter" can be made endless. */
const HEAD_UNITS = 128;
const CLUSTER_UNITS = 16;
const TOP_LEVEL = /^[a-z]{2,4}$/i;

/** @returns the mask's text; for `none` the value itself */
export function maskValue(kind: MaskKind, value: FieldValue): FieldValue {
  if (kind === 'none') return value;
  if (typeof value !== 'string') return HIDDEN;
  switch (kind) {
    case 'email':
      return maskEmail(value);
    case 'phone':
      return maskPhone(value);
    case 'card':
      return maskCard(value);
    case 'name':
      return maskName(value);
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value.slice(0, 4)}-••-••` : HIDDEN;
    case 'text':
      return `${firstLetter(value.trim(), 4)}${DOTS}`;
    case 'hide':
      break;
  }
  return HIDDEN;
}

function maskEmail(value: string): string {
  const at = value.lastIndexOf('@');
  if (at < 1) return HIDDEN;
  const domain = value.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  const top = dot < 0 ? '' : domain.slice(dot + 1);
  const host = dot < 0 ? domain : domain.slice(0, dot);
  return `${firstLetter(value.slice(0, at), 2)}${DOTS}@${firstLetter(host, 2)}${DOTS}${TOP_LEVEL.test(top) ? `.${top}` : ''}`;
}

function maskPhone(value: string): string {
  const digits = value.normalize('NFKC').replaceAll(/\D/g, '');
  const shown = digits.length >= 10 ? 4 : digits.length >= 7 ? 2 : 0;
  return `${HIDDEN}${digits.slice(digits.length - shown)}`;
}

function maskCard(value: string): string {
  const signs = value.replaceAll(/[^0-9A-Za-z]/g, '');
  return `${HIDDEN}${signs.length >= 12 ? signs.slice(-4) : ''}`;
}

function maskName(value: string): string {
  const words = value.trim().split(/\s+/u);
  const first = firstLetter(words[0] as string, 2);
  if (words.length === 1) return `${first}${DOTS}`;
  return `${first}${DOTS} ${firstLetter(words.at(-1) as string, 2)}${DOTS}`;
}

/** The first letter of a text that has at least so many; nothing of a shorter one, of which it would be too much. */
function firstLetter(text: string, atLeast: number): string {
  const head = text.slice(0, HEAD_UNITS);
  const first = head.charCodeAt(0);
  const second = head.charCodeAt(1);
  if (
    first > 0x20 &&
    first < 0x7f &&
    second > 0x20 &&
    second < 0x7f &&
    text.length >= atLeast &&
    isAscii(head, atLeast)
  )
    return head.charAt(0);
  let letter = '';
  let count = 0;
  for (const { segment } of new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(head)) {
    if (count === 0) letter = segment;
    count += 1;
    if (count >= atLeast)
      return letter.length <= CLUSTER_UNITS && !/[\s\p{C}]/u.test(letter.replaceAll('\u200d', '')) ? letter : '';
  }
  return '';
}

/** Also the unit after the last one counted, since a combining mark there would join it. */
function isAscii(text: string, units: number): boolean {
  for (let at = 0; at <= units && at < text.length; at += 1)
    if (text.charCodeAt(at) > 0x7e || text.charCodeAt(at) <= 0x20) return false;
  return true;
}
