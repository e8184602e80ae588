/** Samples of a live MySQL or MariaDB: each table in a consistent transaction that can only read, under a time limit. */
import mysql from 'mysql2';

import { connectMysql } from '../import/mysql.ts';
import type { LiveSource, LiveTable } from './live.ts';
import { textOf } from './mixed-text.ts';
import { shareOf } from './reservoir.ts';

type MyTable = LiveTable & Readonly<{ schema: string; relation: string; number: string | null }>;
type Row = (string | null)[];

const PROBES = 20;
const CHANGES = /\b(ALL PRIVILEGES|INSERT|UPDATE|DELETE|DROP|CREATE|ALTER|SUPER|FILE)\b/g;
const WHOLE = /^(tinyint|smallint|mediumint|int|bigint)\b/;

export async function openMysqlScan(
  url: string,
  timeoutMs: number,
  random: () => number,
): Promise<LiveSource<MyTable>> {
  const { raw } = connectMysql(url, (field) => {
    const bytes = field.buffer();
    return bytes === null ? null : textOf(bytes);
  });
  const connection = raw.promise();
  const ask = async (statement: string, values: unknown[] = []): Promise<Row[]> => {
    const [rows] = await connection.query({ sql: statement, values, rowsAsArray: true });
    return rows as unknown as Row[];
  };
  const close = async (): Promise<void> => {
    await connection.end().catch(() => raw.destroy());
  };
  try {
    await ask("set session time_zone = '+00:00', session transaction isolation level repeatable read").catch(() =>
      ask('set session transaction isolation level repeatable read'),
    );
    // each knows its own: milliseconds in MySQL, seconds in MariaDB
    await ask(`set session max_statement_time = ${timeoutMs / 1000}`).catch(() =>
      ask(`set session max_execution_time = ${timeoutMs}`).catch(() => undefined),
    );
  } catch (thrown) {
    raw.destroy();
    throw thrown;
  }
  const sample = async (table: MyTable): Promise<Row[]> => {
    const { rows: limit, prefix } = shareOf(table.columns.length);
    const list = table.columns.map(({ name, sqlType }) => prefixOf(name, sqlType ?? '', prefix)).join(', ');
    const from = `from ${table.relation}`;
    const { number } = table;
    if (number !== null && (table.rows ?? 0) > 2 * limit) {
      const [ends] = await ask(`select min(${number}), max(${number}) ${from}`);
      const [least, most] = [BigInt(ends?.[0] ?? '0'), BigInt(ends?.[1] ?? '0')];
      const found = new Map<string, Row>();
      for (let probe = 0; probe < PROBES && found.size < limit; probe += 1) {
        // the first one from the very beginning, so that a table with a single far key is read as well
        const point =
          probe === 0 ? least : least + BigInt(Math.floor(random() * 2 ** 30)) * ((most - least) / 2n ** 30n + 1n);
        const rows = await ask(
          `select ${number}, ${list} ${from} where ${number} >= ? order by ${number} limit ${Math.ceil(limit / PROBES)}`,
          [String(point > most ? least : point)],
        );
        for (const row of rows) found.set(String(row[0]), row.slice(1));
      }
      return [...found.values()];
    }
    return ask(`select ${list} ${from} limit ${limit}`);
  };
  return {
    close,
    tables: async () => {
      const rows = await ask(`
        select t.table_schema, t.table_name, t.table_type, t.table_rows, c.column_name, c.column_type, c.column_key
        from information_schema.tables t
        join information_schema.columns c on c.table_schema = t.table_schema and c.table_name = t.table_name
        where t.table_schema = database()
          or (database() is null and t.table_schema not in ('mysql', 'information_schema', 'performance_schema', 'sys'))
        order by t.table_schema, t.table_name, c.ordinal_position`);
      return tablesOf(rows);
    },
    canWrite: async () => {
      const grants = await ask('show grants');
      const rights = new Set<string>();
      for (const [grant] of grants)
        for (const right of (grant ?? '').replace(/ ON .*/s, '').match(CHANGES) ?? []) rights.add(right);
      return rights.size === 0 ? null : [...rights].join(', ');
    },
    sample: async (table) => {
      await ask('start transaction with consistent snapshot, read only');
      try {
        return await sample(table);
      } finally {
        await ask('rollback').catch(() => undefined);
      }
    },
  };
}

/** Bytes stay bytes: the server would refuse to make text of them, or make something else of it. */
function prefixOf(name: string, type: string, prefix: number): string {
  const column = mysql.escapeId(name, true);
  if (/^(tiny|medium|long)?blob|^(var)?binary/.test(type)) return `left(${column}, ${prefix})`;
  if (/^(geometry|point|linestring|polygon|multi|geomcollection)/.test(type))
    return `left(st_astext(${column}), ${prefix})`;
  if (type.startsWith('bit')) return `cast(${column} + 0 as char)`;
  return `left(cast(${column} as char character set utf8mb4), ${prefix})`;
}

function tablesOf(rows: readonly Row[]): MyTable[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = `${row[0]}.${row[1]}`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups].map(([name, columns]) => {
    const [schema = '', relation = '', type, count] = columns[0] as string[];
    const primary = columns.filter((row) => row[6] === 'PRI');
    const number = primary.length === 1 && WHOLE.test(primary[0]?.[5] ?? '') ? (primary[0]?.[4] ?? null) : null;
    return {
      name,
      schema,
      relation: `${mysql.escapeId(schema, true)}.${mysql.escapeId(relation, true)}`,
      kind: type === 'VIEW' ? 'view' : 'table',
      rows: type === 'VIEW' || count === null ? null : Number(count),
      number: number === null ? null : mysql.escapeId(number, true),
      columns: columns.map((row) => ({
        name: row[4] ?? '',
        sqlType: row[5] ?? null,
        key: row[6] === 'PRI' ? 'primary' : null,
      })),
      because: null,
    };
  });
}
