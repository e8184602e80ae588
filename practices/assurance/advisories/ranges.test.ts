import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';
import { compare, gte, lt } from 'semver';

import { fixedAbove, isAffected, type Hit } from './ranges.ts';
import type { AffectedPackage, RangeEvent } from './record.ts';

const events = (...pairs: readonly (readonly [RangeEvent['at'], string])[]): readonly RangeEvent[] =>
  pairs.map(([at, version]) => ({ at, version }));
const npm = (of: readonly RangeEvent[], more: Partial<AffectedPackage> = {}): AffectedPackage => ({
  ecosystem: 'npm',
  name: 'x',
  ranges: [{ type: 'SEMVER', events: of }],
  versions: [],
  ...more,
});
const hits = (affected: AffectedPackage, versions: readonly string[]): readonly Hit[] =>
  versions.map((version) => isAffected(version, affected));

test('from the beginning until it is fixed; the fix itself is not affected', () => {
  const until2 = npm(events(['introduced', '0'], ['fixed', '2.0.0']));

  assert.deepEqual(hits(until2, ['0.0.0-alpha', '0.0.1', '1.9.9', '2.0.0', '2.0.1']), [
    'yes',
    'yes',
    'yes',
    'no',
    'no',
  ]);
});

test('a release candidate stands before its release, on both ends', () => {
  const range = npm(events(['introduced', '1.0.0'], ['fixed', '2.0.0']));

  assert.deepEqual(hits(range, ['1.0.0-rc.1', '1.0.0', '2.0.0-rc.1', '2.0.0-0', '2.0.0']), ['no', 'yes', 'yes', 'yes', 'no']); // prettier-ignore
  const fromCandidate = npm(events(['introduced', '1.0.0-rc.2'], ['fixed', '1.0.0-rc.10']));
  assert.deepEqual(hits(fromCandidate, ['1.0.0-rc.1', '1.0.0-rc.2', '1.0.0-rc.9', '1.0.0-rc.10', '1.0.0']), ['no', 'yes', 'yes', 'no', 'no']); // prettier-ignore
});

test('what stands behind a plus does not count', () => {
  const range = npm(events(['introduced', '1.0.0'], ['fixed', '1.0.1+build.7']));

  assert.deepEqual(hits(range, ['1.0.0+a', '1.0.1', '1.0.1+other']), ['yes', 'no', 'no']);
});

test('last_affected is affected itself, also where it is the only one', () => {
  const range = npm(events(['introduced', '1.0.0'], ['last_affected', '1.2.0']));

  assert.deepEqual(hits(range, ['1.2.0', '1.2.1-rc.1', '1.2.1']), ['yes', 'no', 'no']);
  const only = npm(events(['introduced', '1.2.0'], ['last_affected', '1.2.0']));
  assert.deepEqual(hits(only, ['1.1.0', '1.2.0', '1.2.1']), ['no', 'yes', 'no']);
});

test('of one version, the order in which events are written does not count', () => {
  const only = npm(events(['last_affected', '1.2.0'], ['introduced', '1.2.0']));
  assert.deepEqual(hits(only, ['1.1.0', '1.2.0', '1.2.1']), ['no', 'yes', 'no']);
  const again = npm(events(['introduced', '2.0.0'], ['fixed', '2.0.0'], ['introduced', '1.0.0']));
  assert.deepEqual(hits(again, ['1.5.0', '2.0.0', '9.0.0']), ['yes', 'yes', 'yes']);
});

test('several stretches in one range, in whatever order they are written', () => {
  const written = events(['fixed', '3.1.0'], ['introduced', '3.0.0'], ['fixed', '1.2.0'], ['introduced', '1.0.0']);

  assert.deepEqual(hits(npm(written), ['0.9.0', '1.1.0', '1.2.0', '2.0.0', '3.0.0', '3.1.0']), ['no', 'yes', 'no', 'no', 'yes', 'no']); // prettier-ignore
});

test('introduced again where it was fixed is introduced', () => {
  const range = npm(events(['introduced', '1.0.0'], ['fixed', '2.0.0'], ['introduced', '2.0.0']));

  assert.deepEqual(hits(range, ['1.5.0', '2.0.0', '9.0.0']), ['yes', 'yes', 'yes']);
});

test('a limit ends what is looked at; a star is no limit', () => {
  assert.deepEqual(hits(npm(events(['introduced', '0'], ['limit', '2.0.0'])), ['1.0.0', '2.0.0']), ['yes', 'no']);
  assert.deepEqual(hits(npm(events(['introduced', '0'], ['limit', '*'])), ['1.0.0', '2.0.0']), ['yes', 'yes']);
});

test('a version of the list is affected, whatever the ranges say; no range and no list is nothing', () => {
  const listed = npm(events(['introduced', '5.0.0']), { versions: ['1.0.0', 'v-odd'] });

  assert.deepEqual(hits(listed, ['1.0.0', 'v-odd', '1.0.1']), ['yes', 'yes', 'no']);
  assert.equal(isAffected('1.0.0', npm([], { ranges: [] })), 'no');
  assert.equal(isAffected('1.0.0', npm([])), 'no');
});

test('what has no order here is unclear, and never passed over', () => {
  const range = npm(events(['introduced', '0'], ['fixed', '2.0.0']));

  for (const version of ['', 'git+ssh://host/x', '1.2', 'latest', 'v'.repeat(300)]) assert.equal(isAffected(version, range), 'unclear', version); // prettier-ignore
  assert.equal(isAffected('1.0.0', npm(events(['introduced', '0'], ['fixed', 'soon']))), 'unclear');
  const debian: AffectedPackage = { ecosystem: 'Debian:12', name: 'x', ranges: [{ type: 'ECOSYSTEM', events: events(['introduced', '0'], ['fixed', '1:2.0-1']) }], versions: [] }; // prettier-ignore
  assert.equal(isAffected('1.0-1', debian), 'unclear');
  assert.equal(isAffected('1.0-1', { ...debian, versions: ['1.0-1'] }), 'yes');
  assert.equal(isAffected('1.0.0', { ...npm(range.ranges[0]?.events ?? []), ranges: [{ type: 'ECOSYSTEM', events: events(['introduced', '0']) }] }), 'yes'); // prettier-ignore
});

test('what mends it: above this version, in order, each once', () => {
  const packages = [
    npm(events(['introduced', '1.0.0'], ['fixed', '1.2.0'], ['introduced', '2.0.0'], ['fixed', '2.10.0'])),
    npm(events(['introduced', '2.0.0'], ['fixed', '2.9.0'], ['fixed', '2.10.0'])),
  ];

  assert.deepEqual(fixedAbove('2.1.0', packages), ['2.9.0', '2.10.0']);
  assert.deepEqual(fixedAbove('0.1.0', packages), ['1.2.0', '2.9.0', '2.10.0']);
  assert.deepEqual(fixedAbove('3.0.0', packages), []);
});

test('a range is what it is by a slow count, version by version', () => {
  const version = fc
    .tuple(fc.nat(3), fc.nat(3), fc.constantFrom('', '-rc.1', '-rc.2'))
    .map(([a, b, c]) => `${a}.${b}.0${c}`);
  fc.assert(
    fc.property(
      fc.uniqueArray(version, { minLength: 2, maxLength: 6, comparator: (one, other) => compare(one, other) === 0 }),
      version,
      (bounds, at) => {
        // prettier-ignore
        const ordered = bounds.toSorted(compare);
        const stretches = ordered.flatMap((each, n) => (n % 2 === 0 ? [[each, ordered[n + 1]] as const] : []));
        const written = stretches.flatMap(([from, to]) => events(['introduced', from], ...(to === undefined ? [] : [['fixed', to] as const]))); // prettier-ignore
        const slow = stretches.some(([from, to]) => gte(at, from) && (to === undefined || lt(at, to)));
        assert.equal(isAffected(at, npm(written.toReversed())), slow ? 'yes' : 'no');
      },
    ),
  );
});
