/**
 * Whether a field may have a blind index, and of how many bits: measured on a sample of its values.
 *
 * An index of few or skewed values can be read by counting its entries (practices/vault.md §5), so it is refused. A
 * bucket index is sized so that a query hits at least 2 rows (no entry stands for one person) and at most √N (little
 * is opened in vain).
 */
export const CARDINALITY_MIN = 100;
export const COMMONEST_SHARE_MAX = 0.05;

export type IndexPlan =
  | Readonly<{ advice: 'refuse'; because: 'too-few-values' | 'one-value-too-common' | 'sample-too-small' }>
  | Readonly<{ advice: 'exact'; because: 'unique' }>
  | Readonly<{ advice: 'bucket'; bits: number; /** Rows a query is expected to hit. */ hits: number }>;

/**
 * @param counts how often each distinct value occurs in the sample
 * @param rows rows the index will have, at least as many as sampled
 */
export function planIndex(counts: readonly number[], rows: number): IndexPlan {
  const sampled = counts.reduce((sum, count) => sum + count, 0);
  if (sampled === 0) return { advice: 'refuse', because: 'sample-too-small' };
  const commonest = counts.reduce((most, count) => Math.max(most, count), 0);
  if (counts.length < CARDINALITY_MIN) {
    return { advice: 'refuse', because: sampled < CARDINALITY_MIN ? 'sample-too-small' : 'too-few-values' };
  }
  if (commonest > sampled * COMMONEST_SHARE_MAX) return { advice: 'refuse', because: 'one-value-too-common' };
  if (commonest === 1) return { advice: 'exact', because: 'unique' };
  const least = Math.ceil(Math.log2(Math.sqrt(rows)));
  const most = Math.floor(Math.log2(rows / 2));
  // the middle of the allowed range on a logarithmic scale, towards fewer bits: fewer leak less
  const bits = Math.max(4, Math.min(32, Math.floor((least + most) / 2)));
  return { advice: 'bucket', bits, hits: rows / 2 ** bits };
}
