/**
 * Migrations: numbered `.sql` files that only go forward, each applied once, in a transaction of its own.
 *
 * What was applied is recorded in platform.migrations with the SHA-256 of the file's text, so that a changed file, a
 * lost one or a database from the future is refused before anything is done.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Db, Statements, Tx } from './connection.ts';
import { dbFailure } from './failures.ts';

export type MigrationSource = Readonly<{
  /** PostgreSQL schema; made when missing. */
  schema: string;
  /** Folder of `0001-records.sql`, `0002-….sql` … */
  folder: URL;
}>;
export type MigrateOptions = Readonly<{
  /** What to do when the database holds migrations of a schema that is not among the sources. */
  otherSchemas?: 'allow' | 'refuse';
}>;
export type AppliedMigration = Readonly<{ schema: string; number: number; name: string }>;

type Migration = AppliedMigration & Readonly<{ text: string; sha256: string }>;
type Recorded = Readonly<{ schema: string; number: number; name: string; sha256: string }>;

/** Any constant: "strongro" in ASCII. Held until the transaction ends, so that a killed server lets go of it. */
const LOCK = 0x7374726f6e67726fn;
const FILE_NAME = /^(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.sql$/;

/**
 * Brings the database to the state of this code. Several servers may start at once: one works, the others wait.
 * @returns what this call applied, in order; empty when all was there
 * @throws DB_MIGRATION_NAME, DB_MIGRATION_CHANGED, DB_MIGRATION_MISSING, DB_MIGRATION_FAILED, DB_NEWER
 */
export async function migrate(
  db: Db,
  sources: readonly MigrationSource[],
  options: MigrateOptions = {},
): Promise<readonly AppliedMigration[]> {
  const migrations = (await Promise.all(sources.map(readSource))).flat();
  const applied: AppliedMigration[] = [];
  for (;;) {
    const next = await whileOthersServe(db, async (tx) => {
      const pending = refuseDrift(migrations, sources, await recorded(tx), options);
      const [first] = pending;
      if (first !== undefined) await apply(tx, first);
      return { first, left: pending.length - 1 };
    });
    if (next.first === undefined) return applied;
    applied.push({ schema: next.first.schema, number: next.first.number, name: next.first.name });
    if (next.left === 0) return applied;
  }
}

export type Standing = Readonly<{
  /** `new`: nothing was ever applied; `behind`: a start applies what is pending; `refused`: a start would refuse it. */
  state: 'new' | 'head' | 'behind' | 'refused';
  pending: readonly AppliedMigration[];
  /** What a start would say. */
  because: unknown;
}>;

/** Where the database stands, without a lock and without a change. @throws DB_MIGRATION_NAME */
export async function migrationStanding(db: Db, sources: readonly MigrationSource[]): Promise<Standing> {
  const migrations = (await Promise.all(sources.map(readSource))).flat();
  const found = (await isRecordThere(db)) ? await readRecord(db) : [];
  try {
    const pending = refuseDrift(migrations, sources, found, {});
    const state = found.length === 0 ? 'new' : pending.length === 0 ? 'head' : 'behind';
    return { state, pending: pending.map(({ schema, number, name }) => ({ schema, number, name })), because: null };
  } catch (because) {
    return { state: 'refused', pending: [], because };
  }
}

/** Names the schema that a program works with: two programs with the same mark have the same migrations. */
export async function schemaMark(sources: readonly MigrationSource[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { schema, name, sha256 } of (await Promise.all(sources.map(readSource))).flat())
    hash.update(`${schema}/${name}/${sha256}\n`);
  return hash.digest('hex').slice(0, 8);
}

async function readSource({ schema, folder }: MigrationSource): Promise<Migration[]> {
  const path = fileURLToPath(folder);
  const names = (await readdir(path)).filter((name) => name.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number(FILE_NAME.exec(name)?.[1] ?? Number.NaN);
      if (number !== index + 1) {
        throw dbFailure('MIGRATION_NAME', {
          detail: `${schema}: ${name} stands where number ${index + 1} is expected`,
        });
      }
      const text = await readFile(new URL(name, folder.href.endsWith('/') ? folder : `${folder.href}/`), 'utf8');
      if (/^\s*(commit|rollback)\b[^;]*;/im.test(text)) {
        throw dbFailure('MIGRATION_NAME', {
          detail: `${schema}: ${name} ends its own transaction`,
          hint: 'leave commit and rollback out: each file is one transaction',
        });
      }
      return { schema, number, name, text, sha256: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

/** Of a statement that others' locks hold up: less than PostgreSQL's deadlock_timeout, so that the migration gives way, not who serves. */
const LOCK_MS = 500;
const ATTEMPTS = 100;
const PAUSE_MS = 200;
/** lock_not_available, deadlock_detected */
const HELD_UP = new Set(['55P03', '40P01']);

/** Servers go on meanwhile: what asks for a table that they work with lets go of all it has after a moment, and tries again. */
async function whileOthersServe<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inLock(db, async (tx) => {
        await tx`select set_config('lock_timeout', ${`${LOCK_MS}ms`}, true)`;
        return work(tx);
      });
    } catch (thrown) {
      const { code } = ((thrown as Error).cause ?? thrown) as { code?: string };
      if (attempt === ATTEMPTS || !HELD_UP.has(code ?? '')) throw thrown;
      await sleep(PAUSE_MS * (0.5 + Math.random()));
    }
  }
}

async function inLock<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { result } = (await db.begin(async (tx) => {
    await tx`select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true),
      set_config('idle_in_transaction_session_timeout', '0', true)`;
    await tx`select pg_advisory_xact_lock(${LOCK})`;
    return { result: await work(tx) };
  })) as { result: T };
  return result;
}

async function recorded(tx: Tx): Promise<readonly Recorded[]> {
  if (!(await isRecordThere(tx))) {
    await tx`create schema if not exists platform`;
    await tx`create table platform.migrations (
      schema     text not null,
      number     int  not null check (number > 0),
      name       text not null,
      sha256     text not null,
      applied_at timestamptz not null default now(),
      primary key (schema, number)
    )`;
  }
  return readRecord(tx);
}

async function isRecordThere(db: Statements): Promise<boolean> {
  const [there] = await db<{ found: boolean }[]>`select to_regclass('platform.migrations') is not null as found`;
  return there?.found === true;
}

const readRecord = async (db: Statements): Promise<readonly Recorded[]> =>
  db<Recorded[]>`select schema, number, name, sha256 from platform.migrations order by schema, number`;

/** @returns what is still to be applied */
function refuseDrift(
  migrations: readonly Migration[],
  sources: readonly MigrationSource[],
  done: readonly Recorded[],
  { otherSchemas = 'allow' }: MigrateOptions,
): readonly Migration[] {
  const key = (at: { schema: string; number: number }): string => `${at.schema}/${at.number}`;
  const ours = new Map(migrations.map((migration) => [key(migration), migration]));
  for (const old of done) {
    const mine = ours.get(key(old));
    if (!sources.some(({ schema }) => schema === old.schema)) {
      if (otherSchemas === 'allow') continue;
      throw dbFailure('NEWER', {
        detail: `the database holds the schema ${old.schema}, which this program does not know`,
      });
    }
    if (mine === undefined) {
      const highest = migrations.filter(({ schema }) => schema === old.schema).at(-1)?.number ?? 0;
      // a folder that lost its last file looks the same as an older program: both must not go on
      throw dbFailure(highest === 0 ? 'MIGRATION_MISSING' : 'NEWER', {
        detail: `the database has ${old.schema} ${old.name}, this program ends at number ${highest}`,
      });
    }
    if (mine.sha256 !== old.sha256) {
      throw mine.name === old.name
        ? dbFailure('MIGRATION_CHANGED', { detail: `${old.schema} ${old.name} is not what was applied` })
        : dbFailure('MIGRATION_MISSING', {
            detail: `${old.schema} ${old.name} was applied; ${mine.name} has its number`,
          });
    }
  }
  const known = new Set(done.map(key));
  return migrations.filter((migration) => !known.has(key(migration)));
}

async function apply(tx: Tx, { schema, number, name, text, sha256 }: Migration): Promise<void> {
  try {
    await tx`create schema if not exists ${tx(schema)}`;
    await tx.unsafe(text);
  } catch (cause) {
    throw dbFailure('MIGRATION_FAILED', { detail: `${schema} ${name} failed and was rolled back`, cause });
  }
  await tx`insert into platform.migrations (schema, number, name, sha256) values (${schema}, ${number}, ${name}, ${sha256})`;
}
