/** The import map: which column of a source becomes which field. Format: docs/formats/import-map.md */
import { readFile } from 'node:fs/promises';

import { parse } from 'yaml';

import { Usage } from '../connection.ts';

export type ImportMap = Readonly<{
  collection: string;
  externalId: Readonly<{ column: string; prefix: string }>;
  /** Column → field; null: every column is the field of its name. */
  columns: ReadonlyMap<string, string> | null;
  ignore: ReadonlySet<string>;
  table: string | null;
}>;

type MapFile = {
  schema?: unknown;
  collection?: unknown;
  externalId?: { column?: unknown; prefix?: unknown };
  columns?: Record<string, unknown>;
  ignore?: unknown[];
  table?: unknown;
};

export async function readMap(path: string): Promise<ImportMap> {
  const file = parse(await readFile(path, 'utf8')) as MapFile;
  const { collection, externalId, columns } = file;
  if (file.schema !== 'strongroom/import-map/1') throw new Usage(`${path}: schema should be strongroom/import-map/1`);
  if (typeof collection !== 'string') throw new Usage(`${path}: collection is missing`);
  if (typeof externalId?.column !== 'string') throw new Usage(`${path}: externalId.column is missing`);
  if (typeof columns !== 'object' || columns === null) throw new Usage(`${path}: columns is missing`);
  const fields = Object.values(columns).map(String);
  const twice = fields.find((field, at) => fields.indexOf(field) !== at);
  if (twice !== undefined) throw new Usage(`${path}: two columns are to fill ${twice}: a field takes one`);
  return {
    collection,
    externalId: { column: externalId.column, prefix: typeof externalId.prefix === 'string' ? externalId.prefix : '' },
    columns: new Map(Object.entries(columns).map(([column, field]) => [column, String(field)])),
    ignore: new Set((file.ignore ?? []).map(String)),
    table: typeof file.table === 'string' ? file.table : null,
  };
}

/** @throws Usage when a column of the source is not spoken for, or one of the map is not there */
export function checkColumns(map: Wanted, columns: readonly string[]): void {
  const known = (column: string): boolean =>
    column === map.externalId.column || map.ignore.has(column) || map.columns === null || map.columns.has(column);
  const strange = columns.filter((column) => !known(column));
  if (strange.length > 0)
    throw new Usage(
      `columns of the source that the map does not name: ${strange.join(', ')}; put them under columns or ignore`,
    );
  const wanted = [map.externalId.column, ...(map.columns?.keys() ?? [])];
  const missing = wanted.filter((column) => !columns.includes(column));
  if (missing.length > 0) throw new Usage(`columns of the map that the source lacks: ${missing.join(', ')}`);
}

/** What of a map a live source has to know: it reads no column that is not asked for. */
export type Wanted = Pick<ImportMap, 'externalId' | 'columns' | 'ignore'>;

/** @throws Usage as checkColumns */
export function wantedColumns(wanted: Wanted, all: readonly string[]): string[] {
  checkColumns(wanted, all);
  const { externalId, columns, ignore } = wanted;
  return all.filter(
    (column) => column === externalId.column || (!ignore.has(column) && (columns === null || columns.has(column))),
  );
}
