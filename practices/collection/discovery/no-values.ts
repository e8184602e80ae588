/**
 * A report names columns, and says why; whoever made it could have put a value there, and so could a source whose very names
 * are values (a CSV without a header, a table for each customer). What is handed in is read by the detectors first.
 */
import { setImmediate as others } from 'node:timers/promises';

import type { DetectedType, Detector } from '../detect/finding.ts';
import { SURE } from '../gate/text-gate.ts';
import type { HandedScan } from './handed-in.ts';

/** Of a form that no name has by chance. Names of people are not among them: tables and columns are called after them. */
const VALUES: readonly DetectedType[] = [
  'credential',
  'email',
  'iban',
  'payment-card',
  'national-id',
  'passport',
  'phone',
];

/** Texts looked at before other requests have their turn: some milliseconds. */
const AT_ONCE = 200;

/** @returns where the first one stands and what it seems to be, never what it is; null when there is none */
export async function valueIn(
  { report, scope, binding }: HandedScan,
  detect: Detector['detectText'],
): Promise<Readonly<{ at: string; type: DetectedType }> | null> {
  const seen = new Set<string>();
  for (const [at, text] of textsOf(report, scope, binding)) {
    if (text === null || seen.has(text)) continue;
    // reasons are the same thousands of times
    seen.add(text);
    if (seen.size % AT_ONCE === 0) await others();
    const [one] = detect(text, { types: VALUES, minConfidence: SURE, maxFindings: 1 });
    if (one !== undefined) return { at, type: one.type };
  }
  return null;
}

function* textsOf(
  { source, tables, missing, warnings }: HandedScan['report'],
  scope: string | null,
  binding: HandedScan['binding'],
): Generator<readonly [at: string, text: string | null]> {
  yield ['report.source', source];
  yield ['scope', scope];
  for (const [t, table] of tables.entries()) {
    const at = `report.tables.${t}`;
    yield [`${at}.name`, table.name];
    for (const [c, column] of table.columns.entries()) {
      yield [`${at}.columns.${c}.name`, column.name];
      yield [`${at}.columns.${c}.sqlType`, column.sqlType];
      yield [`${at}.columns.${c}.detail`, column.detail];
      for (const { says } of column.reasons) yield [`${at}.columns.${c}.reasons`, says];
    }
  }
  for (const [m, { name, because }] of missing.entries()) {
    yield [`report.missing.${m}.name`, name];
    yield [`report.missing.${m}.because`, because];
  }
  for (const [w, says] of warnings.entries()) yield [`report.warnings.${w}`, says];
  if (binding === null) return;
  yield ['binding.table', binding.table];
  for (const [column, field] of Object.entries(binding.columns ?? {})) {
    yield ['binding.columns', column];
    yield ['binding.columns', field];
  }
  for (const column of binding.ignore) yield ['binding.ignore', column];
}
