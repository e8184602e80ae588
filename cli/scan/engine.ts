/**
 * What the scan asks of the collection practice; server/scan-command.ts hands it over. The CLI reads, the practice judges: values go
 * from one to the other in this process, and nowhere else.
 */
export type SampledColumn = Readonly<{
  name: string;
  sqlType: string | null;
  key: 'primary' | 'foreign' | null;
  samples: readonly (string | number | boolean | null)[];
}>;
export type SampledTable = Readonly<{
  name: string;
  kind: 'table' | 'view' | 'materialised view' | 'foreign table' | 'file';
  rows: number | null;
  sampled: number;
  columns: readonly SampledColumn[];
}>;

type Share = Readonly<{ share: number; low: number; high: number; of: number }>;
export type ColumnReport = Readonly<{
  name: string;
  sqlType: string | null;
  key: 'primary' | 'foreign' | null;
  type: string | null;
  detail: string | null;
  class: string | null;
  level: 'certain' | 'suggest' | 'none';
  confidence: number;
  prevalence: Share | null;
  reasons: readonly Readonly<{ says: string; adds: number }>[];
  inText: readonly Readonly<{ type: string; prevalence: Share }>[];
}>;
export type TableReport = Omit<SampledTable, 'columns'> & Readonly<{ columns: readonly ColumnReport[] }>;
export type SourceKind = 'postgres' | 'mysql' | 'csv' | 'json' | 'text';
export type ScanReport<Table = TableReport> = Readonly<{
  schema: 'strongroom/scan/1';
  source: string;
  kind: SourceKind;
  startedAt: string;
  seconds: number;
  tables: readonly Table[];
  missing: readonly Readonly<{ name: string; because: string }>[];
  warnings: readonly string[];
}>;

export type Declared = readonly Readonly<{
  name: string;
  fields: readonly Readonly<{ name: string; type: string; class: string }>[];
}>[];
export type Binding = Readonly<{
  table: string | null;
  collection: string;
  columns: ReadonlyMap<string, string> | null;
  ignore: ReadonlySet<string>;
}>;
export type Drift = Readonly<{
  kind: 'undeclared' | 'absent' | 'type' | 'class';
  table: string;
  column: string | null;
  collection: string | null;
  field: string | null;
  type: string | null;
  class: string | null;
  level: 'certain' | 'suggest' | 'none';
  says: string;
}>;

/** @typeParam Table the practice's own report of a table, of which the CLI knows what it shows */
export type ScanEngine<Table extends TableReport = TableReport> = Readonly<{
  examineTable: (table: SampledTable) => Table;
  openText: () => Readonly<{ add: (text: string, overlap: number) => void; report: (name: string) => Table }>;
  propose: (report: ScanReport<Table>, collection: string | null) => string;
  compare: (report: ScanReport<Table>, declared: Declared, binding: Binding | null) => readonly Drift[];
  /** What a catalog.yaml declares. @throws when it is not valid */
  declaredIn: (document: string, file: string) => Declared;
  /** Whether a column of this name would say something: a first row of such words is a header. */
  knowsName: (name: string) => boolean;
}>;

/** What the readers of all sources have in common. */
export type Reading = Readonly<{
  onTable: (table: SampledTable) => void;
  onMissing: (name: string, because: string) => void;
  onWarning: (says: string) => void;
  /** Tables of a database, bytes of a file. */
  onProgress: (done: number, total: number) => void;
  random: () => number;
}>;
