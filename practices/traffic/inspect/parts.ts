/**
 * What an engine is given: texts of bounded length, and where each came from. A request's values are decoded as receivers
 * do, and cut into overlapping pieces, since libddwaf looks at no more than the first 4,096 bytes of a text.
 */
import type { Place } from './signatures.ts';

/** One value of a request that its schema leaves free. `name` is the parameter's or field's. */
export type Part = Readonly<{ place: Place; name: string; value: string }>;
export type Piece = Readonly<{ place: Place; name: string; text: string }>;

export const LIMITS = {
  /** UTF-16 code units: three bytes of UTF-8 each at most, so that a piece stays below 4,096 bytes. */
  piece: 1_360,
  /** No signature reaches further than this. */
  overlap: 400,
  parts: 2_000,
  /** Code units of one request, all parts together. */
  characters: 512 * 1024,
  pieces: 4_000,
} as const;

export type Cut = Readonly<{ pieces: readonly Piece[] } | { tooMuch: string }>;

export function piecesOf(parts: readonly Part[]): Cut {
  if (parts.length > LIMITS.parts) return { tooMuch: `${parts.length} values, at most ${LIMITS.parts} are looked at` };
  const characters = parts.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  if (characters > LIMITS.characters)
    return { tooMuch: `${characters} characters, at most ${LIMITS.characters} are looked at` };
  const pieces: Piece[] = [];
  for (const { place, name, value } of parts) {
    // names of parameters are the sender's too: user[$ne]=1
    const texts =
      place === 'text' ? [value] : [...forms(value), ...(place === 'query' && !isPlain(name) ? forms(name) : [])];
    for (const text of texts)
      for (let from = 0; from === 0 || from + LIMITS.overlap < text.length; from += LIMITS.piece - LIMITS.overlap) {
        pieces.push({ place, name, text: text.slice(from, from + LIMITS.piece) });
        if (pieces.length > LIMITS.pieces) return { tooMuch: `more than ${LIMITS.pieces} pieces` };
      }
  }
  return { pieces };
}

/** INVARIANT: no signature matches so few letters and digits; a test asks the engines themselves. */
export const isPlain = (text: string): boolean => /^[A-Za-z0-9-]{1,10}$/.test(text);

/** As it came, percent-decoded once and twice, and what base64 holds where that is text: each once. */
function forms(value: string): readonly string[] {
  const out = new Set([value]);
  let decoded = value;
  for (let times = 0; times < 2; times++) {
    decoded = percentDecoded(decoded);
    out.add(decoded);
  }
  for (const each of out) {
    const held = base64Text(each);
    if (held !== null) out.add(held);
  }
  return [...out];
}

/** What cannot be decoded stays: a malformed byte must not hide the rest. A plus is a plus: whoever read the query knows. */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  return text
    .replaceAll(/%u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** Short ones are words: `password` is base64 too. */
function base64Text(text: string): string | null {
  if (text.length < 16 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null;
  const held = Buffer.from(text, 'base64').toString('utf8');
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(held) ? null : held;
}
