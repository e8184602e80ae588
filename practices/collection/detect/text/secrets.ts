/**
 * Credentials: keys with the prefix of who gave them out, JSON web tokens, private keys, and what stands behind a word
 * such as password.
 * Sources: the providers' published token formats; RFC 7519 and RFC 7515 §3.1 (compact form), RFC 7468 (textual keys),
 * RFC 3986 §3.2.1 (userinfo)
 */
import type { Reason } from '../finding.ts';
import { CONTEXT } from '../words/context-words.ts';
import { isAsciiLetter, isDigit, isSign } from './characters.ts';
import { contextFor, near, put, type Page } from './page.ts';
import { BREAK, SIGN, SMALL, TITLE, WORD } from './tokens.ts';

/** Prefix, fewest signs behind it, whose it is. */
const PREFIXES: ReadonlyArray<readonly [prefix: string, least: number, whose: string]> = [
  ['AKIA', 16, 'aws'], ['ASIA', 16, 'aws'], ['AIza', 35, 'google'], ['ya29.', 20, 'google'], ['ghp_', 30, 'github'],
  ['gho_', 30, 'github'], ['ghu_', 30, 'github'], ['ghs_', 30, 'github'], ['ghr_', 30, 'github'],
  ['github_pat_', 40, 'github'], ['glpat-', 20, 'gitlab'], ['glrt-', 20, 'gitlab'], ['xoxb-', 20, 'slack'], ['xoxp-', 20, 'slack'],
  ['xoxa-', 20, 'slack'], ['xoxs-', 20, 'slack'], ['xapp-', 20, 'slack'], ['sk_live_', 20, 'stripe'], ['sk_test_', 20, 'stripe'],
  ['rk_live_', 20, 'stripe'], ['whsec_', 24, 'stripe'], ['SG.', 40, 'sendgrid'], ['npm_', 36, 'npm'], ['pypi-', 40, 'pypi'],
  ['dop_v1_', 60, 'digitalocean'], ['shpat_', 30, 'shopify'], ['sq0atp-', 20, 'square'], ['sq0csp-', 20, 'square'],
  ['hvs.', 20, 'vault'], ['AGE-SECRET-KEY-1', 40, 'age'], ['sk-ant-', 30, 'anthropic'], ['sk-proj-', 30, 'openai'],
  ['sk-', 40, 'openai'], ['hf_', 30, 'huggingface'], ['lin_api_', 30, 'linear'], ['PMAK-', 40, 'postman'], ['NRAK-', 20, 'newrelic'],
  ['dckr_pat_', 20, 'docker'], ['tskey-', 20, 'tailscale'], ['srk_', 20, 'strongroom'],
]; // prettier-ignore

const isRunSign = (unit: number): boolean => isDigit(unit) || isAsciiLetter(unit) || unit === 45 || unit === 95 || unit === 46 || unit === 43 || unit === 47 || unit === 61 || unit === 126; // prettier-ignore

/** At the first token of a run of key signs: looks at the run once, however long it is. */
export function keyAt(page: Page, token: number): void {
  const { text, tokens } = page;
  const start = tokens.start[token] as number;
  if (start < page.runEnd) return;
  let end = tokens.end[token] as number;
  while (end < page.to + 4096 && isRunSign(text.charCodeAt(end))) end += 1;
  page.runEnd = end;
  let from = start;
  // name=value, path/to/value: the value begins behind
  for (let i = start; i < end - 16 && i < start + 64; i += 1)
    if (text.charCodeAt(i) === 61 && end - i > 17) from = i + 1;
  while (end > from && text.charCodeAt(end - 1) === 46) end -= 1;
  if (end - from < 16) return;
  const known = PREFIXES.find(
    ([prefix, least]) => text.startsWith(prefix, from) && end - from >= prefix.length + least,
  );
  if (known !== undefined && end - from <= 400) {
    put(
      page,
      'credential',
      from,
      end,
      [{ says: `begins and is as long as a key of ${known[2]}`, adds: 0.93 }],
      known[2],
    );
    return;
  }
  if (text.startsWith('eyJ', from) && isJwt(text, from, end)) {
    put(page, 'credential', from, end, [{ says: 'three base64url parts, the first a JSON header', adds: 0.95 }], 'jwt');
    return;
  }
  if (end - from > 200 || !near(page, token, -1, CONTEXT.secret)) return;
  const bits = randomness(text, from, end);
  const reasons: Reason[] = [{ says: `its signs are spread as in a random key (${bits.toFixed(1)} bits each)`, adds: bits >= 3.6 ? 0.4 : 0.25 }]; // prettier-ignore
  if (bits >= 3 && hasDigitsAndLetters(text, from, end))
    put(page, 'credential', from, end, [...reasons, contextFor(page, token, token, 'secret')], 'key');
}

function isJwt(text: string, from: number, end: number): boolean {
  // cut out, so that the search for points ends with the run
  const run = text.slice(from, Math.min(end, from + 8192));
  const first = run.indexOf('.');
  const second = first < 0 ? -1 : run.indexOf('.', first + 1);
  if (first < 10 || first > 2000 || second - first < 6) return false;
  return Buffer.from(run.slice(0, first), 'base64url').toString('latin1').startsWith('{"');
}

/** Shannon entropy of the signs, in bits each. */
function randomness(text: string, from: number, end: number): number {
  const counts = new Map<number, number>();
  for (let i = from; i < end; i += 1) counts.set(text.charCodeAt(i), (counts.get(text.charCodeAt(i)) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / (end - from)) * Math.log2(count / (end - from));
  return bits;
}

function hasDigitsAndLetters(text: string, from: number, end: number): boolean {
  let [digits, letters] = [0, 0];
  for (let i = from; i < end; i += 1) {
    if (isDigit(text.charCodeAt(i))) digits += 1;
    else if (isAsciiLetter(text.charCodeAt(i))) letters += 1;
  }
  return digits >= 2 && letters >= 2;
}

/** At the first hyphen of `-----BEGIN … PRIVATE KEY-----`. @returns where the block ends, or 0 */
export function privateKeyAt(page: Page, start: number): number {
  const { text } = page;
  if (!text.startsWith('-----BEGIN ', start)) return 0;
  const label = text.slice(start + 11, start + 60);
  const close = label.indexOf('-----');
  if (close < 0 || !label.slice(0, close).endsWith('PRIVATE KEY')) return 0;
  let end = start + 11 + close + 5;
  // what keys consist of; the next five hyphens end it
  while (end < text.length && end - start < 16_384 && !text.startsWith('-----', end)) {
    const unit = text.charCodeAt(end);
    if (!isRunSign(unit) && ![10, 13, 32, 58, 44, 92, 9].includes(unit)) break;
    end += 1;
  }
  if (text.startsWith('-----END ', end)) end = Math.min(text.length, end + 11 + close + 3);
  put(page, 'credential', start, end, [{ says: 'a block that is labelled as a private key', adds: 0.97 }], 'private-key'); // prettier-ignore
  return end;
}

/** At a word such as password or username: what is said to be it, behind a colon, an equals sign, or `is`. */
export function saidAt(page: Page, token: number, type: 'credential' | 'username'): void {
  const { text, tokens } = page;
  let at = token + 1;
  let mark: 'sign' | 'word' | null = null;
  for (let seen = 0; at < tokens.count && seen < 6; at += 1, seen += 1) {
    const kind = tokens.kind[at] as number;
    if (kind === BREAK) return;
    if (kind === SIGN) {
      const unit = tokens.hash[at] as number;
      if (unit === 58 || unit === 61) mark = 'sign';
      else if (unit !== 34 && unit !== 39 && unit !== 62 && unit !== 95 && unit !== 96 && mark === null) return;
      else if (mark !== null && unit !== 34 && unit !== 39 && unit !== 62 && unit !== 96) break;
      continue;
    }
    const word = (tokens.end[at] as number) - (tokens.start[at] as number) <= 4 ? text.slice(tokens.start[at], tokens.end[at]).toLowerCase() : ''; // prettier-ignore
    if (mark === null && ['is', 'ist', 'est', 'es', 'to', 'was', 'id', 'name', 'key'].includes(word))
      mark = ['id', 'name', 'key'].includes(word) ? null : 'word'; // prettier-ignore
    else break;
  }
  if (mark === null || at >= tokens.count) return;
  const start = tokens.start[at] as number;
  let end = start;
  while (end - start <= 128 && isValueSign(text.charCodeAt(end))) end += 1;
  while (end > start && '.,;:)'.includes(text.charAt(end - 1))) end -= 1;
  if (end - start < 3 || end - start > 128) return;
  putSaid(page, type, at, start, end, mark);
}

const isValueSign = (unit: number): boolean => unit > 32 && ![34, 39, 60, 62, 44, 96, 0xa0, 125].includes(unit);

function putSaid(
  page: Page,
  type: 'credential' | 'username',
  at: number,
  start: number,
  end: number,
  mark: 'sign' | 'word',
): void {
  const { tokens } = page;
  const shape = tokens.shape[at] as number;
  const plain = tokens.kind[at] === WORD && (tokens.end[at] as number) === end && (shape === SMALL || shape === TITLE);
  const says = { says: mark === 'sign' ? 'a colon or equals sign hands it over' : 'a verb hands it over', adds: mark === 'sign' ? 0.25 : 0.15 }; // prettier-ignore
  const named = { says: `a word for ${type === 'credential' ? 'secret' : 'user name'} names it`, adds: 0.3 };
  // `password: required`: one plain word says little
  const odd = plain
    ? { says: 'it is one plain word', adds: type === 'credential' ? -0.25 : -0.1 }
    : { says: 'it is no plain word', adds: end - start >= 6 ? 0.2 : 0.05 };
  put(page, type, start, end, [named, says, odd], type === 'credential' ? 'password' : null);
}

/** At `://`: a password in an address, `scheme://name:password@host`. */
export function userinfoAt(page: Page, at: number): void {
  const { text } = page;
  let colon = -1;
  let end = at;
  while (end - at < 200) {
    const unit = text.charCodeAt(end);
    if (unit === 64) break;
    if (unit === 58 && colon < 0) colon = end;
    else if (unit <= 32 || unit === 47 || unit === 63 || unit === 35 || Number.isNaN(unit)) return;
    end += 1;
  }
  if (colon <= at - 1 || colon < 0 || end - colon < 2 || text.charCodeAt(end) !== 64 || !isSign(text.charCodeAt(end + 1))) return; // prettier-ignore
  put(page, 'credential', colon + 1, end, [{ says: 'stands as the password in an address', adds: 0.99 }], 'password');
}
