/** A scan beside a catalogue: what is there and not declared, declared and not there, or not what was declared. */
import type { Catalog, DataClass, FieldType } from '../catalog.ts';
import type { DetectedType } from '../detect/finding.ts';
import { isAbove } from '../gate/finding-class.ts';
import { fieldNameOf, fieldTypeOf } from './field-guess.ts';
import type { ColumnReport, Level, ScanReport, TableReport } from './scan-report.ts';

export const DRIFT_KINDS = ['undeclared', 'absent', 'type', 'class'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];
export type Drift = Readonly<{
  kind: DriftKind;
  table: string;
  column: string | null;
  collection: string | null;
  field: string | null;
  /** What was found; null for what is absent. */
  type: DetectedType | null;
  class: DataClass | null;
  level: Level;
  says: string;
}>;

export type DeclaredCollection = Readonly<{
  name: string;
  fields: readonly Readonly<{ name: string; type: FieldType; class: DataClass }>[];
}>;

/** Which collection a table is the source of, where the names do not tell. */
export type Binding = Readonly<{
  table: string | null;
  collection: string;
  /** Column → field; null: a column is the field of its name. */
  columns: ReadonlyMap<string, string> | null;
  /** Columns somebody decided not to take; the identifier among them. */
  ignore: ReadonlySet<string>;
}>;

export const declaredIn = (catalog: Catalog): DeclaredCollection[] =>
  [...catalog.collections.values()].map(({ name, fields }) => ({ name, fields: [...fields.values()] }));

export function compareScan(
  report: Pick<ScanReport, 'tables'>,
  declared: readonly DeclaredCollection[],
  binding: Binding | null = null,
): Drift[] {
  return report.tables.flatMap((table) => compareTable(table, declared, binding));
}

function compareTable(table: TableReport, declared: readonly DeclaredCollection[], binding: Binding | null): Drift[] {
  const bound = binding !== null && (binding.table === null || bare(binding.table) === bare(table.name));
  const wanted = bound ? binding.collection : bare(table.name);
  const collection =
    declared.find(({ name }) => name === wanted) ?? declared.find(({ name }) => isPlural(wanted, name));
  const fields = new Map(collection?.fields.map((field) => [field.name, field]));
  const seen = new Set<string>();
  const drifts: Drift[] = [];
  for (const column of table.columns) {
    if (bound && binding.ignore.has(column.name)) continue;
    const name = (bound ? binding.columns?.get(column.name) : undefined) ?? fieldNameOf(column.name);
    const field = fields.get(name);
    if (field !== undefined) seen.add(name);
    const { type } = column;
    if (type === null) continue;
    const at = {
      table: table.name,
      column: column.name,
      collection: collection?.name ?? null,
      type,
      class: column.class,
      level: column.level,
    };
    if (field === undefined) {
      const says =
        collection === undefined
          ? 'no collection of the catalogue is this table'
          : `${collection.name} declares no such field`;
      drifts.push({ ...at, kind: 'undeclared', field: null, says });
    } else drifts.push(...otherwise(column, field).map((drift) => ({ ...at, ...drift, field: name })));
  }
  for (const name of fields.keys())
    if (!seen.has(name))
      drifts.push({
        kind: 'absent',
        table: table.name,
        column: null,
        collection: collection?.name ?? null,
        field: name,
        type: null,
        class: null,
        level: 'none',
        says: 'the catalogue declares it, the source has no such column',
      });
  return drifts;
}

/** How a declared field is not what its column holds: said only of what is certain, a guess is no contradiction. */
function otherwise(column: ColumnReport, field: DeclaredCollection['fields'][number]): Pick<Drift, 'kind' | 'says'>[] {
  if (column.level !== 'certain') return [];
  const found: Pick<Drift, 'kind' | 'says'>[] = [];
  const type = fieldTypeOf(column);
  // free text may hold anything; what is inside it is the gate's to judge
  if (type !== field.type && field.type !== 'text' && type !== 'text')
    found.push({ kind: 'type', says: `declared as ${field.type}, the values are of type ${type}` });
  if (column.class !== null && isAbove(column.class, field.class))
    found.push({ kind: 'class', says: `declared as ${field.class}, what it holds is ${column.class}` });
  return found;
}

/** `public.customers` → customers; `Customer.csv` → customer. */
function bare(name: string): string {
  const words = name.split(/[\\/]/).at(-1) ?? name;
  const parts = words.split('.');
  const file = /^(csv|tsv|jsonl?|ndjson|txt|log)$/i.test(parts.at(-1) ?? '') ? parts.slice(0, -1) : parts;
  return fieldNameOf(file.at(-1) ?? words);
}

/** `customers` of customer, `chinook_customers` of customer; and the other way round. */
function isPlural(one: string, other: string): boolean {
  const stem = (word: string): string => word.replace(/s$/, '');
  return stem(one) === stem(other) || stem(one).endsWith(`_${stem(other)}`);
}
