/** `strongroom vault …`: records, search, export; what is about subjects, tokens and long works has files of its own. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Condition, FieldValue, ReadRecord } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { importCommand, type ImportOptions } from './import/command.ts';
import { writeNew } from './new-file.ts';
import { fromInput, harmless } from './terminal.ts';
import { attachmentCommands } from './vault-attachments.ts';
import { intakeCommands } from './vault-intake.ts';
import { subjectCommands } from './vault-subjects.ts';
import { tokenCommands } from './vault-tokens.ts';
import { workCommands } from './vault-works.ts';
import { wholeNumber } from './whole-number.ts';

export function vaultCommands(program: Command, run: Run): void {
  const vault = program
    .command('vault')
    .description('records sealed field by field: import, read, search, erase, rotate');
  const reading = (command: Command): Command =>
    withConnection(command).option('--purpose <purpose>', 'why you read, such as service.support');

  reading(
    vault.command('import <source>').description('import CSV, JSON lines, or a live postgres:// or mysql:// table'),
  )
    .option('--map <file>', 'which column becomes which field (docs/formats/import-map.md)')
    .option('--collection <name>')
    .option('--external-id <column>')
    .option('--table <name>', 'table of a live database')
    .option('--on-duplicate <what>', 'skip, update or reject', 'skip')
    .option('--batch <n>', 'records in one request', '500')
    .option('--concurrency <n>', 'requests under way', '4')
    .option('--rejects <file>', 'where rejected rows go, with the reason')
    .option('--no-resume', 'begin again from the first row')
    .option('--dry-run', 'check every row against the catalogue and the vault, store nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  strongroom vault import customers.csv --map customers.map.yaml\n  strongroom vault import postgres://me@db/shop --table public.customers --map shop.map.yaml\n\nKilled in the middle? Run it again: it goes on where it was, and loads nothing twice.',
    )
    .action((source: string, options: ImportOptions) => run(() => importCommand(source, options), options));

  reading(vault.command('get <id>').description('read a record for a purpose'))
    .option('--fields <names>', 'names, separated by commas')
    .option('--masked', 'mask also what you may see in clear')
    .option('--reason <text>', 'why, in your own words: kept in the log, sealed under the customer\u2019s key')
    .action((id: string, options: Shared & { fields?: string; masked?: boolean; reason?: string }) =>
      run(async () => {
        const record = await connect(options).records.get(id, {
          ...(options.fields === undefined ? {} : { fields: options.fields.split(',') }),
          show: options.masked === true ? 'masked' : undefined,
          reason: options.reason,
        });
        show(options, record, () => recordWords(record));
      }, options),
    );

  reading(
    vault.command('search').description('find records: --where email=… or last_name^=mül or create_date@=2026-11'),
  )
    .requiredOption('--collection <name>')
    .requiredOption(
      '--where <terms...>',
      'field=value, field^=beginning, field@=month; - for the value reads it from standard input',
    )
    .option('--limit <n>', 'at most 100', '20')
    .action((options: Shared & { collection: string; where: string[]; limit: string }) =>
      run(async () => {
        const page = await connect(options).search.page({
          collection: options.collection,
          where: Object.fromEntries(options.where.map(readTerm)),
          limit: wholeNumber('--limit', options.limit),
        });
        show(options, page, () =>
          page.records.length === 0 ? 'Nothing found.' : page.records.map(recordWords).join('\n\n'),
        );
      }, options),
    );

  reading(vault.command('put').description('store a record: --field name=value …'))
    .requiredOption('--collection <name>')
    .option('--external-id <id>')
    .requiredOption('--field <fields...>', 'name=value; the value is JSON where it reads as JSON, else text')
    .action((options: Shared & { collection: string; externalId?: string; field: string[] }) =>
      run(async () => {
        const subject = options.externalId === undefined ? {} : { subject: { externalId: options.externalId } };
        const made = await connect(options).records.create({
          collection: options.collection,
          ...subject,
          fields: Object.fromEntries(options.field.map(readField)),
        });
        show(options, made, () => `Stored ${made.id}, version ${made.version}.`);
      }, options),
    );

  reading(
    vault
      .command('patch <record>')
      .description('change fields of the version you saw; someone else was faster: nothing changes'),
  )
    .requiredOption('--version <n>', 'the version you saw')
    .option('--field <fields...>', 'name=value; - for the value reads it from standard input', [])
    .option('--remove <names...>', 'fields to take away', [])
    .option('--expires <instant>', 'ISO 8601 instant after which the record is deleted, or never')
    .action((id: string, options: Shared & { version: string; field: string[]; remove: string[]; expires?: string }) =>
      run(async () => {
        const { expires } = options;
        const changed = await connect(options).records.update(id, wholeNumber('--version', options.version), {
          fields: Object.fromEntries([...options.field.map(readField), ...options.remove.map((name) => [name, null])]),
          ...(expires === undefined ? {} : { expiresAt: expires === 'never' ? null : expires }),
        });
        show(options, changed, () => `${changed.id} is at version ${changed.version}.`);
      }, options),
    );

  reading(vault.command('export').description('all records of a collection as JSON lines, or sealed to a recipient'))
    .requiredOption('--collection <name>')
    .requiredOption('--out <file>', 'new file; - for standard output')
    .option('--fields <names>')
    .option('--recipient <key>', 'X-Wing public key, base64url: seals the file to it')
    .action((options: Shared & { collection: string; out: string; fields?: string; recipient?: string }) =>
      run(async () => {
        const query = {
          collection: options.collection,
          ...(options.fields === undefined ? {} : { fields: options.fields.split(',') }),
        };
        const room = connect(options);
        const ask = () =>
          options.recipient === undefined ? room.export.jsonl(query) : room.export.sealed(query, options.recipient);
        if (options.out === '-') return pipeline(Readable.fromWeb((await ask()) as never), process.stdout);
        await writeNew(options.out, ask);
        show(options, { file: options.out }, () => `Written to ${options.out}.`);
      }, options),
    );

  subjectCommands(vault, reading, run);
  attachmentCommands(vault, reading, run);
  intakeCommands(vault, run);
  tokenCommands(vault, reading, run);
  workCommands(vault, reading, run);
}

function recordWords(record: ReadRecord): string {
  const fields = Object.entries(record.fields).map(([name, field]) => {
    const text = field.state === 'denied' ? '(denied)' : String(field.state === 'clear' ? field.value : field.masked);
    return `  ${name.padEnd(16)} ${harmless(text)}${field.state === 'masked' ? '  (masked)' : ''}`;
  });
  return [`${record.id}  version ${record.version}`, ...fields].join('\n');
}

function readTerm(text: string): [string, Condition] {
  const match = /^([a-z][a-z0-9_]*)(\^=|@=|=)([\s\S]*)$/.exec(text);
  if (match === null) throw new Usage('a term is field=value, field^=beginning or field@=2026-11');
  const [, field = '', operator, raw = ''] = match;
  const value = fromInput(raw);
  return [field, operator === '^=' ? { prefix: value } : operator === '@=' ? { month: value } : value];
}

function readField(text: string): [string, FieldValue] {
  const at = text.indexOf('=');
  if (at < 1) throw new Usage('a field is name=value');
  const value = fromInput(text.slice(at + 1));
  return [
    text.slice(0, at),
    /^(true|false|-?\d{1,15}(\.\d+)?)$/.test(value) ? (JSON.parse(value) as FieldValue) : value,
  ];
}
