/**
 * Real PostgreSQL for tests: one server per run, one new database per test file.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { addressOf, openDb, socketUrl, startEmbedded, type Db, type DbOptions, type MigrationSource } from '#platform/db'; // prettier-ignore

import { templateOf } from './templates.ts';

export { inOneQuarter } from './quarter.ts';
export { dropTemplates } from './templates.ts';
export { browserPath, openBrowser } from './browser.ts';
export { testCertificate, type TestCertificate } from './certificate.ts';

export type FreshDatabase = Readonly<{ db: Db; url: string; close: () => Promise<void> }>;
export type TestServer = Readonly<{ url: string; stop: () => Promise<void> }>;
/** The part of node:test's context that is used: the database then closes itself. */
type Context = Readonly<{ after: (work: () => Promise<void>) => void }>;

/**
 * A new, empty database: on DATABASE_URL, else on the server of this test run (STRONGROOM_TEST_PG, set by
 * tools/test.ts), else on an embedded one of its own, which ends with `close` or with this process.
 *
 * @param options.like address of a database on that server, to which nobody is connected: the new one is a copy of it
 * @param options.migrated not empty, but with these migrations: a copy of one that all tests share
 */
export async function freshDatabase(
  t?: Context,
  { like, migrated, ...options }: DbOptions & Readonly<{ like?: string; migrated?: readonly MigrationSource[] }> = {},
): Promise<FreshDatabase> {
  const given = process.env.DATABASE_URL ?? process.env.STRONGROOM_TEST_PG;
  const server = given === undefined || given === '' ? await startTestServer() : { url: given, stop: async () => {} };
  const name = `strongroom_test_${process.pid}_${randomBytes(6).toString('hex')}`;
  const admin = openDb(server.url, { connections: 1, statementTimeoutMs: 60_000 });
  const copied = like === undefined ? 'template0' : decodeURIComponent(new URL(like).pathname.slice(1));
  const template = migrated === undefined ? copied : await templateOf(admin, server.url, migrated);
  // file by file: to write two thousand small files into the log of changes first is what costs
  await admin`create database ${admin(name)} template ${admin(template)} strategy file_copy`;
  const url = addressOf(server.url, name) as string;
  const db = openDb(url, { connections: 5, ...options });
  let closing: Promise<void> | null = null;
  const closeAll = async (): Promise<void> => {
    await db.end({ timeout: 5 });
    await admin`drop database if exists ${admin(name)} with (force)`;
    await admin.end({ timeout: 5 });
    await server.stop();
  };
  const close = (): Promise<void> => (closing ??= closeAll());
  t?.after(close);
  return { db, url, close };
}

/** One throwaway server for a whole test run. Should this process be killed, it stops by itself. */
export async function startTestServer(): Promise<TestServer> {
  const home = await mkdtemp(join(tmpdir(), 'sr-test-'));
  const embedded = await startEmbedded({ home, durability: 'throwaway' });
  return {
    url: socketUrl(embedded.address),
    stop: async () => {
      await embedded.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
export { pdfFiles, pdfText } from './pdf-text.ts';
export { reach } from './reach.ts';
export { readAll } from './read-all.ts';
export { zipOf, type ZipPart } from './zip.ts';
export { unzip } from './unzip.ts';
export { answers, fileServer } from './course-pages.ts';
export { drip, farSide, flood, type FarSide } from './far-side.ts';
