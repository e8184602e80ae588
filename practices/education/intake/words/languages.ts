/** The languages of the pages for reports without a name: those of the privacy center. */
import { fillWords, readsLanguage } from '#platform/http';

import { de } from './de.ts';
import { en, type MessageKey, type Messages } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';

export type { MessageKey } from './en.ts';
export const MESSAGES = { en, de, fr, es } as const satisfies Record<string, Messages>;
export type Language = keyof typeof MESSAGES;
export const LANGUAGES = Object.keys(MESSAGES) as readonly Language[];

/** @param asked by the address */
export const languageFor = (header: string | undefined, asked: string | undefined): Language =>
  LANGUAGES.find((each) => each === asked) ?? readsLanguage(header, LANGUAGES) ?? 'en';

export type Say = (key: MessageKey, values?: Readonly<Record<string, string | number>>) => string;
export const sayIn =
  (language: Language): Say =>
  (key, values = {}) =>
    fillWords((MESSAGES[language] as Messages)[key], values, { language, key });
