/** Homes with a database in them, and other server processes on them, for tests. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Db } from './connection.ts';
import { markOf } from './embedded-cluster.ts';
import { processesOf } from './embedded-process.ts';
import { startEmbedded, type Embedded, type EmbeddedNeeds } from './embedded.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const isRoot = process.getuid?.() === 0;
export const isLinux = process.platform === 'linux';

export const start = (needs: EmbeddedNeeds): Promise<Embedded> => startEmbedded({ durability: 'throwaway', ...needs });
export const processesIn = (home: string): Promise<readonly number[]> =>
  processesOf(markOf(join(home, 'postgres', 'cluster')));

/** Homes that go when the tests of a file have ended: each has a copy of one cluster, since initdb takes a second. */
export function homes() {
  let original = '';
  const made: string[] = [];
  const newFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'sr-emb-'));
    made.push(folder);
    return folder;
  };
  before(async () => {
    original = await newFolder();
    await (await start({ home: original })).stop();
  });
  after(async () => {
    for (const folder of made) await rm(folder, { recursive: true, force: true });
  });
  return {
    original: () => original,
    newFolder,
    /** A home with a cluster in it, whose files keep their owners. */
    newHome: async (): Promise<string> => {
      const home = await newFolder();
      const copy = spawn('cp', ['-a', `${original}/.`, home]);
      await once(copy, 'exit');
      return home;
    },
  };
}

export async function within<T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  try {
    return await work(db);
  } finally {
    await db.end({ timeout: 2 });
  }
}

export async function until(what: string, holds: () => Promise<boolean>, limitMs = 120_000): Promise<void> {
  const since = Date.now();
  while (!(await holds())) {
    if (Date.now() - since > limitMs) assert.fail(`${what}: not within ${limitMs} ms`);
    await sleep(50);
  }
}

/** Another server process on the home; prints one line of JSON when it is up or refused, then stays. */
export async function otherServer(
  home: string,
  as: { uid?: number; gid?: number } = {},
  durability: 'full' | 'throwaway' = 'throwaway',
): Promise<{ child: ChildProcess; said: { url?: string; code?: string; detail?: string; extra?: { pid: number } } }> {
  const program = `
    import { startEmbedded } from '#platform/db';
    try {
      const { url } = await startEmbedded({ home: ${JSON.stringify(home)}, durability: '${durability}' });
      console.log(JSON.stringify({ url }));
    } catch (thrown) {
      console.log(JSON.stringify({ code: thrown.code, detail: thrown.message, extra: thrown.extra }));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...as,
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await Promise.race([
    once(child, 'exit'),
    until('answer of the other server', async () => await Promise.resolve(text.includes('\n'))),
  ]);
  return { child, said: JSON.parse(text) as never };
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
