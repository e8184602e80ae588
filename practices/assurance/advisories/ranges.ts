/**
 * Whether a version is affected. Source: OSV Schema, "Evaluation".
 *
 * A release candidate stands before its release: `fixed: 2.0.0` leaves `2.0.0-rc.1` affected, and `introduced: 2.0.0` does
 * not reach it. What stands behind `+` does not count. `0` stands before everything, also before `0.0.0-alpha`.
 */
import type { SemVer } from 'semver';
import compareBuild from 'semver/functions/compare-build.js';
import parse from 'semver/functions/parse.js';

import type { AffectedPackage, Range, RangeEvent } from './record.ts';

/** `unclear`: the version, or one of the record's, is of an order that is not known here: somebody has to look. */
export type Hit = 'yes' | 'no' | 'unclear';

/** Ecosystems whose versions are ordered as SemVer orders them. */
const SEMVER_ORDERED = new Set(['npm', 'go', 'crates.io', 'hex', 'pub', 'swifturl']);

export function isAffected(version: string, { ecosystem, ranges, versions }: AffectedPackage): Hit {
  if (versions.includes(version)) return 'yes';
  const hits = ranges.map((range) => isInRange(version, range, ecosystem));
  if (hits.includes('yes')) return 'yes';
  return hits.includes('unclear') ? 'unclear' : 'no';
}

function isInRange(version: string, { type, events }: Range, ecosystem: string): Hit {
  const isOrdered = type === 'SEMVER' || SEMVER_ORDERED.has((ecosystem.split(':')[0] ?? '').toLowerCase());
  const at = isOrdered ? orderOf(version) : null;
  if (at === null) return 'unclear';
  const placed = events.map((event) => ({ ...event, order: boundOf(event) }));
  if (placed.some(({ order }) => order === null)) return 'unclear';
  const limits = placed.filter((event) => event.at === 'limit');
  if (limits.length > 0 && !limits.some(({ order }) => compare(at, order) < 0)) return 'no';
  const affected = placed
    .filter((event) => event.at !== 'limit')
    .toSorted((one, other) => compare(one.order, other.order) || rankOf(one) - rankOf(other))
    .reduce((affected, event) => {
      const reached = compare(at, event.order);
      if (event.at === 'introduced') return reached >= 0 ? true : affected;
      if (event.at === 'fixed') return reached >= 0 ? false : affected;
      return reached > 0 ? false : affected;
    }, false);
  return affected ? 'yes' : 'no';
}

/** Of one version: what is fixed there, is before what begins there; what was affected there last, is after it. */
const rankOf = ({ at }: RangeEvent): number => ['fixed', 'introduced', 'last_affected'].indexOf(at);

type Order = SemVer | 'before all' | 'after all';

const boundOf = ({ at, version }: RangeEvent): Order | null => {
  if (at === 'introduced' && version === '0') return 'before all';
  if (at === 'limit' && version === '*') return 'after all';
  return orderOf(version);
};

/** Not loose: `v1.2` and `1.2` are no versions of npm, and are not guessed at. */
const orderOf = (version: string): SemVer | null => (version.length > 256 ? null : parse(version));

function compare(one: Order | null, other: Order | null): number {
  const rank = (order: Order | null): number => (order === 'before all' ? -1 : order === 'after all' ? 1 : 0);
  if (rank(one) !== rank(other)) return rank(one) - rank(other);
  if (typeof one === 'string' || typeof other === 'string' || one === null || other === null) return 0;
  return one.compare(other);
}

/** Versions that mend it, above this one, in order. */
export function fixedAbove(version: string, packages: readonly AffectedPackage[]): readonly string[] {
  const at = orderOf(version);
  const fixed = packages
    .flatMap(({ ranges }) => ranges)
    .flatMap(({ events }) => events.filter((event) => event.at === 'fixed').map((event) => event.version));
  const ordered = [...new Set(fixed)].flatMap((each) => orderOf(each) ?? []);
  // without an order of the version's own they are all told, as they stand
  if (at === null) return [...new Set(fixed)];
  return ordered
    .filter((each) => each.compare(at) > 0)
    .toSorted(compareBuild)
    .map((each) => each.version);
}
