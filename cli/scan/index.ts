/** `strongroom collection scan`: reads a source, lets the engine judge, says what came of it. Values stay in this process. */
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { Presets, SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';

import { connect, EXIT, show, Usage, withConnection, type Shared } from '../connection.ts';
import { readMap } from '../import/map.ts';
import type { Binding, Declared, Drift, Reading, ScanEngine, ScanReport, TableReport } from './engine.ts';
import { handedIn, openOnes } from './hand-in.ts';
import { sourceOf } from './read-source.ts';
import { runOwn } from './run-own.ts';
import { driftLines, keptLines, scanLines } from './scan-words.ts';

export { detectCommand } from './detect.ts';
export type { ScanEngine } from './engine.ts';

type ScanOptions = Shared &
  Readonly<{
    propose?: string;
    collection?: string;
    against?: string;
    map?: string;
    table?: string;
    format?: 'csv' | 'json' | 'text';
    header: 'yes' | 'no' | 'auto';
    failOn?: 'certain' | 'suggest' | 'drift';
    timeout: string;
    all?: boolean;
    report?: boolean;
    as?: string;
  }>;

const HELP = `
Sources:
  postgres://account@host/database     PGPASSWORD holds the password; ?sslmode=verify-full for TLS
  mysql://account@host/database        also mariadb://
  customers.csv, .tsv, .json, .ndjson, any log or text

A database is read in transactions that can only read, each statement under --timeout, at most 1,000 rows of a table and the
beginning of each value; give it an account that can only read. Nothing that was read is kept, printed or sent: a report holds
names, counts and reasons, and --report hands in just that. JSON is walked to paths, such as profile $.emails[*].

Examples:
  strongroom collection scan postgres://scan@db/shop                      what is personal there, and why
  strongroom collection scan crm.csv --propose catalog.yaml --collection customer
  strongroom collection scan postgres://scan@db/shop --against active --fail-on certain     in CI: 1 when something is not declared
  strongroom collection scan postgres://scan@db/shop --report     kept: the console shows it, and what to do next
  strongroom collection scan app.log --fail-on certain                    no personal data in the log

Exit codes: 0 done, 1 --fail-on found something, or a part could not be read, 2 usage, 3 denied, 5 unreachable`;

export async function scanCommand<Table extends TableReport>(
  args: readonly string[],
  engine: ScanEngine<Table>,
): Promise<number> {
  const command = withConnection(new Command('strongroom collection scan'))
    .description('find personal data in a database or a file')
    .argument('<source>', 'address of a database, or a file')
    .option('--propose <file>', 'write a draft of a catalogue; purposes are yours to decide')
    .option('--collection <name>', 'the collection this is, when it is one table')
    .option('--against <catalogue>', 'a catalog.yaml, or active: the one the server works by')
    .option('--map <file>', 'import map: which column is which field (docs/formats/import-map.md)')
    .option('--table <name>', 'this table alone')
    .addOption(new Option('--format <format>', 'of a file whose name does not tell').choices(['csv', 'json', 'text']))
    .addOption(
      new Option('--header <mode>', 'whether the first row of a CSV names columns')
        .choices(['yes', 'no', 'auto'])
        .default('auto'),
    )
    .addOption(
      new Option('--fail-on <what>', 'exit 1 when there is personal data that is not declared').choices([
        'certain',
        'suggest',
        'drift',
      ]),
    )
    .option('--timeout <seconds>', 'of each statement', '30')
    .option('--report', 'hand it in: the server keeps it, says how it differs, and people decide what becomes of that')
    .option('--as <name>', 'with --report: keep it under this name instead of the address or file name')
    .option('--all', 'show also the columns in which nothing was found')
    .addHelpText('after', HELP);
  return await runOwn(command, args, (from, options: ScanOptions) => scan(from, options, engine));
}

async function scan<Table extends TableReport>(
  from: string,
  options: ScanOptions,
  engine: ScanEngine<Table>,
): Promise<number> {
  const { propose, against, collection = null } = options;
  // whole milliseconds: MySQL takes no others, and would go on without a limit
  const timeoutMs = Math.round(Number(options.timeout) * 1000);
  if (!(timeoutMs >= 1 && timeoutMs <= 3_600_000))
    throw new Usage(`${options.timeout} is no number of seconds up to 3600`);
  if (propose !== undefined && existsSync(propose))
    throw new Usage(`${propose} is there already: it would be overwritten`);
  const binding = await bindingOf(options);
  if (options.report === true && against !== undefined && against !== 'active')
    throw new Usage('--report compares with the catalogue that holds: leave --against out');
  if (options.as !== undefined && options.report !== true) throw new Usage('--as belongs to --report');
  // before the scan: whoever cannot reach the server should not wait for it
  const declared =
    against === undefined && options.report !== true ? null : await declaredBy(against ?? 'active', options, engine);
  const report = await readAll(from, options, { engine, timeoutMs });
  const kept =
    options.report === true
      ? await connect(options).collection.reportScan(
          handedIn(report, { as: options.as ?? null, table: options.table ?? null, binding }),
        )
      : null;
  const drifts =
    kept !== null
      ? openOnes(kept.drifts)
      : engine
          .compare(report, declared ?? [], binding)
          .filter(({ kind }) => declared !== null || kind === 'undeclared');
  if (propose !== undefined) writeFileSync(propose, engine.propose(report, collection), { mode: 0o644, flag: 'wx' });

  show(
    options,
    { ...report, ...(declared === null ? {} : { drifts }), ...(kept === null ? {} : { scan: kept.scan.id }) },
    () =>
      [
        ...scanLines(report, { all: options.all === true }),
        ...(declared === null
          ? []
          : ['', ...driftLines(drifts, (against ?? 'active') === 'active' ? 'the active catalogue' : (against ?? ''))]),
        ...(kept === null ? [] : ['', ...keptLines(kept)]),
        ...(propose === undefined
          ? []
          : [
              '',
              `${propose} is a draft: decide purposes, retention and owners, then strongroom collection lint ${propose}`,
            ]),
      ].join('\n'),
  );
  const fails = drifts.filter((drift) => failing(drift, options.failOn)).length;
  if (fails > 0) process.stderr.write(`${fails} findings of --fail-on ${options.failOn}\n`);
  return fails > 0 || report.missing.length > 0 ? EXIT.failed : 0;
}

async function readAll<Table extends TableReport>(
  from: string,
  options: ScanOptions,
  { engine, timeoutMs }: Readonly<{ engine: ScanEngine<Table>; timeoutMs: number }>,
): Promise<ScanReport<Table>> {
  const source = await sourceOf(from, options.format ?? null);
  const tables: Table[] = [];
  const missing: { name: string; because: string }[] = [];
  const warnings: string[] = [];
  const text = source.kind === 'text' ? engine.openText() : null;
  const began = new Date();
  const bar =
    process.stderr.isTTY && options.json !== true
      ? new SingleBar({ format: `{bar} {percentage} % of ${source.name}`, hideCursor: true }, Presets.shades_classic)
      : null;
  bar?.start(1, 0);
  const reading: Reading = {
    onTable: (table) => void tables.push(engine.examineTable(table)),
    onMissing: (name, because) => void missing.push({ name, because }),
    onWarning: (says) => void warnings.push(says),
    onProgress: (done, total) => {
      bar?.setTotal(Math.max(1, total));
      bar?.update(done);
    },
    random: () => randomInt(2 ** 32) / 2 ** 32,
  };
  try {
    await source.read(reading, {
      format: options.format ?? null,
      header: options.header,
      table: options.table ?? null,
      timeoutMs,
      knowsName: engine.knowsName,
      addText: (piece, overlap) => text?.add(piece, overlap),
    });
  } finally {
    bar?.stop();
  }
  if (text !== null) tables.push(text.report(source.name));
  const seconds = (Date.now() - began.getTime()) / 1000;
  return {
    schema: 'strongroom/scan/1',
    source: source.name,
    kind: source.kind,
    startedAt: began.toISOString(),
    seconds,
    tables,
    missing,
    warnings,
  };
}

async function bindingOf({ map, collection, table }: ScanOptions): Promise<Binding | null> {
  if (map !== undefined) {
    const read = await readMap(map);
    return {
      table: table ?? read.table,
      collection: collection ?? read.collection,
      columns: read.columns,
      ignore: new Set([...read.ignore, read.externalId.column]),
    };
  }
  return collection === undefined ? null : { table: table ?? null, collection, columns: null, ignore: new Set() };
}

async function declaredBy(
  against: string,
  options: ScanOptions,
  engine: Pick<ScanEngine, 'declaredIn'>,
): Promise<Declared> {
  if (against === 'active') return (await connect(options).collection.catalog()).collections;
  let document: string;
  try {
    document = readFileSync(against, 'utf8');
  } catch {
    throw new Usage(`${against} could not be read: it is neither active nor a catalog.yaml`);
  }
  return engine.declaredIn(document, against);
}

function failing(drift: Drift, on: ScanOptions['failOn']): boolean {
  if (on === undefined) return false;
  if (drift.kind !== 'undeclared') return on === 'drift';
  return drift.level === 'certain' || on !== 'certain';
}
