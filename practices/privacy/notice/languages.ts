/** The languages there are messages for, and which of them somebody reads. */
import { fillWords, readsLanguage } from '#platform/http';

import { de } from './de.ts';
import { en, type MessageKey, type Messages } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';

/** In French a space stands before some marks and within quotes: no line begins with the mark alone. */
const unbroken = (messages: Messages): Messages =>
  Object.fromEntries(
    Object.entries(messages).map(([key, text]) => [key, text.replaceAll(/ (?=[:;?!»])|(?<=«) /g, '\u{a0}')]),
  ) as Messages;

export const MESSAGES = { en, de, fr: unbroken(fr), es } as const satisfies Record<string, Messages>;
export type Language = keyof typeof MESSAGES;
export const LANGUAGES = Object.keys(MESSAGES) as readonly Language[];
export const isLanguage = (text: string): text is Language => Object.hasOwn(MESSAGES, text);

/** @param asked by the address */
export function languageFor(header: string | undefined, asked: string | undefined, there: readonly Language[] = LANGUAGES): Language {
  if (asked !== undefined && isLanguage(asked) && there.includes(asked)) return asked;
  return readsLanguage(header, there) ?? there[0] ?? 'en';
} // prettier-ignore

export type Say = (key: MessageKey, values?: Readonly<Record<string, string | number>>) => string;

/** @throws Error for a message with a word that nothing fills: a claim without a binding */
export const sayIn =
  (language: Language): Say =>
  (key, values = {}) =>
    fillWords((MESSAGES[language] as Messages)[key], values, { language, key });

/** Parts of one sentence; what stands before a semicolon stands apart from it in French. */
export const partsIn = (language: Language, parts: readonly string[]): string =>
  parts.join(language === 'fr' ? '\u{a0}; ' : '; ');

/** ISO 8601 calendar duration in words: P2Y6M → "2 years 6 months". */
export function durationIn(language: Language, duration: string): string {
  const units = { Y: 'year', M: 'month', W: 'week', D: 'day' } as const;
  const parts = [...duration.matchAll(/(\d{1,5})([YMWD])/g)].filter(([, n], at, all) => Number(n) > 0 || all.length === 1);
  return parts
    .map(([, n, unit]) =>
      new Intl.NumberFormat(language, { style: 'unit', unit: units[unit as keyof typeof units], unitDisplay: 'long' }).format(Number(n)),
    )
    .join(' ');
} // prettier-ignore

/** Making one takes longer than making the rest of a page; there is one for each language. */
const dates = new Map<Language, Intl.DateTimeFormat>();
export function dateIn(language: Language, at: Date): string {
  const known = dates.get(language) ?? new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
  dates.set(language, known);
  return known.format(at);
}
