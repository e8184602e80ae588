/** The languages there are messages for, and which of them somebody reads. */
import { de } from './de.ts';
import { en, type MessageKey, type Messages } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';

export const MESSAGES = { en, de, fr, es } as const satisfies Record<string, Messages>;
export type Language = keyof typeof MESSAGES;
export const LANGUAGES = Object.keys(MESSAGES) as readonly Language[];
export const isLanguage = (text: string): text is Language => Object.hasOwn(MESSAGES, text);

/** RFC 9110 §12.5.4, simply: the first by weight that is there. @param header at most 1,000 characters are looked at */
export function languageFor(header: string | undefined, asked: string | undefined, there: readonly Language[] = LANGUAGES): Language {
  if (asked !== undefined && isLanguage(asked) && there.includes(asked)) return asked;
  const wanted = (header ?? '').slice(0, 1000).split(',').map((part) => {
    const [tag = '', ...more] = part.trim().toLowerCase().split(';');
    const weight = Number(more.map((each) => each.trim()).find((each) => each.startsWith('q='))?.slice(2) ?? 1);
    return { language: tag.split('-')[0] as string, weight: Number.isFinite(weight) ? weight : 0 };
  }); // prettier-ignore
  for (const { language, weight } of wanted.toSorted((a, b) => b.weight - a.weight))
    if (weight > 0 && isLanguage(language) && there.includes(language)) return language;
  return there[0] ?? 'en';
} // prettier-ignore

export type Say = (key: MessageKey, values?: Readonly<Record<string, string | number>>) => string;

/** `{count?record:records}` is the one or the other by the number. @throws Error for a message with a word that nothing fills: a claim without a binding */
export const sayIn =
  (language: Language): Say =>
  (key, values = {}) => {
    const message: string = (MESSAGES[language] as Messages)[key];
    // most of them have nothing to be filled, and a page has a hundred
    if (!message.includes('{')) return message;
    return message.replaceAll(/\{(\w+)(?:\?([^:{}]+):([^{}]+))?\}/g, (_all, name: string, one?: string, many?: string) => {
      if (!Object.hasOwn(values, name))
        throw new Error(`the message ${key} claims ${name}, and nothing says what it is`);
      if (one === undefined || many === undefined) return String(values[name]);
      return new Intl.PluralRules(language).select(Number(values[name])) === 'one' ? one : many;
    }); // prettier-ignore
  };

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
