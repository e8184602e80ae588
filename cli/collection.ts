/** `strongroom collection …`: what is held and why, and the versions of the catalogue. */
import { readFileSync } from 'node:fs';

import type { CatalogChanges, Collection, GateReport, LintedCatalog } from '@strongroom/sdk';
import type { Command } from 'commander';

import { discoveryCommands } from './collection-discovery.ts';
import { eventCommand } from './collection-events.ts';
import { exportCommands } from './collection-export.ts';
import { holdCommands } from './collection-holds.ts';
import { reviewCommands } from './collection-review.ts';
import { retentionCommands } from './collection-retention.ts';
import { connect, EXIT, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { writeNew } from './new-file.ts';
import { harmless } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

export function collectionCommands(program: Command, run: Run): void {
  const collection = program
    .command('collection')
    .description('what is held, why, and for how long')
    .addHelpText(
      'after',
      '\nIn the system itself, so that no value leaves this machine:\n  scan <source>               find personal data in a database or a file; propose a catalogue; report drift\n  detect <file|->             where it stands in a text, how sure, and why',
    );
  withConnection(collection.command('catalog').description('what is held by the version that holds'))
    .option('--document', 'its catalog.yaml alone, to edit and propose')
    .option('--version <id>', 'the document of another version', 'active')
    .action((options: Shared & { document?: boolean; version: string }) =>
      run(async () => {
        const room = connect(options).collection;
        if (options.document === true || options.version !== 'active') {
          process.stdout.write((await room.version(options.version)).document);
          return;
        }
        const found = await room.catalog();
        show(options, found, () =>
          found.collections
            .flatMap(({ name, fields }) => [
              name,
              ...fields.map(
                (field) =>
                  `  ${field.name.padEnd(20)} ${field.class.padEnd(10)} ${field.type.padEnd(9)} ${field.purposes.join(', ')}`,
              ),
            ])
            .join('\n'),
        );
      }, options),
    );
  withConnection(collection.command('versions').description('all versions, newest first')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).collection.versions();
      show(options, found, () =>
        found.versions
          .map(({ id, state, proposedAt, note }) => `${id}  ${state.padEnd(9)}  ${proposedAt}  ${harmless(note)}`)
          .join('\n'),
      );
    }, options),
  );
  withConnection(
    collection
      .command('lint <file>')
      .description('what is wrong with a catalog.yaml, and what it would change; keeps nothing'),
  ).action((file: string, options: Shared) =>
    run(async () => {
      const linted = await connect(options).collection.lint(readText(file));
      show(options, linted, () => lintLines(linted, file));
      return linted.ok ? 0 : EXIT.failed;
    }, options),
  );
  withConnection(collection.command('diff <version>').description('what a version changes')).action(
    (version: string, options: Shared) =>
      run(async () => {
        const room = connect(options).collection;
        const { id, state, hash, note } = await room.version(version);
        const diff = await room.diff(version);
        show(options, { id, state, hash, note, diff }, () =>
          [`${id}  ${state}  ${harmless(note)}`, `hash ${hash}`, diffLines(diff)].join('\n'),
        );
      }, options),
  );
  withConnection(
    collection.command('record').description('the record of processing (GDPR art. 30), from what is enforced'),
  )
    .option('--format <format>', 'json, csv or pdf', 'csv')
    .option('--output <file>', 'write it there')
    .action((options: Shared & { format: string; output?: string }) =>
      run(async () => {
        const room = connect(options).collection;
        const ask = async () => Buffer.from(await recordAs(room, options.format));
        if (options.output === undefined) process.stdout.write(await ask());
        else await writeNew(options.output, ask, '--output');
      }, options),
    );
  withConnection(
    collection.command('map').description('where data comes from, what it is held for, to whom it goes'),
  ).action((options: Shared) =>
    run(async () => {
      const map = await connect(options).collection.dataMap();
      show(options, map, () =>
        map.flows.map((flow) => `${flow.from} → ${flow.to}  up to ${flow.class}: ${flow.fields.join(', ')}`).join('\n'),
      );
    }, options),
  );
  withConnection(collection.command('gate').description('what the gate found, and what enforce would have refused'))
    .option('--days <n>', 'how far back, today among them', '30')
    .action((options: Shared & { days: string }) =>
      run(async () => {
        const report = await connect(options).collection.gate(wholeNumber('--days', options.days));
        show(options, report, () => gateLines(report));
      }, options),
    );
  withConnection(collection.command('propose <file>').description('keep a catalog.yaml for another to approve'))
    .requiredOption('--note <text>', 'what changes and why')
    .option('--based-on <version>', 'the version it was made from: refused when another one holds by now')
    .action((file: string, options: Shared & { note: string; basedOn?: string }) =>
      run(async () => {
        const made = await connect(options).collection.propose(readText(file), options.note, options.basedOn);
        show(
          options,
          made,
          () => `${made.version.id}  ${made.version.state}\nhash ${made.version.hash}\n${diffLines(made.diff)}`,
        );
      }, options),
    );
  withConnection(collection.command('approve <version>').description('approve what another proposed'))
    .requiredOption('--hash <hash>', 'of what you looked at, as `collection diff` says it')
    .action((version: string, options: Shared & { hash: string }) =>
      run(async () => {
        const approved = await connect(options).collection.approve(version, options.hash);
        show(options, approved, () => `${approved.id} is approved: ${approved.hash}`);
      }, options),
    );
  withConnection(collection.command('activate <version>').description('let an approved version hold')).action(
    (version: string, options: Shared) =>
      run(async () => {
        const active = await connect(options).collection.activate(version);
        const indexed = active.indexWork === null ? '' : `\nThe search index is made anew: ${active.indexWork}`;
        show(options, active, () => `${active.version.id} holds from the next request on.${indexed}`);
      }, options),
  );
  discoveryCommands(collection, run);
  eventCommand(collection, run);
  reviewCommands(collection, run);
  exportCommands(collection, run);
  holdCommands(retentionCommands(collection, run), run);
}

async function recordAs(room: Collection, format: string): Promise<string | Uint8Array> {
  if (format === 'csv') return room.recordCsv();
  if (format === 'pdf') return room.recordPdf();
  if (format === 'json') return `${JSON.stringify(await room.record(), null, 2)}\n`;
  throw new Usage(`${format} is none of json, csv and pdf`);
}

function gateLines({ since, wouldRefuse, collections, counts }: GateReport): string {
  return [
    ...collections.map(({ name, mode }) => `${name.padEnd(20)} ${mode}`),
    `since ${since}: ${wouldRefuse} values passed that enforce would have masked or refused`,
    ...counts.map(
      (each) =>
        `${String(each.times).padStart(8)}  ${each.collection}.${each.field}  ${harmless(each.finding)}  ${each.mode}: ${each.outcome}${each.outcome === 'passed' ? `, would ${each.would}` : ''}`,
    ),
  ].join('\n');
}

/** @throws Usage when it cannot be read */
function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new Usage(`${file} could not be read: strongroom collection catalog --document writes what holds`);
  }
}

const diffLines = ({ changes }: CatalogChanges): string =>
  changes.map(({ effect, path, says }) => `  ${effect.padEnd(8)}  ${path}: ${harmless(says)}`).join('\n');

function lintLines({ ok, problems, warnings, diff }: LintedCatalog, file: string): string {
  const said =
    (mark: string) =>
    ({ path, line, says, hint }: LintedCatalog['problems'][number]): string =>
      `${file}${line === null ? '' : `:${line}`}: ${mark}${path === '' ? '' : `${harmless(path)}: `}${harmless(says)} (${harmless(hint)})`;
  return [
    ...problems.map(said('')),
    ...warnings.map(said('warning: ')),
    ok ? 'It may be proposed.' : 'It cannot be proposed.',
    ...(diff === null || diff.changes.length === 0 ? [] : [diffLines(diff)]),
  ].join('\n');
}
