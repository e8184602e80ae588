/**
 * Which passwords may be chosen: by length, and none that is guessed first. No rules of composition, no expiry.
 *
 * Guessed first are the person's own name and address, what stands on the door, the list of common passwords that
 * `@zxcvbn-ts/language-common` brings (49,000 of them), and where the operator keeps such a file, all that ever leaked.
 * Source: NIST SP 800-63B-4 §3.1.1.2
 */
import { accessFailure } from '../failures.ts';
import type { IsLeaked } from './leaked-passwords.ts';

/**
 * @param about the person's name and address: a password made of them is none
 * @param mode `alone` without a second factor
 * @throws ACCESS_PASSWORD_WEAK, ACCESS_LEAKED_UNREADABLE
 */
export type CheckChoice = (password: string, about: readonly string[], mode: 'alone' | 'beside') => Promise<void>;

/** Where nothing else is asked for. */
const ALONE_LENGTH = 15;
/** Beside a second factor. */
const SHORTEST = 8;
const LONGEST = 256;

/** They count towards no password's length, wherever they stand in it. */
const TRIED_FIRST =
  /password|passw0rd|passwort|qwert|asdfgh|letmein|welcome|iloveyou|strongroom|123456|abcdef|admin|changeme|football|sunshine|princess|monkey|dragon|trustno1|baseball/gi;

export function createChoice({ isLeaked }: Readonly<{ isLeaked: IsLeaked }>): CheckChoice {
  let common: Promise<ReadonlySet<string>> | undefined;
  return async (password, about, mode) => {
    const plain = password.normalize('NFKC');
    const length = [...plain].length;
    const shortest = mode === 'alone' ? ALONE_LENGTH : SHORTEST;
    if (length < shortest) throw weak(`a password has at least ${shortest} characters here`);
    if (length > LONGEST) throw weak(`a password has at most ${LONGEST} characters`);
    const lower = plain.toLowerCase();
    const rest = about
      .flatMap((each) => each.toLowerCase().split(/[^\p{L}\p{N}]+/u))
      .filter((each) => each.length >= 3)
      .reduce((left, each) => left.replaceAll(each, ''), lower)
      .replaceAll(TRIED_FIRST, '');
    if ([...rest].length < SHORTEST || new Set(rest).size < 4)
      throw weak('the password is made of what is guessed first');
    common ??= readCommon();
    const known = await common;
    // as it is, without what is put at its ends to please rules, and what is left of it
    for (const each of [lower, bare(lower), rest, bare(rest)])
      if (known.has(each)) throw weak('this is one of the most used passwords');
    if (await isLeaked(password)) throw weak('this password has leaked somewhere, and is tried first');
  };
}

export const standsAlone = (password: string): boolean => [...password.normalize('NFKC')].length >= ALONE_LENGTH;

const weak = (detail: string): Error => accessFailure('PASSWORD_WEAK', { detail });

/** Without digits and signs at both ends: `Michael1!` is `michael`. One step for each character, whatever was typed. */
function bare(text: string): string {
  const characters = [...text];
  const first = characters.findIndex(isLetter);
  return first < 0 ? text : characters.slice(first, characters.findLastIndex(isLetter) + 1).join('');
}
const isLetter = (character: string): boolean => /\p{L}/u.test(character);

/** 0.4 MB of JavaScript, read when the first password is chosen. */
async function readCommon(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common']);
}
