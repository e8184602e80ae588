/** A file's text before anything is read out of it: bounded, and without characters that show as something else. */
import { createHash } from 'node:crypto';

import type { Report } from './fault.ts';

/** In UTF-16 code units. The longest starter has a tenth of it. */
export const MOST_CHARACTERS = 256 * 1024;
const MOST_LINES = 5000;
const LONGEST_LINE = 4000;

/** Overrides of direction make a text read as what it is not; the others are seen by nobody. */
const HIDDEN = /[^\P{Cc}\n]|[\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\ufff9-\ufffb]/u;

/** @returns the first such character, as `U+202E`; null when there is none */
export function hiddenIn(text: string): string | null {
  const [found] = HIDDEN.exec(text) ?? [];
  return found === undefined
    ? null
    : `U+${(found.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
}

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
    const hidden = hiddenIn(line);
    if (line.length > LONGEST_LINE) report(at + 1, `a line of ${line.length} characters`, `at most ${LONGEST_LINE}`);
    else if (hidden !== null)
      report(at + 1, `a character that nobody sees (${hidden})`, 'remove it; indent with spaces');
    else return;
    fine = false;
  });
  return fine ? text : null;
}

/** The version of a text is its hash: what somebody passed or signed is this very text. SHA-256, base64url. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
