import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { asvsFaults } from './asvs.ts';

test('each requirement of ASVS V6, V7 and V8 has its row, and each test that it names is there', () => {
  assert.deepEqual(asvsFaults(process.cwd()), []);
});

test('a row that is gone, doubled, without a test or with one that is not there is a fault', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'strongroom-asvs-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('a/b.test.ts', "// it is called 'gone'\ntest(\n  'a title',\n  () => {},\n);\n");
  const faultsOf = (...rows: readonly string[]): readonly string[] => {
    write('docs/asvs.md', rows.map((row) => `| ${row} |\n`).join(''));
    return asvsFaults(root).filter((fault) => !/has no row|the summary/.test(fault));
  };
  const row = '6.1.1 | 1 | asked | here | shown | `a/b.test.ts` "a title"';

  assert.deepEqual(faultsOf(row), []);
  for (const [bad, fault] of [
    [row.replace('a title', 'gone'), /^6\.1\.1 names no test of a\/b\.test\.ts: gone$/],
    [row.replace('a/b', 'a/c'), /a\/c\.test\.ts, which is not there/],
    [row.replace(' "a title"', ''), /is shown by no test/],
    [row.replace('shown', 'gap'), /does not say what is missing/],
    [row.replace('shown', 'fine'), /the state fine/],
    [row.replace('6.1.1', '6.9.9'), /6\.9\.9 is a row too many/],
    [`${row} |\n| ${row}`, /6\.1\.1 is a row too many/],
  ] as const)
    assert.match(faultsOf(bad).join('\n'), fault);
  assert.ok(asvsFaults(root).includes('8.4.2 has no row'));
  const own = readFileSync('docs/asvs.md', 'utf8');
  write('docs/asvs.md', own.replace(/^\| 7\.4\.2 .*\n/m, ''));
  assert.ok(asvsFaults(root).includes('7.4.2 has no row'));
});
