/** Text on its way from and to a person's terminal. */
import { readFileSync } from 'node:fs';

/** A stored value may hold escape sequences: a terminal shows them, it does not obey them. */
export const harmless = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (letter) => `\\u{${(letter.codePointAt(0) as number).toString(16)}}`);

/** The same of a text of several lines, which stay lines. */
export const harmlessLines = (text: string): string => text.split('\n').map(harmless).join('\n');

/** A value that is `-` is read from standard input, so that it need not be in the shell's history. */
export const fromInput = (text: string): string => (text === '-' ? readFileSync(0, 'utf8').trimEnd() : text);
