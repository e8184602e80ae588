/** What an exercise waits for is what the product writes into its log. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { readShelf } from '../starters/shelf.ts';

const ROOT = new URL('../../../', import.meta.url);
/** Written as `area.${verb}`: each with the file that has the verbs. */
const VERBS: Readonly<Record<string, string>> = {
  'access.grant.': 'practices/access/http/requests.ts practices/access/grants/grants.ts practices/access/grants/break-glass.ts',
  'collection.export.': 'practices/collection/export/profiles.ts',
}; // prettier-ignore

test('each action that a starter names is one that some line of the product writes', () => {
  const sources = globSync('{practices,platform}/**/*.ts', { cwd: ROOT })
    .filter((path) => !path.endsWith('.test.ts') && !/testing|\/education\/starters|\/exercises\//.test(path))
    .map((path) => [path, readFileSync(new URL(path, ROOT), 'utf8')] as const);
  const { exercises } = readShelf().shelf;
  const named = exercises.flatMap(({ steps, never = [], planted = [] }) => [...steps.map(({ done }) => done.action), ...never.map(({ matches }) => matches.action), ...planted.map(({ as }) => as)]); // prettier-ignore

  for (const action of new Set(named)) {
    const cut = action.lastIndexOf('.') + 1;
    const [area, verb] = [action.slice(0, cut), action.slice(cut)];
    const plainly = sources.some(([, text]) => new RegExp(`(action: |action =|\\? |: )'${action}'`).test(text));
    const pieced =
      Object.hasOwn(VERBS, area) &&
      sources.some(([, text]) => text.includes(`\`${area}\${`)) &&
      sources.some(([path, text]) => VERBS[area]?.split(' ').includes(path) === true && text.includes(`'${verb}'`));
    assert.ok(plainly || pieced, `nothing writes ${action}`);
  }
  assert.ok(new Set(named).size > 8);
});
