/**
 * What is usual: the median of the last values and how far they lie from it (MAD), both exact over a ring of at most
 * `most` values; half of them must be wrong before the measure is. EWMA for what needs one figure only.
 */
export type Usual = Readonly<{ median: number; mad: number; values: number }>;

/** A normal distribution's standard deviation over its MAD: 1 / Φ⁻¹(3/4). */
const NORMAL = 1.4826;

export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

export function usualOf(values: readonly number[]): Usual {
  const median = medianOf(values);
  return { median, mad: medianOf(values.map((value) => Math.abs(value - median))), values: values.length };
}

/**
 * What scatters by itself: never less than counting does (Poisson: √median), as five equal days are no proof that the
 * sixth must be the same.
 */
export const scatterOf = ({ median, mad }: Usual): number => Math.max(NORMAL * mad, Math.sqrt(Math.max(1, median)));

export const limitOf = (usual: Usual, sigmas: number, ratio: number): number =>
  Math.max(usual.median + sigmas * scatterOf(usual), usual.median * ratio);

/** Puts a value into a ring made of an array: the oldest goes when there are more than `most`. */
export function remember(ring: number[], value: number, most: number): void {
  ring.push(value);
  if (ring.length > most) ring.splice(0, ring.length - most);
}

/** @param weight   of the new value; 0.1 forgets half in about seven values */
export const ewma = (held: number | undefined, value: number, weight = 0.1): number =>
  held === undefined ? value : held + weight * (value - held);
