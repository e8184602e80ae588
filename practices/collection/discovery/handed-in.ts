/** What a scan hands in to be kept: its report, and which collection it says the source is. */
import { createHash } from 'node:crypto';

import { DATA_CLASSES, type DataClass } from '../catalog.ts';
import type { Binding } from '../scan/drift.ts';
import type { ColumnReport, ScanReport } from '../scan/scan-report.ts';

/** A binding as JSON has it. */
export type HandedBinding = Readonly<{
  table: string | null;
  collection: string;
  columns: Readonly<Record<string, string>> | null;
  ignore: readonly string[];
}>;
export type HandedScan = Readonly<{
  report: ScanReport;
  /** The one table that was looked at; null: the whole source. */
  scope: string | null;
  binding: HandedBinding | null;
}>;

/** More columns than the largest of databases has: a report of more is a mistake, or an attack on memory. */
export const MAX_COLUMNS = 20_000;

export const bindingOf = (handed: HandedBinding | null): Binding | null =>
  handed === null
    ? null
    : {
        table: handed.table,
        collection: handed.collection,
        columns: handed.columns === null ? null : new Map(Object.entries(handed.columns)),
        ignore: new Set(handed.ignore),
      };

export const holdsSomething = ({ type, inText }: Pick<ColumnReport, 'type' | 'inText'>): boolean =>
  type !== null || inText.length > 0;

export type Found = Readonly<{
  tables: number;
  columns: number;
  certain: number;
  /** Columns with something personal, by class. */
  found: Readonly<Record<string, number>>;
}>;

export function countFound({ tables }: Pick<ScanReport, 'tables'>): Found {
  const found: Record<string, number> = {};
  let columns = 0;
  let certain = 0;
  for (const table of tables)
    for (const column of table.columns) {
      columns += 1;
      if (!holdsSomething(column)) continue;
      const of: DataClass = column.class ?? 'personal';
      found[of] = (found[of] ?? 0) + 1;
      if (column.level === 'certain') certain += 1;
    }
  const inOrder = DATA_CLASSES.filter((each) => found[each] !== undefined);
  return { tables: tables.length, columns, certain, found: Object.fromEntries(inOrder.map((each) => [each, found[each]] as const)) as Record<string, number> }; // prettier-ignore
}

/** The same scan handed in twice is one. */
export const scanHash = ({ report, scope, binding }: HandedScan): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([report, scope, binding]))
    .digest();
