/** All country packs, ready to be asked by length. */
import { AMERICAS } from './americas.ts';
import { ASIA_PACIFIC_AFRICA } from './asia-pacific-africa.ts';
import { NORTHERN_AND_EASTERN_EUROPE } from './europe-north-east.ts';
import { WESTERN_EUROPE } from './europe-west.ts';
import { hasForm, type NationalRule } from './rule.ts';

export const NATIONAL_RULES: readonly NationalRule[] = [
  ...WESTERN_EUROPE,
  ...NORTHERN_AND_EASTERN_EUROPE,
  ...AMERICAS,
  ...ASIA_PACIFIC_AFRICA,
];
export const SHORTEST = 8;
export const LONGEST = 18;

/** Rules by the length of their form, so that a number meets few of them. */
export type NationalPacks = ReadonlyArray<readonly NationalRule[]>;

/** @param countries ISO 3166-1 alpha-2; all when undefined */
export function packsOf(countries?: readonly string[]): NationalPacks {
  const packs: NationalRule[][] = Array.from({ length: LONGEST + 1 }, () => []);
  for (const rule of NATIONAL_RULES)
    if (countries === undefined || countries.includes(rule.country)) packs[rule.form.length]?.push(rule);
  return packs;
}

/** Whether the text with its separators is one of the rule's written forms. */
export function isWrittenAs(rule: NationalRule, text: string, from: number, to: number): boolean {
  for (const form of rule.written ?? []) {
    if (form.length !== to - from) continue;
    let same = true;
    for (let i = 0; i < form.length && same; i += 1) {
      const wanted = form.charCodeAt(i);
      const unit = text.charCodeAt(from + i);
      const alphanumeric = wanted === 57 || wanted === 65 || wanted === 88;
      const isSign = (unit >= 48 && unit <= 57) || ((unit | 32) >= 97 && (unit | 32) <= 122);
      same = alphanumeric ? isSign : unit === wanted || (wanted === 32 && unit === 0xa0);
    }
    if (same) return true;
  }
  return false;
}

/** The rules a number passes. @param signs without separators, letters in capitals */
export function passing(packs: NationalPacks, signs: string): NationalRule[] {
  const found: NationalRule[] = [];
  for (const rule of packs[signs.length] ?? []) if (hasForm(signs, rule.form) && rule.check(signs)) found.push(rule);
  return found;
}
