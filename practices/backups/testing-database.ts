/** What tests of backups begin with: the migrations of every practice, and whether something was refused for its reason. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import type { TestContext } from 'node:test';

import type { Db } from '#platform/db';
import { isFailure } from '#platform/failure';

const ROOT = new URL('../../', import.meta.url);

export const EVERY_MIGRATION = globSync('{platform,practices}/*/sql', { cwd: ROOT })
  .toSorted()
  .map((path) => ({
    schema: path.split('/')[1] as string,
    folder: new URL(`${path}/`, ROOT),
  }));

export const refused = (code: string) => (thrown: unknown) => {
  assert.ok(isFailure(thrown, `BACKUPS_${code}`), `${code} was expected: ${String(thrown)}`);
  return true;
};

/** A slot reads a log of level `logical`, and only whoever runs PostgreSQL sets that. @returns another level that it has; null: it is logical */
export async function otherLevel(db: Db): Promise<string | null> {
  const [row] = await db<{ wal_level: string }[]>`show wal_level`;
  return row?.wal_level === 'logical' ? null : (row?.wal_level ?? 'none');
}

/** Skips where this PostgreSQL's log cannot be read: one that somebody else runs. @returns whether it did */
export async function isWithoutChanges(t: TestContext, db: Db): Promise<boolean> {
  const level = await otherLevel(db);
  if (level !== null) t.skip(`this PostgreSQL has wal_level = ${level}`);
  return level !== null;
}
