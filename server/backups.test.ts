/** A whole system is backed up, and restored on a machine that has only the program, the stores and three shares. */
import assert from 'node:assert/strict';
import { lstat, mkdtemp, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { removeHome } from './remove-home.ts';
import { whatWasLostComesBack } from './backups-lost.tests.ts';
import { drillsProve } from './backups-drills.tests.ts';

const log = createLog('silent');

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;
let system: System;
let url: string;
const asksAt = (where: string): void => {
  url = where;
};
let listening: string;
let admin: string;
const keys = new Map<string, string>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sr-backups-'));
  fresh = await freshDatabase();
  const home = join(folder, 'home');
  // two processes' worth of waiting is not what is tested here: backups are begun by hand
  const config = readConfig({
    STRONGROOM_HOME: home,
    DATABASE_URL: fresh.url,
    STRONGROOM_LOG: 'silent',
    STRONGROOM_BACKUPS_HOURS: '0',
  });
  system = await composeSystem(config, log);
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  listening = url;
  admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
});
after(async () => {
  await system.close();
  await fresh.close();
  await removeHome(join(folder, 'bare'));
  await rm(folder, { recursive: true, force: true });
});

/** As root, below a folder that is closed to all others, the database of a home lies elsewhere. */
const isRoot = process.getuid?.() === 0;
const farOf = (home: string): Promise<string | null> => readlink(join(folder, home, 'postgres')).catch(() => null);
async function areGone(far: Iterable<string>): Promise<void> {
  for (const each of far) await assert.rejects(lstat(each), { code: 'ENOENT' }, each);
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers are looked into member by member
type Json = Record<string, any>;

async function call(
  role: string,
  method: string,
  path: string,
  body?: object,
  purpose?: string,
): Promise<{ status: number; body: Json }> {
  const key = role === 'admin' ? admin : (keys.get(role) ?? (await newKey(role)));
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(purpose === undefined ? {} : { 'strongroom-purpose': purpose }),
      // of a record that nobody has changed yet
      ...(method === 'PATCH' ? { 'if-match': '"1"' } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
}

async function newKey(role: string): Promise<string> {
  const { body } = await call('admin', 'POST', '/v1/access/keys', { name: role, role, expiresInDays: 1 });
  keys.set(role, body.key as string);
  return body.key as string;
}

/** What the parts are handed, as it is when they ask. */
const running = () => ({ log, folder, system, asksAt, listening, isRoot, farOf, areGone, call });
export type Running = ReturnType<typeof running>;

whatWasLostComesBack(running);
drillsProve(running);
