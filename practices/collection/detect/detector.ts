/** Detection of personal data in free text and in columns. */
import { detectColumn } from './columns/column.ts';
import type { Detector } from './finding.ts';
import { scanText } from './text/scan.ts';
import { createTables, type Tables } from './text/tables.ts';

/** The tables cost some tens of milliseconds: made when the first text or column comes, and one detector serves all. */
export function createDetector(): Detector {
  let made: Tables | null = null;
  const tables = (): Tables => (made ??= createTables());
  return {
    detectText: (text, options = {}) => scanText(text, options, tables()),
    detectColumn: (column) => detectColumn(column, tables()),
  };
}
