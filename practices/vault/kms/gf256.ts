/**
 * Arithmetic in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, the field of AES (FIPS 197 §4).
 *
 * Without tables and without branches on what is computed with: neither cache nor time depends on a share's bytes.
 */

export function multiply(a: number, b: number): number {
  let [product, factor, rest] = [0, a, b];
  for (let bit = 0; bit < 8; bit++) {
    product ^= -(rest & 1) & factor;
    factor = ((factor << 1) ^ (-(factor >> 7) & 0x11b)) & 0xff;
    rest >>= 1;
  }
  return product;
}

/** a^254, which is 1/a; 0 for 0. */
export function invert(a: number): number {
  // 254 = 0b11111110: square and multiply with a fixed chain
  let power = multiply(a, a);
  let result = power;
  for (let bit = 2; bit < 8; bit++) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}
