/** Every fault of some families is planted into a system of its own, and a control test fails on it: the kill rate is all of them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { childEnvironment } from '#platform/config';
import { freshDatabase, type FreshDatabase } from '#platform/testing';
import { hookFor, readMutants, type Mutant } from '#practices/assurance';
import { MIGRATIONS } from './migrations.ts';

/** A file of tests for each: one for all would be longer than a file may take. Together they are all families (mutants/list.test.ts). */
export const GROUPS = {
  people: ['AUTHN', 'TOKEN', 'AUTHZ', 'EDU'],
  records: ['MASK', 'CRYPTO', 'AUDIT', 'BACKUP', 'COLLECTION', 'PRIVACY'],
  surroundings: ['INJECT', 'MONITOR', 'NET', 'SUPPLY', 'CHAOS'],
} as const;

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** A system that is harmed may never end. */
const LONGEST_MS = 120_000;

type Said = Readonly<{ id: string; verdict: string; because: string }>;
type Attacked = Readonly<{ name: string; database: string; home: string; mutant?: Mutant }>;

export type Killing = Readonly<{
  mutants: readonly Mutant[];
  /** @throws AssertionError when no control test fails on it */
  kill: (mutant: Mutant) => Promise<void>;
}>;

export async function killing(group: keyof typeof GROUPS): Promise<Killing> {
  const families: readonly string[] = GROUPS[group];
  const mutants = (await readMutants()).filter(({ family }) => families.includes(family));
  let fresh: FreshDatabase;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sr-mutants-'));
    fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
    // with everything in it that a first start makes, and somebody who is no canary
    await attack(folder, { name: 'begin', database: fresh.url, home: join(folder, 'home') });
    await fresh.db.end({ timeout: 5 });
  });
  after(async () => {
    await fresh.close();
    await rm(folder, { recursive: true, force: true });
  });

  const kill = async (mutant: Mutant): Promise<void> => {
    const copy = await freshDatabase(undefined, { like: fresh.url });
    const home = join(folder, mutant.id);
    await cp(join(folder, 'home'), home, { recursive: true });
    try {
      const said = await attack(folder, { name: mutant.id, database: copy.url, home, mutant });
      assert.ok(
        said.some(({ id, verdict }) => mutant.killedBy.includes(id) && verdict === 'fail'),
        `it lives: ${JSON.stringify(said)}`,
      );
    } finally {
      await copy.close();
      await rm(home, { recursive: true, force: true });
    }
  };
  return { mutants, kill };
}

async function attack(folder: string, { name, database, home, mutant }: Attacked): Promise<readonly Said[]> {
  const hook = join(folder, `${name}.mjs`);
  if (mutant !== undefined) await writeFile(hook, hookFor(ROOT, mutant));
  const planted = mutant === undefined ? [] : ['--import', hook];
  const tests = (mutant?.killedBy ?? []).join(',');
  const child = spawn(process.execPath, [...planted, 'tools/mutants/attack.ts', database, home, tests], {
    cwd: ROOT,
    env: childEnvironment({}),
  });
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
