/** Of candidates at the same place, the surest; then the longest; then the first type. */
import { DETECTED_TYPES, type DetectedType } from '../finding.ts';
import type { Candidate } from './page.ts';

/** Sorts in place; few candidates overlap, so this is linear but for the sort of those of one part. */
export function withoutOverlaps(found: Candidate[]): Candidate[] {
  if (found.length < 2) return found;
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Candidate[] = [];
  for (const one of found) {
    // what it beats lies at the end, for kept ones do not overlap each other
    let wins = true;
    let first = kept.length;
    while (first > 0 && (kept[first - 1] as Candidate).end > one.start) {
      if (!beats(one, kept[first - 1] as Candidate)) wins = false;
      first -= 1;
    }
    if (!wins) continue;
    kept.length = first;
    kept.push(one);
  }
  return kept;
}

function beats(one: Candidate, other: Candidate): boolean {
  if (one.confidence !== other.confidence) return one.confidence > other.confidence;
  const [size, otherSize] = [one.end - one.start, other.end - other.start];
  return size === otherSize ? rank(one.type) < rank(other.type) : size > otherSize;
}

const rank = (type: DetectedType): number => DETECTED_TYPES.indexOf(type);
