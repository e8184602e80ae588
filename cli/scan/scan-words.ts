/** A scan for people: what was found, how sure, why; then what is not as the catalogue says it. */
import type { KeptScan } from '@strongroom/sdk';

import { harmless } from '../terminal.ts';
import type { ColumnReport, Drift, ScanReport } from './engine.ts';

export function scanLines(report: ScanReport, { all }: Readonly<{ all: boolean }>): string[] {
  const shown = report.tables.flatMap((table) =>
    table.columns
      .filter((column) => all || column.type !== null || column.inText.length > 0)
      .map((column) => ({ table: table.name, column })),
  );
  const rows = shown.map(({ table, column }) => [
    harmless(table === report.source ? column.name : `${table}.${column.name}`),
    typeWords(column),
    column.class ?? '',
    column.type === null ? '' : `${column.level} ${percent(column.confidence)}`,
    shareWords(column),
    harmless(whyWords(column)),
  ]);
  const found = shown.filter(({ column }) => column.type !== null || column.inText.length > 0).length;
  const looked = report.tables.reduce((sum, { columns }) => sum + columns.length, 0);
  return [
    ...aligned([['column', 'type', 'class', 'confidence', 'prevalence', 'why'], ...rows]),
    '',
    `${found} of ${looked} columns in ${report.tables.length} tables or files hold personal data, or may; ${report.seconds.toFixed(1)} s.`,
    ...report.warnings.map((says) => `Warning: ${harmless(says)}`),
    ...report.missing.map(({ name, because }) => `NOT READ: ${harmless(name)}: ${harmless(because)}`),
  ];
}

export function driftLines(drifts: readonly Drift[], against: string): string[] {
  if (drifts.length === 0) return [`Nothing is other than ${harmless(against)} says.`];
  return [
    `Other than ${harmless(against)} says:`,
    ...aligned(
      drifts.map(({ kind, table, column, collection, field, type, level, says }) => [
        `  ${kind}`,
        harmless(column === null ? `${collection ?? ''}.${field ?? ''}` : `${table}.${column}`),
        type === null ? '' : `${type}, ${level}`,
        harmless(says),
      ]),
    ),
  ];
}

export function keptLines({ scan, drifts }: KeptScan): string[] {
  const many = (state: KeptScan['drifts'][number]['state']): number =>
    drifts.filter((each) => each.state === state).length;
  return [
    `Kept as ${scan.id}: ${many('open')} differences are open, ${many('ignored')} ignored, ${many('resolved')} resolved.`,
    `strongroom collection discovery show ${scan.id}`,
  ];
}

const typeWords = ({ type, detail }: ColumnReport): string =>
  type === null ? '' : detail === null ? type : `${type} (${detail})`;

function shareWords({ prevalence }: ColumnReport): string {
  if (prevalence === null) return '';
  const { share, low, high, of } = prevalence;
  return `${percent(share)} of ${of} (${percent(low)}–${percent(high)})`;
}

function whyWords({ reasons, inText }: ColumnReport): string {
  const for_ = reasons.filter(({ adds }) => adds > 0).map(({ says }) => says);
  const inside = inText.map(
    ({ type, prevalence }) => `${type} in ${percent(prevalence.share)} of ${prevalence.of} texts`,
  );
  return [...for_, ...inside].join('; ');
}

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

/** Columns of text, the last one as long as it is. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
