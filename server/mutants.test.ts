/** Every fault of the list is planted into a system of its own, and a control test fails on it: the kill rate is all of them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { childEnvironment } from '#platform/config';
import { addressOf, openDb, type Db } from '#platform/db';
import { freshDatabase } from '#platform/testing';
import { CONTROL_TESTS, FAMILIES, hookFor, readMutants, type Mutant } from '#practices/assurance';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MUTANTS = await readMutants();
/** A system that is harmed may never end. */
const LONGEST_MS = 120_000;

type Said = Readonly<{ id: string; verdict: string; because: string }>;

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let admin: Db;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sr-mutants-'));
  fresh = await freshDatabase();
  admin = openDb(addressOf(fresh.url, 'postgres'), { connections: 2, statementTimeoutMs: 60_000 });
  // with everything in it that a first start makes, and somebody who is no canary
  await attack('begin', fresh.url, join(folder, 'home'), []);
  await fresh.db.end({ timeout: 5 });
});
after(async () => {
  await admin.end({ timeout: 5 });
  await fresh.close();
  await rm(folder, { recursive: true, force: true });
});

async function attack(
  name: string,
  database: string,
  home: string,
  tests: readonly string[],
  mutant: Mutant | null = null,
): Promise<readonly Said[]> {
  const hook = join(folder, `${name}.mjs`);
  if (mutant !== null) await writeFile(hook, hookFor(ROOT, mutant));
  const child = spawn(
    process.execPath,
    [...(mutant === null ? [] : ['--import', hook]), 'tools/mutants/attack.ts', database, home, tests.join(',')],
    { cwd: ROOT, env: childEnvironment({}) },
  );
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  let [out, err] = ['', ''];
  child.stdout.on('data', (part: Buffer) => void (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => void (err += part.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  const line = out.split('\n').findLast((each) => each.startsWith('['));
  assert.ok(line !== undefined, `nothing was said: ${err.slice(-2000)}`);
  return JSON.parse(line) as Said[];
}

describe('mutants', { concurrency: 2 }, () => {
  for (const mutant of MUTANTS)
    test(`${mutant.id} (${mutant.says}) is killed`, async () => {
      const name = `${addressName(fresh.url)}_${mutant.id.replaceAll('-', '_')}`;
      await admin`create database ${admin(name)} template ${admin(addressName(fresh.url))}`;
      const home = join(folder, mutant.id);
      await cp(join(folder, 'home'), home, { recursive: true });
      try {
        const said = await attack(mutant.id, addressOf(fresh.url, name) as string, home, mutant.killedBy, mutant);
        assert.ok(
          said.some(({ id, verdict }) => mutant.killedBy.includes(id) && verdict === 'fail'),
          `it lives: ${JSON.stringify(said)}`,
        );
      } finally {
        await admin`drop database if exists ${admin(name)} with (force)`;
        await rm(home, { recursive: true, force: true });
      }
    });
});

test('there are at least thirty, over all families, and each names tests that there are', () => {
  const tests = new Set(CONTROL_TESTS.map(({ id }) => id));
  assert.ok(MUTANTS.length >= 30, `${MUTANTS.length} mutants`);
  assert.deepEqual(
    FAMILIES.filter((family) => !MUTANTS.some((each) => each.family === family)),
    [],
  );
  for (const { id, killedBy } of MUTANTS)
    assert.ok(killedBy.length > 0 && killedBy.every((each) => tests.has(each)), `${id}: ${killedBy.join()}`);
  assert.equal(new Set(MUTANTS.map(({ id }) => id)).size, MUTANTS.length);
});

const addressName = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1));
