/** What tests of backups begin with: the migrations of every practice, and whether something was refused for its reason. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';

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
