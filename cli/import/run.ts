/**
 * Imports: rows in batches, several under way, each answered for in the order of the source (ledger.ts). Twice is once:
 * every subject has an external id, and the vault skips the ones it has.
 */
import type { BatchResult, Strongroom } from '@strongroom/sdk';

import { fingerprintOf, openLedger, type Reject, type Totals } from './ledger.ts';
import { checkColumns, type ImportMap } from './map.ts';
import type { Row, Source } from './sources.ts';

export type ImportAsk = Readonly<{
  room: Strongroom;
  source: Source;
  map: ImportMap;
  onDuplicate: 'reject' | 'skip' | 'update';
  /** Rows in one request, at most 1,000. */
  batch: number;
  /** Requests under way at once. */
  concurrency: number;
  /** The vault checks every row and stores none. */
  dryRun: boolean;
  rejectsPath: string;
  /** Where to note how far the vault answered; null: always from the first row. */
  statePath: string | null;
  /** Tells source and vault from others: an import goes on only where both are the same. */
  identity: readonly string[];
  onProgress: (confirmedRows: number) => void;
  /** Stops reading; what is under way is still answered for. */
  signal?: AbortSignal;
}>;
export type ImportSummary = Totals & Readonly<{ rows: number; resumedAt: number; state: 'done' | 'stopped' }>;

type Item = { line: number; externalId: string; fields: Record<string, string> };

/** A request stays below the server's limit of 16 MiB, whatever the rows are. */
const BATCH_CHARS = 4 * 1024 * 1024;

export async function runImport(ask: ImportAsk): Promise<ImportSummary> {
  const { source, map, signal } = ask;
  if (source.columns !== null) checkColumns(map, source.columns);
  const { rejectsPath, statePath } = ask;
  const columns = [...(map.columns ?? [])];
  const fingerprint = fingerprintOf([ask.identity, map.collection, map.externalId, columns, ask.onDuplicate]);
  const ledger = await openLedger({ rejectsPath, statePath, fingerprint });
  const underWay = new Set<Promise<void>>();
  let failed: Error | undefined;
  let rows = 0;
  let sent = 0;
  let items: Item[] = [];
  let bad: Reject[] = [];
  /** Ids of rows that are not answered for yet: another row of one of them is the newer one, and waits. */
  const ids = new Set<string>();
  let chars = 0;

  const flush = async (end: number): Promise<void> => {
    const [number, batch, unreadable] = [sent, items, bad];
    const work = send(ask, batch)
      .then((results) => ledger.settle(number, { end, ...outcome(results, batch, unreadable) }))
      .then(() => ask.onProgress(ledger.confirmed()))
      .catch((thrown: unknown) => void (failed ??= thrown as Error))
      .finally(() => {
        underWay.delete(work);
        for (const { externalId } of batch) ids.delete(sameId(externalId));
      });
    underWay.add(work);
    [sent, items, bad, chars] = [sent + 1, [], [], 0];
    if (underWay.size >= ask.concurrency) await Promise.race(underWay);
  };
  const goesOn = (): boolean => failed === undefined && signal?.aborted !== true;
  let whole = false;
  try {
    for await (const row of source.rows) {
      if (!goesOn()) break;
      rows += 1;
      if (rows <= ledger.resumedAt) continue;
      const read = readRow(map, row);
      if ('code' in read) bad.push(read);
      else {
        if (ids.has(sameId(read.externalId))) {
          // what is gathered is of the rows before this one
          if (items.length + bad.length > 0) await flush(rows - 1);
          await Promise.all(underWay);
          if (!goesOn()) break;
        }
        ids.add(sameId(read.externalId));
        items.push(read);
        for (const text of Object.values(read.fields)) chars += text.length;
      }
      if (items.length + bad.length >= ask.batch || chars >= BATCH_CHARS) await flush(rows);
    }
    if (items.length + bad.length > 0 && goesOn()) await flush(rows);
    await Promise.all(underWay);
    whole = goesOn();
  } finally {
    await Promise.all(underWay);
    await ledger.close(whole ? 'done' : 'stopped');
  }
  if (failed !== undefined) throw failed;
  const state = whole ? 'done' : 'stopped';
  return { rows: ledger.confirmed(), ...ledger.totals(), resumedAt: ledger.resumedAt, state };
}

/** As most collections compare ids: what these take for two, the vault may take for one only where ids are telephone numbers. */
const sameId = (externalId: string): string => externalId.normalize('NFKC').toLowerCase();

async function send(ask: ImportAsk, items: readonly Item[]): Promise<readonly BatchResult[]> {
  if (items.length === 0) return [];
  const records = items.map((item) => ({ subject: { externalId: item.externalId }, fields: item.fields }));
  const { collection } = ask.map;
  const reply = await ask.room.records.batch({
    collection,
    onDuplicate: ask.onDuplicate,
    values: 'text',
    dryRun: ask.dryRun,
    records,
  });
  return reply.results;
}

type Outcome = Readonly<{ totals: Totals; rejects: readonly Reject[] }>;

function outcome(results: readonly BatchResult[], items: readonly Item[], unreadable: readonly Reject[]): Outcome {
  const count = (status: BatchResult['status']): number => results.filter((result) => result.status === status).length;
  const rejects = [...unreadable, ...results.flatMap((result) => asReject(result, items))];
  const totals = {
    created: count('created') + count('valid'),
    updated: count('updated'),
    skipped: count('skipped'),
    rejected: rejects.length,
  };
  return { totals, rejects: rejects.toSorted((a, b) => a.line - b.line) };
}

const UNNAMED = 'the row has a key that the map does not name: put it under columns or ignore';
const UNFIT = 'the row has a NUL or half a character in it';
const isText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

function readRow(map: ImportMap, row: Row): Item | Reject {
  if ('because' in row) return { line: row.line, code: 'IMPORT_UNREADABLE', because: row.because };
  const id = row.cells[map.externalId.column]?.trim() ?? '';
  if (!isText(id)) return { line: row.line, code: 'IMPORT_UNREADABLE', because: UNFIT };
  if (id === '') return { line: row.line, code: 'IMPORT_NO_ID', because: `${map.externalId.column} is empty` };
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [column, cell] of Object.entries(row.cells)) {
    if (column === map.externalId.column || map.ignore.has(column)) continue;
    const field = map.columns === null ? column : map.columns.get(column);
    const text = cell.trim();
    // of a table it was found before the first row; lines of JSON bring their keys with them
    if (field === undefined) return { line: row.line, code: 'IMPORT_UNREADABLE', because: UNNAMED };
    if (text === '') continue;
    // no vault takes it, and its refusal would be of all rows that are sent with this one
    if (!isText(text)) return { line: row.line, code: 'IMPORT_UNREADABLE', because: UNFIT };
    fields[field] = text;
  }
  return { line: row.line, externalId: map.externalId.prefix + id, fields };
}

/** The reason, never the row: the file may lie about for long. */
function asReject(result: BatchResult, items: readonly Item[]): Reject[] {
  const line = items[result.index]?.line ?? 0;
  return result.problem === undefined ? [] : [{ line, code: result.problem.code, because: result.problem.detail }];
}
