/** Every fault of some families is planted into a system of its own, and a control test fails on it: the kill rate is all of them. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { freshDatabase, type FreshDatabase } from '#platform/testing';
import { readMutants, type Mutant } from '#practices/assurance';
import type { Said } from './mutants/attack.ts';
import { createAttacker } from './mutants/attacker.ts';
import { MIGRATIONS } from './migrations.ts';

/** A file of tests for each: one for all would be longer than a file may take. Together they are all families (mutants/list.test.ts). */
export const GROUPS = {
  people: ['AUTHN', 'TOKEN', 'AUTHZ', 'EDU'],
  records: ['MASK', 'CRYPTO', 'AUDIT', 'BACKUP', 'COLLECTION', 'PRIVACY'],
  surroundings: ['INJECT', 'MONITOR', 'NET', 'SUPPLY', 'CHAOS'],
} as const;

export type Killing = Readonly<{
  mutants: readonly Mutant[];
  /** @throws AssertionError when no control test fails on it */
  kill: (mutant: Mutant) => Promise<void>;
  /** Without one none of these tests fails: it is the mutants that they fail on. @throws AssertionError when one fails */
  live: () => Promise<void>;
}>;

export async function killing(group: keyof typeof GROUPS): Promise<Killing> {
  const families: readonly string[] = GROUPS[group];
  const mutants = (await readMutants()).filter(({ family }) => families.includes(family));
  const attacker = createAttacker();
  let fresh: FreshDatabase;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sr-mutants-'));
    fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
    // with everything in it that a first start makes, and somebody who is no canary
    await attacker.attack({ database: fresh.url, home: join(folder, 'home'), tests: [] });
    await fresh.db.end({ timeout: 5 });
  });
  after(async () => {
    attacker.end();
    await fresh.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** On a copy of its own. */
  const attacked = async (tests: readonly string[], mutant?: Mutant): Promise<readonly Said[]> => {
    const copy = await freshDatabase(undefined, { like: fresh.url });
    const home = join(folder, mutant?.id ?? 'none');
    await cp(join(folder, 'home'), home, { recursive: true });
    try {
      return await attacker.attack({ database: copy.url, home, tests }, mutant);
    } finally {
      await copy.close();
      await rm(home, { recursive: true, force: true });
    }
  };
  const kill = async (mutant: Mutant): Promise<void> => {
    const said = await attacked(mutant.killedBy, mutant);
    const isKilled = said.some(({ id, verdict }) => mutant.killedBy.includes(id) && verdict === 'fail');
    assert.ok(isKilled, `it lives: ${JSON.stringify(said)}`);
  };
  const live = async (): Promise<void> => {
    const tests = [...new Set(mutants.flatMap(({ killedBy }) => killedBy))];
    const said = await attacked(tests);
    assert.deepEqual(
      said.filter(({ verdict }) => verdict === 'fail'),
      [],
    );
    assert.equal(said.length, tests.length);
  };
  return { mutants, kill, live };
}
