/** What a setting is, and the kinds of value that many of them have. */
import { accept, reject, type Parsed } from './parsed.ts';

export type Setting<T> = Readonly<{
  env: string;
  says: string;
  parse: (text: string) => Parsed<T>;
  fallback: (read: { home: string }) => T;
}>;

export const text = (raw: string): Parsed<string> =>
  raw.trim() === '' ? reject('a non-empty text') : accept(raw.trim());

export const whole =
  (least: number, most: number) =>
  (raw: string): Parsed<number> => {
    const value = Number(raw);
    return /^\d{1,12}$/.test(raw.trim()) && value >= least && value <= most
      ? accept(value)
      : reject(`a whole number from ${least} to ${most}`);
  };

export const oneOf =
  <const T extends readonly string[]>(...choices: T) =>
  (raw: string): Parsed<T[number]> =>
    choices.includes(raw.trim()) ? accept(raw.trim()) : reject(`one of ${choices.join(', ')}`);

export const setting = <T>(
  env: string,
  says: string,
  parse: (raw: string) => Parsed<T>,
  fallback: (read: { home: string }) => T,
): Setting<T> => ({ env, says, parse, fallback });
