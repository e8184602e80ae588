/** SHA3-256 for browsers, whose WebCrypto has none yet. Source: FIPS 202. Not constant in memory use, constant in time. */
const RATE_BYTES = 136;
const LANES = 25;
const MASK = 0xffff_ffff_ffff_ffffn;

const rotate = (lane: bigint, by: bigint): bigint => ((lane << by) | (lane >> (64n - by))) & MASK;

/** FIPS 202 algorithms 2 and 5: rotation offsets and round constants, computed instead of tabled. */
function constants(): { offsets: bigint[]; rounds: bigint[] } {
  const offsets = Array.from({ length: LANES }, () => 0n);
  for (let t = 0, x = 1, y = 0; t < 24; t += 1) {
    offsets[x + 5 * y] = BigInt((((t + 1) * (t + 2)) / 2) % 64);
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  const rounds: bigint[] = [];
  let lfsr = 1;
  for (let round = 0; round < 24; round += 1) {
    let constant = 0n;
    for (let j = 0; j < 7; j += 1) {
      if ((lfsr & 1) === 1) constant |= 1n << BigInt(2 ** j - 1);
      lfsr = (lfsr << 1) ^ ((lfsr & 0x80) === 0 ? 0 : 0x171);
    }
    rounds.push(constant);
  }
  return { offsets, rounds };
}

/** @returns 32 bytes */
export function sha3of256(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const { offsets, rounds } = constants();
  const padded = new Uint8Array(Math.floor(message.length / RATE_BYTES + 1) * RATE_BYTES);
  padded.set(message);
  padded[message.length] = 0x06;
  padded[padded.length - 1] = (padded.at(-1) as number) | 0x80;

  let state = Array.from({ length: LANES }, () => 0n);
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += RATE_BYTES) {
    for (let lane = 0; lane < RATE_BYTES / 8; lane += 1)
      state[lane] = (state[lane] as bigint) ^ view.getBigUint64(at + lane * 8, true);
    for (const constant of rounds) state = keccakRound(state, offsets, constant);
  }
  const digest = new Uint8Array(32);
  const out = new DataView(digest.buffer);
  for (let lane = 0; lane < 4; lane += 1) out.setBigUint64(lane * 8, state[lane] as bigint, true);
  return digest;
}

/** θ, ρ with π, χ, ι. */
function keccakRound(state: readonly bigint[], offsets: readonly bigint[], constant: bigint): bigint[] {
  const at = (list: readonly bigint[], n: number): bigint => list[n] as bigint;
  const parity = [0, 1, 2, 3, 4].map(
    (x) => at(state, x) ^ at(state, x + 5) ^ at(state, x + 10) ^ at(state, x + 15) ^ at(state, x + 20),
  );
  const moved = Array.from({ length: LANES }, () => 0n);
  for (let x = 0; x < 5; x += 1) {
    const mixed = at(parity, (x + 4) % 5) ^ rotate(at(parity, (x + 1) % 5), 1n);
    for (let y = 0; y < 5; y += 1)
      moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(at(state, x + 5 * y) ^ mixed, at(offsets, x + 5 * y));
  }
  const next = moved.map((lane, n) => {
    const row = n - (n % 5);
    return lane ^ (~at(moved, row + ((n + 1) % 5)) & MASK & at(moved, row + ((n + 2) % 5)));
  });
  next[0] = at(next, 0) ^ constant;
  return next;
}
