/** Columns of three public databases, read from their dumps, with what each holds: labelled by hand, before measuring. */
import { existsSync, readFileSync } from 'node:fs';

import type { DetectedType } from '#practices/collection';

export type LabelledColumn = Readonly<{
  table: string;
  name: string;
  sqlType: string;
  samples: readonly (string | null)[];
  /** null: nothing of a person. `either`: people differ on it, and it is not counted. */
  holds: DetectedType | null | 'either';
}>;

const FOLDER = '../shared/data/customers';
const MAX_SAMPLES = 1000;

const ADDRESS = 'address city state region country postal_code district';
const HOLDS: Readonly<Record<string, DetectedType | 'either'>> = {
  ...labels('customer', 'person-name', 'first_name last_name contact_name'),
  ...labels('customer', 'postal-address', ADDRESS),
  ...labels('customer', 'phone', 'phone fax'),
  ...labels('customer', 'email', 'email'),
  ...labels('employee', 'person-name', 'first_name last_name'),
  ...labels('employee', 'birth-date', 'birth_date'),
  ...labels('employee', 'postal-address', ADDRESS),
  ...labels('employee', 'phone', 'phone fax home_phone'),
  ...labels('employee', 'email', 'email'),
  ...labels('employee', 'either', 'extension notes photo'),
  ...labels('supplier', 'person-name', 'contact_name'),
  ...labels('supplier', 'postal-address', ADDRESS),
  ...labels('supplier', 'phone', 'phone fax'),
  ...labels('supplier', 'either', 'homepage'),
  ...labels('shipper', 'phone', 'phone'),
  ...labels(
    'invoice',
    'postal-address',
    'billing_address billing_city billing_state billing_country billing_postal_code',
  ),
  ...labels('order', 'postal-address', 'ship_address ship_city ship_region ship_country ship_postal_code'),
  ...labels('order', 'either', 'ship_name'),
  ...labels('track', 'either', 'composer'),
  ...labels('artist', 'either', 'name'),
};

function labels<Label>(table: string, label: Label, columns: string): Record<string, Label> {
  return Object.fromEntries(columns.split(' ').map((column) => [`${table}.${column}`, label]));
}

/** @returns null when the dumps are not there */
export function publicColumns(): LabelledColumn[] | null {
  const paths = ['chinook-postgresql.sql', 'northwind-postgresql.sql', 'sakila-customers.csv'].map((name) => `${FOLDER}/${name}`); // prettier-ignore
  if (!paths.every((path) => existsSync(path))) return null;
  const [chinook = '', northwind = '', sakila = ''] = paths.map((path) => readFileSync(path, 'utf8'));
  return [...columnsOfDump(chinook), ...columnsOfDump(northwind), ...columnsOfCsv('customer', sakila)];
}

function labelled(table: string, name: string, sqlType: string, samples: (string | null)[]): LabelledColumn {
  return { table, name, sqlType, samples, holds: HOLDS[`${table.replace(/s$/, '')}.${name}`] ?? null };
}

function columnsOfDump(dump: string): LabelledColumn[] {
  const tables = new Map<string, { columns: [name: string, type: string][]; rows: (string | null)[][] }>();
  for (const [, table = '', body = ''] of dump.matchAll(/CREATE TABLE (\w+)\s*\(([\s\S]*?)\n\);/g)) {
    const columns = body
      .split('\n')
      .map((line) => /^\s*(\w+) ([a-z][\w ]*(?:\([\d, ]+\))?)/i.exec(line) ?? ['', 'CONSTRAINT', ''])
      .filter(([, name]) => name !== 'CONSTRAINT')
      .map(([, name = '', type = '']) => [name, type.replace(/ NOT NULL.*/, '')] as [string, string]);
    tables.set(table, { columns, rows: [] });
  }
  for (const match of dump.matchAll(/INSERT INTO (\w+) (?:\([^)]*\) )?VALUES\s*/g)) {
    const rows = tables.get(match[1] as string)?.rows;
    if (rows !== undefined) rows.push(...tuplesAt(dump, match.index + match[0].length));
  }
  return [...tables].flatMap(([table, { columns, rows }]) =>
    columns.map(([name, type], at) => labelled(table, name, type, rows.slice(0, MAX_SAMPLES).map((row) => row[at] ?? null))),
  ); // prettier-ignore
}

/** `(1, 'a', NULL), (…);` */
function tuplesAt(dump: string, from: number): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  let value = '';
  let quoted = false;
  for (let at = from; at < dump.length; at += 1) {
    const sign = dump.charAt(at);
    if (sign === "'") {
      quoted = true;
      let end = at + 1;
      for (; dump.charAt(end) !== "'" || dump.charAt(end + 1) === "'"; end += 1) {
        if (dump.charAt(end) === "'") end += 1;
        value += dump.charAt(end);
      }
      at = end;
    } else if (sign === ',' || sign === ')') {
      if (value !== '' || quoted) row.push(quoted ? value : value.trim() === 'NULL' ? null : value.trim());
      [value, quoted] = ['', false];
      if (sign === ')') {
        rows.push(row);
        row = [];
      }
    } else if (sign === ';') return rows;
    else if (sign !== '(' && sign !== 'E' && sign !== 'N' && !/\s/.test(sign)) value += sign;
    else if (sign === 'N' && dump.startsWith('NULL', at)) {
      value = 'NULL';
      at += 3;
    }
  }
  return rows;
}

function columnsOfCsv(table: string, text: string): LabelledColumn[] {
  const rows = text.trimEnd().split(/\r?\n/).map((line) => [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')); // prettier-ignore
  const [header = [], ...body] = rows;
  return header.map((name, at) => labelled(table, name.trim(), 'text', body.slice(0, MAX_SAMPLES).map((row) => row[at] ?? null))); // prettier-ignore
}
