/**
 * Imports: rows in batches, several under way, rejects to a file, and a state file so that a killed import goes on where
 * it was. Twice is once: the server skips external ids it has.
 */
import { createHash } from 'node:crypto';
import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises';

import type { BatchResult, Strongroom } from '@strongroom/sdk';

import { checkColumns, type ImportMap } from './map.ts';
import type { Row, Source } from './sources.ts';

export type ImportAsk = Readonly<{
  room: Strongroom;
  source: Source;
  map: ImportMap;
  onDuplicate: 'reject' | 'skip' | 'update';
  batch: number;
  concurrency: number;
  rejectsPath: string;
  statePath: string | null;
  onProgress: (done: number) => void;
}>;
export type ImportSummary = {
  rows: number;
  created: number;
  updated: number;
  skipped: number;
  rejected: number;
  resumedAt: number;
};

type Item = { line: number; externalId: string; fields: Record<string, string> };
type Reject = { line: number; code: string; because: string };

export async function runImport(ask: ImportAsk): Promise<ImportSummary> {
  const { source, map } = ask;
  if (source.columns !== null) checkColumns(map, source.columns);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([map.collection, map.externalId, [...(map.columns ?? [])], ask.onDuplicate]))
    .digest('hex');
  const resumedAt = ask.statePath === null ? 0 : await readState(ask.statePath, fingerprint);
  const summary: ImportSummary = { rows: 0, created: 0, updated: 0, skipped: 0, rejected: 0, resumedAt };
  const underWay = new Set<Promise<void>>();
  const confirmed = new Map<number, number>();
  let nextBatch = 0;
  let settled = 0;
  let position = resumedAt;
  let failed: Error | undefined;

  const reject = async (rejects: readonly Reject[]): Promise<void> => {
    if (rejects.length === 0) return;
    summary.rejected += rejects.length;
    await appendFile(ask.rejectsPath, rejects.map((each) => `${JSON.stringify(each)}\n`).join(''), { mode: 0o600 });
  };
  const send = async (number: number, items: readonly Item[], bad: readonly Reject[], end: number): Promise<void> => {
    const results = items.length === 0 ? [] : (await ask.room.records.batch({
      collection: map.collection, onDuplicate: ask.onDuplicate, values: 'text',
      records: items.map((item) => ({ subject: { externalId: item.externalId }, fields: item.fields })),
    })).results; // prettier-ignore
    for (const each of ['created', 'updated', 'skipped'] as const)
      summary[each] += results.filter((result) => result.status === each).length;
    await reject([...bad, ...results.flatMap((result) => asReject(result, items))]);
    confirmed.set(number, end);
    // only an unbroken row of answered batches counts: what lies behind a gap is sent again after a crash
    for (let at = confirmed.get(settled); at !== undefined; at = confirmed.get(settled)) {
      confirmed.delete(settled);
      settled += 1;
      position = at;
    }
    if (ask.statePath !== null) await writeState(ask.statePath, fingerprint, position);
    ask.onProgress(position);
  };

  let items: Item[] = [];
  let bad: Reject[] = [];
  const flush = async (): Promise<void> => {
    const work = send(nextBatch++, items, bad, summary.rows)
      .catch((thrown: unknown) => void (failed ??= thrown as Error))
      .finally(() => underWay.delete(work));
    [items, bad] = [[], []];
    underWay.add(work);
    if (underWay.size >= ask.concurrency) await Promise.race(underWay);
  };
  for await (const row of source.rows) {
    summary.rows += 1;
    if (summary.rows <= resumedAt) continue;
    if (failed !== undefined) break;
    const read = readRow(map, row);
    if ('code' in read) bad.push(read);
    else items.push(read);
    if (items.length + bad.length >= ask.batch) await flush();
  }
  if (items.length + bad.length > 0 && failed === undefined) await flush();
  await Promise.all(underWay);
  if (failed !== undefined) throw failed;
  if (ask.statePath !== null) await rm(ask.statePath, { force: true });
  return summary;
}

function readRow(map: ImportMap, row: Row): Item | Reject {
  if ('because' in row) return { line: row.line, code: 'IMPORT_UNREADABLE', because: row.because };
  const id = row.cells[map.externalId.column]?.trim() ?? '';
  if (id === '') return { line: row.line, code: 'IMPORT_NO_ID', because: `${map.externalId.column} is empty` };
  const fields: Record<string, string> = {};
  for (const [column, cell] of Object.entries(row.cells)) {
    if (column === map.externalId.column || map.ignore.has(column)) continue;
    const field = map.columns === null ? column : map.columns.get(column);
    const text = cell.trim();
    if (field !== undefined && text !== '') fields[field] = text;
  }
  return { line: row.line, externalId: map.externalId.prefix + id, fields };
}

/** The reason, never the row: the file may lie about for long. */
function asReject(result: BatchResult, items: readonly Item[]): Reject[] {
  const line = items[result.index]?.line ?? 0;
  return result.problem === undefined ? [] : [{ line, code: result.problem.code, because: result.problem.detail }];
}

async function readState(path: string, fingerprint: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  const state = JSON.parse(text) as { fingerprint?: string; confirmed?: number };
  return state.fingerprint === fingerprint && Number.isSafeInteger(state.confirmed) ? (state.confirmed as number) : 0;
}

async function writeState(path: string, fingerprint: string, confirmed: number): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify({ fingerprint, confirmed }), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
