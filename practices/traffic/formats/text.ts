/**
 * Text that somebody else wrote, made fit to store and to show: what moves a cursor, hides or turns round its neighbours
 * becomes visible, and PostgreSQL's two refusals (U+0000, half a surrogate pair) never reach it.
 */

/** C0, DEL, C1, direction marks and overrides, zero-width characters, line separators, BOM. */
const UNSAFE = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;
/** Most text is ASCII that prints: nothing else need be asked of it. */
const BEYOND_ASCII = /[^\x20-\x7e]/;
const EACH_UNSAFE = new RegExp(UNSAFE.source, 'gu');

export const MOST_TEXT = 2048;

/**
 * @param most characters (UTF-16 units) that stay
 * @returns the text with `\x1b` and `\u202e` in place of what does not print
 */
export function plain(text: string, most = MOST_TEXT): string {
  const cut = text.length > most ? text.slice(0, most) : text;
  if (!BEYOND_ASCII.test(cut)) return cut;
  if (!UNSAFE.test(cut) && cut.isWellFormed()) return cut;
  return cut.toWellFormed().replace(EACH_UNSAFE, visible);
}

/** Whether `plain` would leave it as it is, whatever its length. */
export const isPlain = (text: string): boolean =>
  !BEYOND_ASCII.test(text) || (!UNSAFE.test(text) && text.isWellFormed());

function visible(character: string): string {
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The last millisecond of the year 9999: what every store and every Date can hold. */
const LAST_TIME = 253_402_300_799_999;

/** A source's own time stays, however strange, unless nothing can hold it. */
export function keepableTime(ms: number, otherwise: number): number {
  if (!Number.isFinite(ms)) return otherwise;
  return Math.min(LAST_TIME, Math.max(0, Math.trunc(ms)));
}
