/**
 * Additional data without ambiguity: for each part u16 big-endian length ‖ bytes (docs/formats/sealed-field.md).
 *
 * Joining with a delimiter would let ("a|b", "c") and ("a", "b|c") authenticate each other.
 */
export const MAX_PART_BYTES = 65_535;

/**
 * @param parts text is encoded as UTF-8; each at most 65,535 bytes
 * @throws RangeError for a longer part: callers bound their parts long before
 */
export function lengthPrefixed(...parts: readonly (Uint8Array | string)[]): Buffer {
  let total = 0;
  for (const part of parts) {
    const size = typeof part === 'string' ? Buffer.byteLength(part, 'utf8') : part.byteLength;
    if (size > MAX_PART_BYTES) throw new RangeError(`a part has ${size} bytes, at most ${MAX_PART_BYTES} fit`);
    total += 2 + size;
  }

  const out = Buffer.allocUnsafe(total);
  let at = 0;
  for (const part of parts) {
    let size: number;
    if (typeof part === 'string') {
      size = out.write(part, at + 2, 'utf8');
    } else {
      size = part.byteLength;
      out.set(part, at + 2);
    }
    out[at] = size >> 8;
    out[at + 1] = size & 0xff;
    at += 2 + size;
  }
  return out;
}
