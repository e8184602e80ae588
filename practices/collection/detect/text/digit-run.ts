/**
 * Groups of digits joined by single separators, such as `4111 1111 1111 1111` or `+49 (30) 123-456`.
 * At most 8 groups and 24 digits are taken from one start, so that a line of numbers costs no more than its length.
 */
import { isDigit, isSign } from './characters.ts';

export type DigitRun = Readonly<{
  start: number;
  plus: boolean;
  /** Digits up to and with each group. */
  digits: readonly string[];
  /** Digits in each group. */
  sizes: readonly number[];
  /** Where each group ends; behind the closing bracket if it is in brackets. */
  ends: readonly number[];
  /** Before each group but the first: one or two signs. */
  between: readonly string[];
  /** The first or second group is in brackets. */
  brackets: boolean;
  /** Whether a number may end after each group: no letter, digit or tight separator with a digit follows. */
  closed: readonly boolean[];
}>;

const MAX_GROUPS = 8;
const MAX_DIGITS = 24;

const isTight = (unit: number): boolean => unit === 45 || unit === 46 || unit === 47 || unit === 0x2011 || unit === 0x2010; // prettier-ignore
const isWide = (unit: number): boolean => unit === 32 || unit === 0xa0 || unit === 0x202f;

/** @param start at a digit, a plus sign or an opening bracket; null when a number cannot begin there */
export function digitRunAt(text: string, start: number): DigitRun | null {
  const before = text.charCodeAt(start - 1);
  const first = text.charCodeAt(start);
  if (isSign(before) || before === 43) return null;
  if (isTight(before) && isSign(text.charCodeAt(start - 2))) return null;
  if ((before === 44 || before === 58) && isDigit(text.charCodeAt(start - 2))) return null;
  const plus = first === 43;
  let at = start + (plus ? 1 : 0);
  const [digits, sizes, ends, between, closed]: [string[], number[], number[], string[], boolean[]] = [
    [],
    [],
    [],
    [],
    [],
  ];
  let [all, joint, brackets] = ['', '', false];
  while (sizes.length < MAX_GROUPS) {
    const open = text.charCodeAt(at) === 40;
    if (open && sizes.length > 1) break;
    const from = open ? at + 1 : at;
    let to = from;
    while (to - from <= MAX_DIGITS && isDigit(text.charCodeAt(to))) to += 1;
    if (to === from || all.length + to - from > MAX_DIGITS) break;
    if (open) {
      if (text.charCodeAt(to) !== 41) break;
      brackets = true;
    }
    all += text.slice(from, to);
    at = open ? to + 1 : to;
    digits.push(all);
    sizes.push(to - from);
    ends.push(at);
    if (sizes.length > 1) between.push(joint);
    const next = text.charCodeAt(at);
    const after = text.charCodeAt(at + 1);
    closed.push(!isSign(next) && !(isTight(next) && isDigit(after)) && !(next === 44 && isDigit(after)));
    // one separator, or a wide one beside brackets or hyphens
    let size = 0;
    if (isTight(next) || isWide(next)) size = 1;
    if (
      size === 1 &&
      (isWide(after) || after === 45 || after === 46) &&
      (isTight(next) || after === 45) &&
      isDigit(text.charCodeAt(at + 2))
    )
      size = 2;
    if (size === 0 && next !== 40 && !open) break;
    joint = text.slice(at, at + size);
    at += size;
  }
  return sizes.length === 0 ? null : { start, plus, digits, sizes, ends, between, brackets, closed };
}

/** The groups up to `last` are joined by one and the same separator, if any. */
export function isEven(run: DigitRun, last: number): boolean {
  for (let i = 1; i < last; i += 1) if (run.between[i] !== run.between[0]) return false;
  return true;
}
