/** Detection of personal data in free text and in columns. */
import { detectColumn } from './columns/column.ts';
import type { Detector } from './finding.ts';
import { scanText } from './text/scan.ts';
import { createTables } from './text/tables.ts';

/** Makes the tables: some tens of milliseconds, so one detector serves all. */
export function createDetector(): Detector {
  const tables = createTables();
  return {
    detectText: (text, options = {}) => scanText(text, options, tables),
    detectColumn: (column) => detectColumn(column, tables),
  };
}
