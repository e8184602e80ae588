import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { FieldPurpose, Limit } from '../catalog.ts';
import { parseDuration } from '../retention.ts';
import { addPeriod, daysInMonth } from './calendar.ts';
import { consentEvents, CONSENT_WITHDRAWN, fateOf, type Happened } from './due.ts';

const day = (text: string): Date => new Date(`${text}T12:34:56Z`);
const period = (text: string) => parseDuration(text) as NonNullable<ReturnType<typeof parseDuration>>;
const plus = (from: string, duration: string): string =>
  addPeriod(day(from), period(duration)).toISOString().slice(0, 10);

test('months end where they end, years leap, weeks are seven days, and the time of day stays', () => {
  for (const [from, duration, to] of [
    ['2026-01-31', 'P1M', '2026-02-28'],
    ['2028-01-31', 'P1M', '2028-02-29'],
    ['2028-02-29', 'P1Y', '2029-02-28'],
    ['2028-02-29', 'P4Y', '2032-02-29'],
    ['1999-02-28', 'P1Y', '2000-02-28'],
    ['2100-01-31', 'P1M', '2100-02-28'],
    ['2026-12-31', 'P2M', '2027-02-28'],
    ['2026-11-30', 'P1M1D', '2026-12-31'],
    ['2026-10-24', 'P1W', '2026-10-31'],
    ['2026-03-28', 'P1D', '2026-03-29'],
    ['2026-01-01', 'P0D', '2026-01-01'],
    ['0004-02-29', 'P1Y', '0005-02-28'],
    ['0099-12-31', 'P2M', '0100-02-28'],
  ] as const)
    assert.equal(plus(from, duration), to, `${from} ${duration}`);
  assert.equal(
    addPeriod(day('2026-03-28'), period('P1D')).toISOString(),
    '2026-03-29T12:34:56.000Z',
    'no summer time in UTC',
  );
  assert.ok(Number.isFinite(addPeriod(day('2026-01-01'), period('P9999Y9999M9999W')).getTime()));
});

/** The slow twin: month by month, then day by day. */
function slowly(from: Date, { years, months, days }: { years: number; months: number; days: number }): Date {
  let [year, month] = [from.getUTCFullYear(), from.getUTCMonth()];
  for (let n = 0; n < years * 12 + months; n += 1) [year, month] = month === 11 ? [year + 1, 0] : [year, month + 1];
  let at = Date.UTC(
    year,
    month,
    1,
    from.getUTCHours(),
    from.getUTCMinutes(),
    from.getUTCSeconds(),
    from.getUTCMilliseconds(),
  );
  for (let n = 1; n < Math.min(from.getUTCDate(), daysInMonth(year, month)); n += 1) at += 86_400_000;
  for (let n = 0; n < days; n += 1) at += 86_400_000;
  return new Date(at);
}
const instants = fc.date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
const periods = fc.record({ years: fc.nat(60), months: fc.nat(40), days: fc.nat(800) });

test('adding a period is what counting month by month and day by day gives, never goes back, and keeps the order', () => {
  fc.assert(
    fc.property(instants, instants, periods, (a, b, some) => {
      const [first, second] = [a, b].toSorted((x, y) => x.getTime() - y.getTime()) as [Date, Date];
      assert.deepEqual(addPeriod(a, some), slowly(a, some));
      assert.ok(addPeriod(a, some) >= a);
      const [moved, later] = [addPeriod(first, some), addPeriod(second, some)];
      // two days may be cut to the same last day of a month; then the time of day decides
      assert.ok(moved.toISOString().slice(0, 10) <= later.toISOString().slice(0, 10));
    }),
    { numRuns: 300 },
  );
});

const times = { createdAt: day('2020-01-01'), updatedAt: day('2021-01-01') };
const purpose = (id: string, after: string, duration: string, more: Partial<FieldPurpose & { action: 'erase' | 'coarsen' | 'stop-use' }> = {}): FieldPurpose => ({
  id, legalBasis: 'contract', requiresConsent: false, art9: null, until: null, ...more,
  retention: { after, for: duration, period: period(duration), action: more.action ?? 'erase' },
}); // prettier-ignore
const limit = (after: string, duration: string): Limit => ({
  after,
  for: duration,
  period: period(duration),
  law: 'L',
});
const happened = (event: string, at: string, more: Partial<Happened> = {}): Happened => ({ event, purpose: null, at: day(at), state: 'happened', ...more }); // prettier-ignore
const fate = (
  purposes: readonly FieldPurpose[],
  events: readonly Happened[] = [],
  more: { floor?: Limit; ceiling?: Limit; order?: { at: Date; action: 'erase' | 'coarsen' } } = {},
) => {
  const { floor = null, ceiling = null, order } = more;
  const found = fateOf({ purposes, floor, ceiling }, { times, events, order });
  return { ...found, due: found.due?.toISOString().slice(0, 10) ?? null };
};

test('a field is due when its last purpose has ended, and that purpose says what happens', () => {
  const [short, long] = [
    purpose('a', 'record.created', 'P1Y'),
    purpose('b', 'record.created', 'P3Y', { action: 'coarsen' }),
  ];

  assert.deepEqual(fate([short]), { due: '2021-01-01', action: 'erase', awaits: [], ended: [{ purpose: 'a', at: day('2021-01-01') }] }); // prettier-ignore
  assert.deepEqual([fate([short, long]).due, fate([short, long]).action], ['2023-01-01', 'coarsen']); // prettier-ignore
  assert.equal(fate([purpose('a', 'record.created', 'P1Y'), purpose('b', 'record.updated', 'P0D', { action: 'coarsen' })]).action, 'erase'); // prettier-ignore
  assert.deepEqual([fate([purpose('a', 'record.created', 'P1Y', { action: 'stop-use' })]).action], ['none']); // prettier-ignore
});

test('an event that has not happened, or was taken back, gives no date and is named; it is not infinity in silence', () => {
  const field = [purpose('a', 'account.closed', 'P2Y'), purpose('b', 'record.created', 'P1Y')];
  const closed = happened('account.closed', '2022-02-28');

  assert.deepEqual([fate(field).due, fate(field).awaits], [null, ['account.closed']]); // prettier-ignore
  assert.equal(fate(field, [closed]).due, '2024-02-28');
  assert.equal(fate(field, [closed, happened('account.closed', '2022-03-01', { state: 'undone' })]).due, null);
  assert.equal(fate(field, [closed, happened('account.closed', '2022-02-28', { state: 'undone' })]).due, null);
  assert.equal(fate(field, [closed, happened('account.closed', '2022-05-01')]).due, '2024-05-01', 'the newest counts');
});

test('a purpose that stands on consent ends with it, whatever its period; consent is of a purpose and those below', () => {
  const news = purpose('marketing.news', 'account.closed', 'P9Y', { requiresConsent: true });
  const [all, above, other] = [null, 'marketing', 'service'].map((of) => [
    happened(CONSENT_WITHDRAWN, '2022-01-01', { purpose: of }),
  ]);

  assert.equal(fate([news], all).due, '2022-01-01');
  assert.equal(fate([news], above).due, '2022-01-01');
  assert.equal(fate([news], other).due, null);
  const said = (what: 'given' | 'withdrawn', until: number | null = null) =>
    fate(
      [news],
      consentEvents({
        'marketing.news': [what, Date.UTC(2022, 0, 2), until],
        marketing: ['given', Date.UTC(2023, 0, 2), null],
      }),
    ).due;
  assert.equal(said('withdrawn'), '2022-01-02', 'a yes to a wider purpose is none to this one');
  assert.equal(said('given'), null);
  assert.equal(said('given', Date.UTC(2022, 5, 1)), '2022-06-01', 'a yes that ends is a basis that ends');
  const until = consentEvents({ 'marketing.news': ['given', Date.UTC(2022, 0, 2), Date.UTC(2022, 5, 1)] });
  const taken = (at: string) => fate([news], [...until, happened(CONSENT_WITHDRAWN, at, { purpose: 'marketing' })]).due;
  assert.equal(taken('2022-03-01'), '2022-03-01', 'a no does not wait until the yes would have ended');
  assert.equal(taken('2022-01-01'), '2022-06-01', 'a no before the yes is over');
});

test('a floor only lengthens and has the last word, a ceiling only shortens, and an order stands between', () => {
  const field = [purpose('a', 'record.created', 'P2Y')];
  const closed = [happened('account.closed', '2020-06-01')];

  assert.equal(fate(field, closed, { floor: limit('account.closed', 'P10Y') }).due, '2030-06-01');
  assert.equal(fate(field, closed, { floor: limit('account.closed', 'P1D') }).due, '2022-01-01');
  assert.deepEqual([fate(field, [], { floor: limit('account.closed', 'P1D') }).due, fate(field, [], { floor: limit('account.closed', 'P1D') }).awaits], [null, ['account.closed']]); // prettier-ignore
  assert.equal(fate(field, [], { ceiling: limit('record.created', 'P1M') }).due, '2020-02-01');
  assert.equal(fate(field, [], { ceiling: limit('record.created', 'P9Y') }).due, '2022-01-01');
  const stopped = [purpose('a', 'record.created', 'P1Y', { action: 'stop-use' })];
  assert.deepEqual([fate(stopped, [], { ceiling: limit('record.created', 'P9Y') }).due, fate(stopped, [], { ceiling: limit('record.created', 'P9Y') }).action], ['2029-01-01', 'erase'], 'a use that ended takes nothing away before the ceiling'); // prettier-ignore
  const open = [purpose('a', 'account.closed', 'P2Y')];
  assert.deepEqual([fate(open, [], { ceiling: limit('record.created', 'P1Y') }).due, fate(open, [], { ceiling: limit('record.created', 'P1Y') }).awaits], ['2021-01-01', []]); // prettier-ignore
  const both = { floor: limit('record.created', 'P5Y'), ceiling: limit('record.created', 'P1Y') };
  assert.equal(fate(field, [], both).due, '2025-01-01');
  const order = { at: day('2020-03-01'), action: 'erase' as const };
  assert.equal(fate(open, [], { order }).due, '2020-03-01');
  assert.equal(fate(open, [], { order, floor: limit('record.created', 'P5Y') }).due, '2025-01-01');
});

test('whatever the facts: no date before the floor, none after the ceiling, none while a purpose lives without one', () => {
  const some = fc.record({ after: fc.constantFrom('record.created', 'account.closed', 'case.closed'), days: fc.nat(4000), action: fc.constantFrom('erase', 'coarsen', 'stop-use') }); // prettier-ignore
  const limits = fc.option(fc.nat(4000), { nil: undefined });
  fc.assert(
    fc.property(fc.array(some, { minLength: 1, maxLength: 4 }), limits, limits, fc.subarray(['account.closed', 'case.closed']), (all, floor, ceiling, which) => {
      const events = which.map((event) => happened(event, '2021-05-05'));
      const purposes = all.map(({ after, days, action }, n) => purpose(`p${n}`, after, `P${days}D`, { action: action as 'erase' }));
      const of = (days: number | undefined): Limit | null => (days === undefined ? null : limit('record.created', `P${days}D`));
      const found = fateOf({ purposes, floor: of(floor), ceiling: of(ceiling) }, { times, events });
      const at = (days: number): number => times.createdAt.getTime() + days * 86_400_000;
      const waits = all.some(({ after }) => after !== 'record.created' && !which.includes(after));
      if (found.due === null) assert.ok(waits && ceiling === undefined && found.awaits.length > 0);
      else {
        if (floor !== undefined) assert.ok(found.due.getTime() >= at(floor));
        if (ceiling !== undefined) assert.ok(found.due.getTime() <= Math.max(at(ceiling), floor === undefined ? 0 : at(floor)));
        assert.ok(!waits || ceiling !== undefined);
      }
    }),
    { numRuns: 300 },
  ); // prettier-ignore
});
