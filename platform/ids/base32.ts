/**
 * Crockford base32, lower case, fixed length, canonical: exactly one text for each byte string.
 * Source: https://www.crockford.com/base32.html (decoding here is strict: no aliases for i, l, o, no hyphens).
 */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const VALUES: ReadonlyMap<string, number> = new Map([...ALPHABET].map((letter, value) => [letter, value]));

/** @returns ceil(bytes.length * 8 / 5) characters; the spare low bits of the last one are zero */
export function toBase32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

/** @returns the bytes, or null when the text is not the one spelling of `sizeBytes` bytes */
export function fromBase32(text: string, sizeBytes: number): Uint8Array | null {
  if (text.length !== Math.ceil((sizeBytes * 8) / 5)) return null;
  const bytes = new Uint8Array(sizeBytes);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) return null;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  // the spare bits must be zero, or two texts would name one id
  return (held & ((1 << bits) - 1)) === 0 ? bytes : null;
}
