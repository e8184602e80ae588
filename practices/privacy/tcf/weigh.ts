/**
 * Walks a TC string bit by bit before a library builds anything from it: a few hundred characters can name every vendor
 * there could be some hundred times over, or end in the middle of a number. What passes is whole, in order, and small.
 * Source: IAB Tech Lab, "Transparency and Consent String" v2.3, "TC String Format"
 */
const MOST_CHARS = 8192;
/** Ids named by restrictions of the publisher, over all; a vector alone has at most 65,535. */
const MOST_RESTRICTED = 100_000;
const ALPHABET = new Map(
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map((letter, at) => [letter, at]),
);
/** Version to PublisherCC, without what follows: vectors of vendors and restrictions. */
const CORE_BITS = 213;
const PUBLISHER_PURPOSES = 24;

/** What is wrong with a string, in words that repeat nothing of it. */
export class Malformed extends Error {}

type Bits = { take: (count: number) => number; skip: (count: number) => void; end: () => void };

function bitsOf(segment: string): Bits {
  const values = Uint8Array.from(segment, (letter) => ALPHABET.get(letter) ?? 64);
  if (values.includes(64)) throw new Malformed('a character that base64url does not have');
  let at = 0;
  const bit = (): number => {
    if (at >= values.length * 6) throw new Malformed('it ends too early: it was cut off');
    const value = ((values[Math.floor(at / 6)] as number) >> (5 - (at % 6))) & 1;
    at += 1;
    return value;
  };
  return {
    take: (count) => {
      let value = 0;
      for (let n = 0; n < count; n += 1) value = value * 2 + bit();
      return value;
    },
    skip: (count) => {
      at += count;
      if (at > values.length * 6) throw new Malformed('it ends too early: it was cut off');
    },
    // some pad to whole bytes, others to four letters
    end: () => {
      while (at < values.length * 6) if (bit() === 1) throw new Malformed('something follows its end');
    },
  };
}

/** Ranges in order, so that no id is named twice. @returns how many ids they name */
function ranges(bits: Bits, most: number): number {
  let [count, last] = [0, 0];
  for (let left = bits.take(12); left > 0; left -= 1) {
    const isRange = bits.take(1) === 1;
    const from = bits.take(16);
    const to = isRange ? bits.take(16) : from;
    if (from <= last || to < from || to > most) throw new Malformed('its ranges of vendors are not in order');
    last = to;
    count += to - from + 1;
  }
  return count;
}

function vendors(bits: Bits): void {
  const most = bits.take(16);
  if (bits.take(1) === 1) ranges(bits, most);
  else bits.skip(most);
}

function restrictions(bits: Bits): void {
  const seen = new Set<number>();
  let count = 0;
  for (let left = bits.take(12); left > 0; left -= 1) {
    const which = bits.take(8);
    // 3 is "undefined" there
    if (seen.has(which) || which >> 2 === 0 || (which & 3) === 3)
      throw new Malformed('a restriction that says nothing');
    seen.add(which);
    count += ranges(bits, 65_535);
    if (count > MOST_RESTRICTED) throw new Malformed('more restrictions than anybody has vendors for');
  }
}

/** @returns which segments follow the core @throws Malformed */
export function weigh(text: string): ReadonlySet<'disclosed' | 'allowed' | 'publisher'> {
  if (text.length > MOST_CHARS) throw new Malformed(`longer than ${MOST_CHARS} characters`);
  const [core = '', ...more] = text.split('.');
  const bits = bitsOf(core);
  const version = bits.take(6);
  if (version !== 2) throw new Malformed(`version ${version} of the format, which is not 2`);
  bits.skip(CORE_BITS - 6);
  vendors(bits);
  vendors(bits);
  restrictions(bits);
  bits.end();
  const found = new Set<'disclosed' | 'allowed' | 'publisher'>();
  for (const segment of more) {
    const inside = bitsOf(segment);
    const name = ([null, 'disclosed', 'allowed', 'publisher'] as const)[inside.take(3)] ?? null;
    if (name === null || found.has(name)) throw new Malformed('a segment twice, or of no known kind');
    found.add(name);
    if (name === 'publisher') {
      inside.skip(PUBLISHER_PURPOSES * 2);
      inside.skip(inside.take(6) * 2);
    } else vendors(inside);
    inside.end();
  }
  return found;
}
