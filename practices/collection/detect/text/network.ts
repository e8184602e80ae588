/**
 * Addresses of networks: IPv4, IPv6, MAC, e-mail.
 * Sources: RFC 791 and RFC 6943 §3.1.1 (dotted decimal), RFC 4291 §2.2, IEEE 802 (EUI-48), RFC 5321 §4.1.2 without quotes
 */
import { isIPv6 } from 'node:net';

import type { Reason } from '../finding.ts';
import { isAsciiLetter, isDigit, isHex, isSign } from './characters.ts';
import type { DigitRun } from './digit-run.ts';
import { contextFor, put, thingBefore, type Page } from './page.ts';

/** @returns whether it has the form of an IPv4 address, so that nothing else is looked for in it */
export function ipv4In(page: Page, token: number, run: DigitRun): boolean {
  if (run.sizes.length < 4 || !run.closed[3] || run.brackets) return false;
  for (let i = 0; i < 3; i += 1) if (run.between[i] !== '.') return false;
  let at = 0;
  let small = true;
  const digits = run.digits[3] as string;
  for (let i = 0; i < 4; i += 1) {
    const size = run.sizes[i] as number;
    const part = Number(digits.slice(at, at + size));
    if (size > 3 || part > 255 || (size > 1 && digits.charAt(at) === '0')) return false;
    if (part > 20) small = false;
    at += size;
  }
  put(page, 'ip-address', run.start, run.ends[3] as number, [
    { says: 'four numbers up to 255 with dots', adds: 0.8 },
    small ? { says: 'all of them are small, as in a version', adds: -0.25 } : null,
    contextFor(page, token, token + 6, 'ip', 0.15),
    thingBefore(page, token),
  ], 'v4'); // prettier-ignore
  return true;
}

/** At a colon or a hyphen behind at most four hexadecimal digits, or at a double colon. */
export function hexGroupsAt(page: Page, token: number, start: number): void {
  const { text } = page;
  const before = text.charCodeAt(start - 1);
  if (isSign(before) || before === 58 || (before === 45 && isSign(text.charCodeAt(start - 2)))) return;
  let end = start;
  let [colons, digits] = [0, 0];
  while (end - start <= 46) {
    const unit = text.charCodeAt(end);
    if (unit === 58) colons += 1;
    else if (isDigit(unit)) digits += 1;
    else if (!isHex(unit) && unit !== 46 && unit !== 45) break;
    end += 1;
  }
  while (end > start && (text.charCodeAt(end - 1) === 46 || text.charCodeAt(end - 1) === 45)) end -= 1;
  if (isSign(text.charCodeAt(end)) || end - start > 45) return;
  if (end - start >= 17 && macAt(page, token, start)) return;
  if (text.charCodeAt(end - 1) === 58 && text.charCodeAt(end - 2) !== 58) {
    end -= 1; // a sentence's colon
    colons -= 1;
  }
  if (colons < 2 || digits === 0 || end - start < 3 || !isIPv6(text.slice(start, end))) return;
  put(page, 'ip-address', start, end, [
    { says: 'groups of hexadecimal digits as in IPv6', adds: colons > 2 ? 0.9 : 0.6 },
    contextFor(page, token, token, 'ip', 0.2),
  ], 'v6'); // prettier-ignore
}

function macAt(page: Page, token: number, start: number): boolean {
  const { text } = page;
  const joint = text.charCodeAt(start + 2);
  if (joint !== 58 && joint !== 45) return false;
  for (let i = 0; i < 17; i += 1) {
    const unit = text.charCodeAt(start + i);
    if (i % 3 === 2 ? unit !== joint : !isHex(unit)) return false;
  }
  const after = text.charCodeAt(start + 17);
  if (isSign(after) || (after === joint && isHex(text.charCodeAt(start + 18)))) return false;
  const nobody = text.slice(start, start + 17).replaceAll(/[^0-9a-fA-F]/g, '').toLowerCase(); // prettier-ignore
  if (nobody === '000000000000' || nobody === 'ffffffffffff') return true;
  put(page, 'mac-address', start, start + 17, [{ says: 'six pairs of hexadecimal digits', adds: 0.9 }]);
  return true;
}

const SAID: Reason = { says: 'a name, @, and a domain', adds: 0.9 };
const KNOWN_END: Reason = { says: 'the domain ends as domains do', adds: 0.08 };

const isAtext = (unit: number): boolean => isSign(unit) || (unit < 127 && "!#$%&'*+-/=?^_`{|}~.".includes(String.fromCharCode(unit))); // prettier-ignore

/** At an @. */
export function emailAt(page: Page, at: number): void {
  const { text } = page;
  let start = at;
  while (start > 0 && at - start <= 64 && isAtext(text.charCodeAt(start - 1))) start -= 1;
  if (at - start > 64) return;
  // signs that end a sentence or open a quotation before the name
  while (start < at && !isSign(text.charCodeAt(start)) && text.charCodeAt(start) !== 95) start += 1;
  for (let i = at - 1; i > start; i -= 1)
    if (text.charCodeAt(i) === 61) {
      start = i + 1; // to=name@domain
      break;
    }
  if (start === at || text.charCodeAt(at - 1) === 46) return;
  let end = at + 1;
  while (end - at <= 254) {
    const unit = text.charCodeAt(end);
    if (unit !== 46 && !isSign(unit) && unit !== 45) break;
    end += 1;
  }
  if (end - at > 254) return;
  while (end > at && (text.charCodeAt(end - 1) === 46 || text.charCodeAt(end - 1) === 45)) end -= 1;
  let dot = end - 1;
  while (dot > at && text.charCodeAt(dot) !== 46) dot -= 1;
  if (dot <= at + 1 || end - dot < 3) return;
  const last = text.charCodeAt(dot + 1);
  if (isDigit(last) || text.charCodeAt(at + 1) === 45 || text.slice(at, end).includes('..')) return;
  // git@host:path is an address of a program
  const program = text.charCodeAt(end) === 58 && text.slice(start, at) === 'git';
  put(page, 'email', start, end, [
    SAID,
    end - dot <= 7 && isAsciiLetter(last) ? KNOWN_END : null,
    program ? { says: 'it names a program on a server', adds: -0.6 } : null,
  ]); // prettier-ignore
}
