/**
 * Sigma's strings: `*` is any text, `?` one character, `\` takes the meaning from both and from itself before them
 * (Sigma rules specification 2.1, String Wildcard and Escaping). Patterns match in time of text × pattern at worst.
 */
export const STAR = 0;
export const ANY = 1;
/** Any of the dashes and the slash that Windows command lines take for one another. */
export const DASH = 2;
export type Token = string | typeof STAR | typeof ANY | typeof DASH;
export type Pattern = readonly Token[];

const DASHES = '-/–—―';

export function parsePattern(text: string): Pattern {
  const tokens: Token[] = [];
  let plain = '';
  const special = (token: Token): void => {
    if (plain !== '') tokens.push(plain);
    plain = '';
    if (token !== STAR || tokens.at(-1) !== STAR) tokens.push(token);
  };
  for (let i = 0; i < text.length; i += 1) {
    const unit = text[i] as string;
    if (unit === '\\' && ['*', '?', '\\'].includes(text[i + 1] ?? '')) {
      plain += text[i + 1];
      i += 1;
    } else if (unit === '*') special(STAR);
    else if (unit === '?') special(ANY);
    else plain += unit;
  }
  if (plain !== '') tokens.push(plain);
  return tokens;
}

/** No text has another case that this folding does not join, and it joins unit by unit: a part folded is a part of the whole folded. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  // the one lower case that depends on what stands around it
  return lower.includes('ς') ? lower.replaceAll('ς', 'σ') : lower;
}

export const foldPattern = (pattern: Pattern): Pattern =>
  pattern.map((token) => (typeof token === 'string' ? fold(token) : token));

export const isPlain = (pattern: Pattern): boolean => pattern.every((token) => typeof token === 'string');
export const plainText = (pattern: Pattern): string => pattern.filter((token) => typeof token === 'string').join('');

export function around(pattern: Pattern, where: 'contains' | 'startswith' | 'endswith'): Pattern {
  const tokens = [...pattern];
  if (where !== 'startswith' && tokens[0] !== STAR) tokens.unshift(STAR);
  if (where !== 'endswith' && tokens.at(-1) !== STAR) tokens.push(STAR);
  return tokens;
}

/** A dash that begins a word stands for each of its kin. */
export function withDashes(pattern: Pattern): Pattern {
  return pattern.flatMap((token): Token[] => {
    if (typeof token !== 'string') return [token];
    const out: Token[] = [];
    let plain = '';
    for (let i = 0; i < token.length; i += 1) {
      const unit = token[i] as string;
      if (DASHES.includes(unit) && !isWord(token[i - 1]) && isWord(token[i + 1])) {
        if (plain !== '') out.push(plain);
        plain = '';
        out.push(DASH);
      } else plain += unit;
    }
    return plain === '' ? out : [...out, plain];
  });
}

function isWord(unit: string | undefined): boolean {
  return (
    unit !== undefined && (unit === '_' || (unit >= '0' && unit <= '9') || unit.toLowerCase() !== unit.toUpperCase())
  );
}

/** The longest text that is in everything the pattern matches; '' where there is none. */
export function longestPart(pattern: Pattern): string {
  let longest = '';
  for (const token of pattern) if (typeof token === 'string' && token.length > longest.length) longest = token;
  return longest;
}

/** @returns whether the whole of a text is what the pattern says */
export function compilePattern(pattern: Pattern): (text: string) => boolean {
  const parts = splitAtStars(pattern);
  const [first, last] = [parts[0] ?? [], parts.at(-1) ?? []];
  if (parts.every((part) => part.every((token) => typeof token === 'string')))
    return ofLiterals(parts.map((part) => part.join('')));
  if (parts.length === 1) {
    const units = unitsOf(first);
    return (text) => {
      const points = Array.from(text);
      return points.length === units.length && standsAt(points, 0, units);
    };
  }
  const [head, tail, middle] = [unitsOf(first), unitsOf(last), parts.slice(1, -1).map(unitsOf)];
  return (text) => {
    const points = Array.from(text);
    const end = points.length - tail.length;
    if (end < head.length || !standsAt(points, 0, head) || !standsAt(points, end, tail)) return false;
    let at = head.length;
    for (const part of middle) {
      while (at + part.length <= end && !standsAt(points, at, part)) at += 1;
      if (at + part.length > end) return false;
      at += part.length;
    }
    return true;
  };
}

function splitAtStars(pattern: Pattern): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of pattern) {
    if (token === STAR) parts.push([]);
    else (parts.at(-1) as Token[]).push(token);
  }
  return parts;
}

/** The parts between the stars, of literal text only: nearly every pattern of nearly every rule. */
function ofLiterals(parts: readonly string[]): (text: string) => boolean {
  const [head = '', ...rest] = parts;
  if (rest.length === 0) return (text) => text === head;
  const tail = rest.pop() as string;
  if (head === '' && tail === '' && rest.length === 1) {
    const part = rest[0] as string;
    return (text) => text.includes(part);
  }
  return (text) => {
    const end = text.length - tail.length;
    if (end < head.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
    let at = head.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found === -1 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

type Unit = string | typeof ANY | typeof DASH;

const unitsOf = (part: readonly Token[]): Unit[] =>
  part.flatMap((token): Unit[] => (typeof token === 'string' ? Array.from(token) : [token as Unit]));

function standsAt(points: readonly string[], at: number, units: readonly Unit[]): boolean {
  for (let i = 0; i < units.length; i += 1) {
    const [unit, point] = [units[i], points[at + i]];
    if (point === undefined) return false;
    if (unit === DASH ? !DASHES.includes(point) : unit !== ANY && unit !== point) return false;
  }
  return true;
}
