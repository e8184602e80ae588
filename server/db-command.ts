/** `strongroom db …`: what is done to the database as a whole. */
import { readFile } from 'node:fs/promises';

import { configFailure, processConfig } from '#platform/config';
import { distribute, distributionOf, openDb, readLayout, type Layout } from '#platform/db';

import { FLAG, readArguments } from './command-arguments.ts';

const USAGE = `strongroom db: the database as a whole (docs/scaling.md)

  db distribute            spreads the tables over the nodes of a Citus cluster, by deploy/database/citus.sql; what is done
                           already is left out, so that one that was cut off goes on. Stop all servers first
  db distribute --dry-run  prints the SQL that it would run, and runs nothing
  db distribute --json     {"extension","done","left","ran"}

  Asks DATABASE_URL, which is the coordinator. Exit codes: 0 done, 1 failed, 2 usage.
`;

const LAYOUT = new URL('../deploy/database/citus.sql', import.meta.url);

export const citusLayout = async (): Promise<Layout> => readLayout(await readFile(LAYOUT, 'utf8'));

export async function dbCommand(args: readonly string[]): Promise<number> {
  const read = readArguments(args, { 'dry-run': FLAG, json: FLAG, help: FLAG }, 'any');
  if (read === null || (!read.values.help && read.positionals.join(' ') !== 'distribute')) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { values } = read;
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const config = processConfig();
  const layout = await citusLayout();
  const dry = values['dry-run'];
  // a first look needs no database
  if (config.databaseUrl === null && !dry)
    throw configFailure('MALFORMED', {
      detail: 'DATABASE_URL should be the coordinator of a Citus cluster: the embedded database is one node',
    });
  const db = config.databaseUrl === null ? null : openDb(config.databaseUrl, { connections: 1, statementTimeoutMs: 0, applicationName: 'strongroom-db' }); // prettier-ignore
  const ran: string[] = [];
  try {
    const found = db === null ? { extension: false, done: [], left: layout.steps } : dry ? await distributionOf(db, layout) : await distribute(db, layout, (table) => { // prettier-ignore
      ran.push(table);
      if (!values.json) process.stdout.write(`${table}\n`);
    }); // prettier-ignore
    const left = found.left.filter(({ table }) => !ran.includes(table));
    if (values.json)
      process.stdout.write(`${JSON.stringify({ extension: found.extension, done: found.done, left: left.map(({ table }) => table), ran })}\n`); // prettier-ignore
    else if (dry)
      process.stdout.write(left.flatMap(({ statements }) => statements.map((each) => `${each}\n`)).join(''));
    else process.stdout.write(`${ran.length} tables spread, ${found.done.length} were already\n`);
    return 0;
  } finally {
    await db?.end({ timeout: 5 });
  }
}
