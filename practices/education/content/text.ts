/** A file's text before anything is read out of it: bounded, and without characters that show as something else. */
import { createHash } from 'node:crypto';

import type { Report } from './fault.ts';

/** In UTF-16 code units. The longest starter has a tenth of it. */
export const MOST_CHARACTERS = 256 * 1024;
const MOST_LINES = 5000;
const LONGEST_LINE = 4000;

/** Overrides of direction make a text read as what it is not; the others are seen by nobody. */
const isHidden = (code: number): boolean =>
  (code < 0x20 && code !== 0x0a) ||
  (code >= 0x7f && code <= 0x9f) ||
  (code >= 0x200b && code <= 0x200f) ||
  (code >= 0x202a && code <= 0x202e) ||
  (code >= 0x2060 && code <= 0x206f) ||
  code === 0xfeff;

/** @returns the text with line ends as `\n`; null when it is refused */
export function checkText(source: string, report: Report): string | null {
  if (source.length > MOST_CHARACTERS) {
    report(1, `the file has ${source.length} characters`, `at most ${MOST_CHARACTERS} are read: split it`);
    return null;
  }
  if (!source.isWellFormed()) {
    report(1, 'the file has half of a surrogate pair', 'save it as UTF-8 text');
    return null;
  }
  const text = source.replaceAll('\r\n', '\n');
  const lines = text.split('\n');
  if (lines.length > MOST_LINES) {
    report(MOST_LINES, `the file has ${lines.length} lines`, `at most ${MOST_LINES} are read: split it`);
    return null;
  }
  let fine = true;
  lines.forEach((line, at) => {
    const hidden = [...line].find((each) => isHidden(each.codePointAt(0) as number));
    if (line.length > LONGEST_LINE) report(at + 1, `a line of ${line.length} characters`, `at most ${LONGEST_LINE}`);
    else if (hidden !== undefined)
      report(at + 1, `a character that nobody sees (U+${(hidden.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')})`, 'remove it; indent with spaces'); // prettier-ignore
    else return;
    fine = false;
  });
  return fine ? text : null;
}

/** The version of a text is its hash: what somebody passed or signed is this very text. SHA-256, base64url. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
