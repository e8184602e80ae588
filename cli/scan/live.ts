/** A scan of a live database, whichever it is: table after table, one that fails does not end it, a lost connection is tried once more. */
import { whyUnreadable } from '../import/sources.ts';
import type { Reading, SampledColumn, SampledTable } from './engine.ts';
import { withJsonPaths } from './json-columns.ts';

/** A table as the schema says it; what cannot be read says why. */
export type LiveTable = Readonly<{
  name: string;
  kind: SampledTable['kind'];
  rows: number | null;
  columns: readonly Omit<SampledColumn, 'samples'>[];
  because: string | null;
}>;
export type LiveSource<Table extends LiveTable> = Readonly<{
  tables: () => Promise<readonly Table[]>;
  /** Rights to change something, in words; null when the account can only read. */
  canWrite: () => Promise<string | null>;
  /** Rows of samples in the order of the table's columns, in a transaction that can only read. */
  sample: (table: Table) => Promise<readonly (readonly (string | null)[])[]>;
  close: () => Promise<void>;
}>;

const LOST = /^(08...|57P0[1-4]|34000|E[A-Z]+|CONNECTION_[A-Z]+|CONNECT_TIMEOUT|PROTOCOL_CONNECTION_LOST)$/;
/** A server that restarts is back in a moment, or it is not back. */
const PAUSE_MS = 500;
const TRIES = 3;

export type LiveOptions = Readonly<{ only: string | null; pauseMs?: number }>;

/** @param open a new connection */
export async function readLive<Table extends LiveTable>(
  open: () => Promise<LiveSource<Table>>,
  reading: Reading,
  { only, pauseMs = PAUSE_MS }: LiveOptions,
): Promise<void> {
  let source = await open();
  try {
    const all = await source.tables();
    const tables = only === null ? all : all.filter(({ name }) => name === only || name.endsWith(`.${only}`));
    if (only !== null && tables.length === 0) reading.onMissing(only, 'there is no such table, or no right to see it');
    const writes = await source.canWrite();
    if (writes !== null)
      reading.onWarning(
        `the account may write (${writes}): scan with one that can only read; this scan itself writes nothing`,
      );
    let gone: string | null = null;
    for (const [at, table] of tables.entries()) {
      reading.onProgress(at, tables.length);
      if (table.because !== null || gone !== null) {
        reading.onMissing(table.name, table.because ?? gone ?? '');
        continue;
      }
      for (let tries = 1; ; tries += 1) {
        try {
          reading.onTable(sampledOf(table, await source.sample(table), reading));
          break;
        } catch (thrown) {
          const lost = LOST.test((thrown as { code?: string }).code ?? '');
          if (lost && tries < TRIES) {
            await source.close().catch(() => undefined);
            await new Promise((resolve) => setTimeout(resolve, pauseMs * tries));
            source = await open().catch(() => source);
            continue;
          }
          const because = whyUnreadable(thrown);
          reading.onMissing(table.name, because);
          if (lost) gone = `the connection was lost before it: ${because}`;
          break;
        }
      }
    }
    reading.onProgress(tables.length, tables.length);
  } finally {
    await source.close().catch(() => undefined);
  }
}

function sampledOf(table: LiveTable, rows: readonly (readonly (string | null)[])[], reading: Reading): SampledTable {
  const columns = table.columns.map((column, at) => ({ ...column, samples: rows.map((row) => row[at] ?? null) }));
  return {
    name: table.name,
    kind: table.kind,
    rows: table.rows ?? (rows.length < 50 ? rows.length : null),
    sampled: rows.length,
    columns: withJsonPaths(columns, reading.random),
  };
}
