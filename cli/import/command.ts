/** `strongroom vault import`: chooses the source, shows progress, says what came of it. */
import { statSync } from 'node:fs';

import { isProblem, type Strongroom } from '@strongroom/sdk';
import { SingleBar, Presets } from 'cli-progress';

import { connect, show, Usage, type Shared } from '../connection.ts';
import { identityOf } from './ledger.ts';
import { readMap, type ImportMap } from './map.ts';
import { runImport, type ImportSummary } from './run.ts';
import { csvSource, jsonlSource, type Source } from './sources.ts';

export type ImportOptions = Shared &
  Readonly<{
    collection?: string;
    map?: string;
    externalId?: string;
    table?: string;
    onDuplicate: string;
    batch: string;
    concurrency: string;
    rejects?: string;
    resume: boolean;
    dryRun?: boolean;
  }>;

export async function importCommand(from: string, options: ImportOptions): Promise<number> {
  const map = options.map === undefined ? plainMap(options) : await readMap(options.map);
  const live = /^(postgres|postgresql|mysql|mariadb):\/\//.test(from);
  const source = await openSource(from, options.table ?? map.table, map);
  const bar =
    process.stderr.isTTY && options.json !== true
      ? new SingleBar({ format: '{bar} {value} rows, {rate}/s', hideCursor: true }, Presets.shades_classic)
      : null;
  const began = Date.now();
  const rejectsPath = options.rejects ?? `${live ? 'import' : from}.rejects.jsonl`;
  const room = connect(options);
  // the first signal stops after what is under way; a second one ends at once, and loses nothing either
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  for (const signal of SIGNALS) process.once(signal, onSignal);
  bar?.start(0, 0, { rate: 0 });
  try {
    const summary = await runImport({
      room, source, map: { ...map, collection: options.collection ?? map.collection },
      onDuplicate: oneOf(options.onDuplicate, ['reject', 'skip', 'update']), batch: whole(options.batch, 1, 1000), concurrency: whole(options.concurrency, 1, 16),
      rejectsPath, dryRun: options.dryRun === true,
      // a live table has no stable order to count by; there the external ids alone make twice once
      statePath: live || !options.resume || options.dryRun === true ? null : `${from}.import-state.json`,
      identity: live ? [] : [await identityOf(from), await vaultIdentity(room, options)],
      onProgress: (done) => bar?.update(done, { rate: Math.round(done / Math.max(1, (Date.now() - began) / 1000)) }),
      signal: stop.signal,
    }); // prettier-ignore
    bar?.stop();
    const seconds = (Date.now() - began) / 1000;
    show(options, { ...summary, seconds }, () => summaryWords(summary, seconds, rejectsPath, options.dryRun === true));
    if (summary.state === 'stopped') return 130;
    return summary.rejected > 0 && summary.created + summary.updated + summary.skipped === 0 ? 1 : 0;
  } finally {
    bar?.stop();
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await source.close?.();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

function summaryWords(summary: ImportSummary, seconds: number, rejectsPath: string, dryRun: boolean): string {
  const { rows, created, updated, skipped, rejected } = summary;
  return [
    dryRun
      ? `${rows} rows checked in ${seconds.toFixed(1)} s, none stored: ${created} would be stored or updated, ${skipped} are there already, ${rejected} would be rejected.`
      : `${rows} rows in ${seconds.toFixed(1)} s: ${created} stored, ${updated} updated, ${skipped} there already, ${rejected} rejected.`,
    ...(summary.resumedAt > 0 ? [`Went on after row ${summary.resumedAt} of an import that was cut off.`] : []),
    ...(rejected > 0 ? [`Why: ${rejectsPath}`] : []),
    ...(summary.state === 'stopped' ? ['Stopped. Run it again: it goes on from here and loads nothing twice.'] : []),
  ].join('\n');
}

/** A new vault at an old address is another vault: the origin of its audit log tells. */
async function vaultIdentity(room: Strongroom, options: Shared): Promise<string> {
  try {
    return (await room.audit.checkpoint()).split('\n', 1)[0] ?? '';
  } catch (thrown) {
    if (isProblem(thrown) && thrown.status >= 400 && thrown.status < 500) return options.url ?? '';
    throw thrown;
  }
}

async function openSource(from: string, table: string | null, map: ImportMap): Promise<Source> {
  // drivers are loaded where they are asked for: other commands do not wait for them
  if (/^postgres(ql)?:\/\//.test(from)) return (await import('./postgres.ts')).postgresSource(from, table, map);
  if (/^(mysql|mariadb):\/\//.test(from))
    return (await import('./mysql.ts')).mysqlSource(from.replace(/^mariadb:/, 'mysql:'), table, map);
  if (statSync(from, { throwIfNoEntry: false })?.isFile() !== true) throw new Usage(`there is no file ${from}`);
  return /\.(jsonl|ndjson)$/.test(from) ? jsonlSource(from) : csvSource(from);
}

function plainMap(options: ImportOptions): ImportMap {
  if (options.collection === undefined || options.externalId === undefined)
    throw new Usage('give --map <file>, or --collection and --external-id <column>');
  return {
    collection: options.collection,
    externalId: { column: options.externalId, prefix: '' },
    columns: null,
    ignore: new Set(),
    table: null,
  };
}

function oneOf<const T extends readonly string[]>(text: string, choices: T): T[number] {
  if (!choices.includes(text)) throw new Usage(`${text} is not one of ${choices.join(', ')}`);
  return text;
}

function whole(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new Usage(`${text} is not a whole number from ${least} to ${most}`);
  return value;
}
