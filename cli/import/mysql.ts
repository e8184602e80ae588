/** Rows of a live MySQL or MariaDB table: one consistent read-only snapshot, streamed. */
import type { Readable } from 'node:stream';

import mysql from 'mysql2';

import { Usage } from '../connection.ts';
import { wantedColumns, type Wanted } from './map.ts';
import { holdsBytes } from './postgres.ts';
import { readingFailed, type Row, type Source } from './sources.ts';

/** Character set `binary`, and the types that hold bytes under it: blobs, varbinary, binary (protocol: Column Definition). */
const BINARY = 63;
const BYTES_WHEN_BINARY = new Set([0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe]);
const BIT = 0x10;
const GEOMETRY = 0xff;

export async function mysqlSource(url: string, table: string | null, wanted: Wanted): Promise<Source> {
  if (table === null) throw new Usage('name the table: --table table');
  // every value as the server writes it: numbers would lose digits, instants their offset
  const { raw, loss } = connectMysql(url, (field) => field.string('utf8'));
  const connection = raw.promise();
  const close = async (): Promise<void> => {
    await connection.end().catch(() => raw.destroy());
  };
  let line = 0;
  try {
    // between two rows the vault may keep us waiting: the server's patience with a slow reader is a minute by default
    await connection.query("set session time_zone = '+00:00', net_write_timeout = 86400, wait_timeout = 86400");
    await connection.query('set transaction isolation level repeatable read');
    await connection.query('start transaction with consistent snapshot, read only');
    const from = mysql.escapeId(table);
    const [, described] = await connection.query(`select * from ${from} limit 0`);
    const fields = described as unknown as Described[];
    const all = fields.map((field) => field.name);
    const chosen = wantedColumns(wanted, all);
    const bytes = fields.find((field) => isBytes(field) && chosen.includes(field.name));
    if (bytes !== undefined) throw holdsBytes(bytes.name, 'to_base64(…)');
    const rows = async function* (): AsyncGenerator<Row> {
      const columns = chosen.map((column) => mysql.escapeId(column, true)).join(', ');
      const stream = raw.query(`select ${columns} from ${from}`).stream({ highWaterMark: 500 });
      loss.stream = stream;
      if (loss.thrown !== undefined) stream.destroy(loss.thrown);
      try {
        for await (const row of stream) yield { line: ++line, cells: present(row as Record<string, string | null>) };
      } catch (thrown) {
        raw.destroy();
        throw readingFailed(line, thrown);
      }
    };
    return { columns: all, rows: rows(), close };
  } catch (thrown) {
    await close();
    throw thrown instanceof Usage ? thrown : readingFailed(line, thrown);
  }
}

/** What the driver told the connection of a loss, and the stream that has to hear of it. */
type Loss = { stream?: Readable; thrown?: Error };

export function connectMysql(
  url: string,
  typeCast: (field: mysql.TypeCastField) => unknown,
): Readonly<{ raw: mysql.Connection; loss: Loss }> {
  const raw = mysql.createConnection({ uri: url, connectTimeout: 15_000, charset: 'utf8mb4', typeCast });
  // the driver tells the connection of a loss, but not the stream that reads from it
  const loss: Loss = {};
  raw.on('error', (thrown: Error) => {
    loss.thrown ??= thrown;
    loss.stream?.destroy(thrown);
  });
  return { raw, loss };
}

type Described = { name: string; characterSet: number; columnType: number };

const isBytes = ({ characterSet, columnType }: Described): boolean =>
  columnType === BIT || columnType === GEOMETRY || (characterSet === BINARY && BYTES_WHEN_BINARY.has(columnType));

const present = (row: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(row).filter((cell): cell is [string, string] => cell[1] !== null));
