import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createDetector } from '../detect/detector.ts';
import { createTextTally } from '../scan/text-tally.ts';
import { examineTable } from '../scan/examine-table.ts';
import type { TableReport } from '../scan/scan-report.ts';
import { driftKey, judgeDrift, type Decision } from './drift-state.ts';
import { countFound, type HandedScan } from './handed-in.ts';
import { valueIn } from './no-values.ts';

const detector = createDetector();
const handed = (tables: readonly TableReport[], more: Partial<HandedScan> = {}): HandedScan => ({
  report: { schema: 'strongroom/scan/1', source: 'postgres://192.0.2.7:5432/shop', kind: 'postgres', startedAt: '2026-11-26T10:00:00Z', seconds: 1, tables, missing: [], warnings: ['the account may write: give it one that can only read'] },
  scope: null, binding: null, ...more,
}); // prettier-ignore

/** Columns of every kind that there is, as they are read. */
const PEOPLE = examineTable(
  {
    name: 'public.customer_2026', kind: 'table', rows: 4_111_111, sampled: 40,
    columns: Object.entries({
      email: (n: number) => `jo${n}@example.org`, phone_number: (n: number) => `+49 721 60${n}1234`, iban: () => 'DE89370400440532013000', card: () => '4111 1111 1111 1111',
      birth_date: (n: number) => `19${10 + n}-02-03`, first_name: () => 'Leonie', passport_no: () => 'C01X00T47', password: (n: number) => `hunter2-${n}`, ip: (n: number) => `192.0.2.${n}`,
      ssn: () => '536-90-4399', steuer_id: () => '86095742719', notes: (n: number) => `She asked to be called at +49 721 60${n}1234, or jo${n}@example.org, please`, street: (n: number) => `Hauptstraße ${n}`,
      diagnosis: () => 'Diabetes mellitus', mac: () => '00:1B:44:11:3A:B7', order_total: (n: number) => n * 100,
    }).map(([name, make]) => ({ name, sqlType: 'text', key: null, samples: Array.from({ length: 40 }, (_, n) => make(n)) })),
  },
  detector,
); // prettier-ignore

test('what the detectors themselves say of every type is no value, and names of columns are none', async () => {
  const tally = createTextTally(detector);
  tally.add('login jo@example.org from 192.0.2.1, card 4111 1111 1111 1111, +49 721 6081234\n'.repeat(5000), 0);

  assert.ok(PEOPLE.columns.filter(({ type }) => type !== null).length >= 12);
  assert.equal(await valueIn(handed([PEOPLE, tally.report('app-2026-11-26.log')]), detector.detectText), null);
});

test('a value in any place of a report is found, and told by its place and type alone', async () => {
  const [first] = PEOPLE.columns;
  assert.ok(first !== undefined);
  const table = (change: object, column: object = {}): TableReport => ({ ...PEOPLE, columns: [{ ...first, ...column }], ...change }); // prettier-ignore
  const mail = 'leonie@example.org';
  const places: [string, HandedScan][] = [
    ['report.source', handed([], { report: { ...handed([]).report, source: `${mail}.csv` } })],
    ['scope', handed([], { scope: mail })],
    ['report.tables.0.name', handed([table({ name: `orders of ${mail}` })])],
    ['report.tables.0.columns.0.name', handed([table({}, { name: '4111 1111 1111 1111' })])],
    ['report.tables.0.columns.0.sqlType', handed([table({}, { sqlType: 'DE89370400440532013000' })])],
    ['report.tables.0.columns.0.detail', handed([table({}, { detail: mail })])],
    ['report.tables.0.columns.0.reasons', handed([table({}, { reasons: [{ says: `such as ${mail}`, adds: 1 }] })])],
    ['report.missing.0.name', handed([], { report: { ...handed([]).report, missing: [{ name: mail, because: '' }] } })],
    ['report.missing.0.because', handed([], { report: { ...handed([]).report, missing: [{ name: 'a', because: `Key (email)=(${mail}) exists` }] } })],
    ['report.warnings.0', handed([], { report: { ...handed([]).report, warnings: [mail] } })],
    ['binding.columns', handed([], { binding: { table: null, collection: 'customer', columns: { [mail]: 'email' }, ignore: [] } })],
    ['binding.ignore', handed([], { binding: { table: null, collection: 'customer', columns: null, ignore: [mail] } })],
  ]; // prettier-ignore

  for (const [place, scan] of places) assert.equal((await valueIn(scan, detector.detectText))?.at, place);
});

test('a scan is counted by class, what is in texts too', () => {
  const { tables, columns, found, certain } = countFound({ tables: [PEOPLE] });

  assert.deepEqual([tables, columns], [1, 16]);
  assert.ok((found['sensitive'] ?? 0) >= 3 && (found['special'] ?? 0) >= 1, JSON.stringify(found));
  assert.ok(certain >= 8 && certain <= Object.values(found).reduce((sum, count) => sum + count, 0));
});

test('what was decided holds for what it was decided on, and no longer than was said', () => {
  const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
  const drift = { type: 'email', class: 'personal' } as const;
  const decision = (more: Partial<Decision>): Decision => ({ decision: 'ignored', reason: 'r', ...drift, reviewAt: day('2026-12-01'), by: 'key_1', at: day('2026-11-20'), ...more }); // prettier-ignore
  const judge = (made: Decision | null, { of = drift, scanned = '2026-11-19', now = '2026-11-26' }: { of?: Parameters<typeof judgeDrift>[0]; scanned?: string; now?: string } = {}) => {
    const { state, again } = judgeDrift(of, made, { scannedAt: day(scanned), now: day(now) });
    return again === null ? state : `${state} ${again}`;
  }; // prettier-ignore

  assert.equal(judge(null), 'open');
  assert.equal(judge(decision({})), 'ignored');
  assert.equal(judge(decision({}), { scanned: '2026-11-25' }), 'ignored', 'later scans find the same');
  assert.equal(judge(decision({}), { now: '2026-12-01' }), 'open review');
  assert.equal(judge(decision({}), { of: { ...drift, class: 'sensitive' } }), 'open changed');
  assert.equal(judge(decision({}), { of: { ...drift, type: 'iban' } }), 'open changed');
  assert.equal(judge(decision({ decision: 'resolved', reviewAt: null })), 'resolved');
  assert.equal(judge(decision({ decision: 'resolved', reviewAt: null }), { scanned: '2026-11-21' }), 'open found');
  assert.equal(judge(decision({ decision: 'reopened', reviewAt: null })), 'open');
  const at = { kind: 'undeclared', table: 'a', column: 'b', collection: null, field: null, level: 'certain', says: '', ...drift } as const; // prettier-ignore
  assert.equal(driftKey('x', at), driftKey('x', { ...at, type: 'iban', says: 'other' }));
  assert.equal(new Set([driftKey('x', at), driftKey('y', at), driftKey('x', { ...at, column: 'c' }), driftKey('x', { ...at, kind: 'type' }), driftKey('x', { ...at, table: 'a","b', column: '' })]).size, 5); // prettier-ignore
});
