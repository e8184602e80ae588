/** What a scan is given, and what it says: names, counts and reasons. No value of a sample is in a report. */
import type { DataClass } from '../catalog.ts';
import type { DetectedType, Prevalence, Reason } from '../detect/finding.ts';

export const SCAN_SCHEMA = 'strongroom/scan/1';

export const SOURCE_KINDS = ['postgres', 'mysql', 'csv', 'json', 'text'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];
export const TABLE_KINDS = ['table', 'view', 'materialised view', 'foreign table', 'file'] as const;
export type TableKind = (typeof TABLE_KINDS)[number];
export const LEVELS = ['certain', 'suggest', 'none'] as const;
export type Level = (typeof LEVELS)[number];

/** A column as it was read: up to 1,000 samples, each the beginning of a value. */
export type SampledColumn = Readonly<{
  /** Of a JSON value: its column and path, `profile $.emails[*]`. */
  name: string;
  sqlType: string | null;
  key: 'primary' | 'foreign' | null;
  samples: readonly (string | number | boolean | null)[];
}>;
export type SampledTable = Readonly<{
  name: string;
  kind: TableKind;
  /** Of the whole table, often an estimate; null when nobody knows. */
  rows: number | null;
  /** How many rows were looked at. */
  sampled: number;
  columns: readonly SampledColumn[];
}>;

/** A type found inside longer texts of a column. */
export type InText = Readonly<{ type: DetectedType; prevalence: Prevalence }>;

export type ColumnReport = Readonly<{
  name: string;
  sqlType: string | null;
  key: 'primary' | 'foreign' | null;
  type: DetectedType | null;
  detail: string | null;
  /** The class a catalogue would give it; null when nothing personal is seen. */
  class: DataClass | null;
  level: Level;
  confidence: number;
  prevalence: Prevalence | null;
  reasons: readonly Reason[];
  inText: readonly InText[];
}>;
export type TableReport = Readonly<{
  name: string;
  kind: TableKind;
  rows: number | null;
  sampled: number;
  columns: readonly ColumnReport[];
}>;

export type ScanReport = Readonly<{
  schema: typeof SCAN_SCHEMA;
  /** Where it was read, without account and password. */
  source: string;
  kind: SourceKind;
  /** ISO 8601. */
  startedAt: string;
  seconds: number;
  tables: readonly TableReport[];
  /** What could not be read, and why: with any of these the scan is not whole. */
  missing: readonly Readonly<{ name: string; because: string }>[];
  warnings: readonly string[];
}>;
