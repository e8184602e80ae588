import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { run, type Ran } from '../run.ts';
import { findTests } from './find.ts';

const HEAD = `import { test } from 'node:test';\n`;

async function suiteOf(files: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Ran> {
  const root = mkdtempSync(join(tmpdir(), 'strongroom-suite-'));
  try {
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), source);
    }
    // without its own marker the inner runner would think it stands inside a test file and skip everything
    return await run(process.execPath, ['tools/test.ts', '--root', root, ...args], {
      env: { NODE_TEST_CONTEXT: undefined },
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const lastLine = (ran: Ran): string | undefined => ran.stdout.trimEnd().split('\n').at(-1);

test('a green suite ends with the plain line and exit code 0', async () => {
  const ran = await suiteOf({
    'platform/a.test.ts': `${HEAD}test('one', () => {});\ntest('two', () => {});\n`,
    'practices/x/b.test.ts': `${HEAD}test('three', () => {});\ntest('not here', { skip: 'no SoftHSM2' }, () => {});\n`,
  });

  assert.equal(lastLine(ran), '3 passed, 0 failed, 1 skipped');
  assert.match(ran.stdout, /practices\/x\/b\.test\.ts: not here \(no SoftHSM2\)/);
  assert.equal(ran.code, 0);
});

test('a failing test is named with its reason and its output, and the exit code is 1', async () => {
  const ran = await suiteOf({
    'platform/a.test.ts': `${HEAD}test('one', () => { console.log('heard'); throw new Error('broken seal'); });\n`,
  });

  assert.equal(lastLine(ran), '0 passed, 1 failed, 0 skipped');
  assert.match(ran.stdout, /platform\/a\.test\.ts: one/);
  assert.match(ran.stdout, /broken seal/);
  assert.match(ran.stdout, /heard/);
  assert.equal(ran.code, 1);
});

for (const [fault, source, reason] of [
  ['has no test', '', /ran no test/],
  ['does not load', 'import "./nowhere.ts";\n', /platform\/a\.test\.ts/],
  ['exits 0 inside its first test', `${HEAD}test('one', () => process.exit(0));\n`, /ran no test/],
  [
    'exits 0 inside a later test',
    `${HEAD}test('one', () => {});\ntest('two', async () => { await new Promise((r) => setTimeout(r, 30)); process.exit(0); });\n`,
    /ended before its tests did/,
  ],
] as const) {
  test(`a test file that ${fault} fails, although Node reports it green or not at all`, async () => {
    const ran = await suiteOf({ 'platform/a.test.ts': source });

    assert.equal(ran.code, 1, ran.stdout);
    assert.match(ran.stdout, reason);
    assert.match(lastLine(ran) ?? '', /, 1 failed, 0 skipped$/);
  });
}

test('a file that does not end is ended, and the files beside it are counted', async () => {
  const hangs = `${HEAD}import 'node:child_process';\nsetInterval(() => {}, 1000);\ntest('one', () => new Promise(() => {}));\n`;
  const ran = await suiteOf(
    { 'platform/hangs.test.ts': hangs, 'platform/well.test.ts': `${HEAD}test('two', () => {});\n` },
    ['--timeout-ms', '2000'],
  );

  assert.equal(ran.code, 1);
  assert.match(lastLine(ran) ?? '', /^1 passed, [12] failed, 0 skipped$/);
  assert.match(ran.stdout, /hangs\.test\.ts/);
});

test('files that need nothing but Node share a process, and each is still judged by itself', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 5 }, (_, n) => [`platform/f${n}.test.ts`, `${HEAD}test('one', () => {});\n`]),
  );
  const torn = { 'platform/torn.test.ts': `${HEAD}throw new Error('not loaded');\n` };
  const empty = { 'platform/empty.test.ts': HEAD };

  const ran = await suiteOf({ ...files, ...torn, ...empty });

  assert.equal(lastLine(ran), '5 passed, 2 failed, 0 skipped');
  assert.match(ran.stdout, /torn\.test\.ts: the file itself\n {4}Error: not loaded/);
  assert.match(ran.stdout, /empty\.test\.ts: the file itself\n {4}the file ran no test/);
});

for (const [name, stray] of [
  [
    'an error that is thrown in nothing that a test waits for',
    `setTimeout(() => { throw new Error('gone astray'); }, 5)`,
  ],
  ['a promise that nobody waits for', `void Promise.reject(new Error('gone astray'))`],
  ['what is no error', `void Promise.reject('gone astray')`],
] as const) {
  test(`${name} fails the file, although its tests pass`, async () => {
    const source = `${HEAD}test('one', async () => { ${stray}; await new Promise((r) => setTimeout(r, 50)); });\n`;
    const ran = await suiteOf({
      'platform/a.test.ts': source,
      'platform/b.test.ts': `${HEAD}test('two', () => {});\n`,
    });

    assert.equal(lastLine(ran), '2 passed, 1 failed, 0 skipped', ran.stdout);
    assert.match(ran.stdout, /✖ platform\/a\.test\.ts: an error that nobody caught\n.*gone astray/);
    assert.equal(ran.code, 1);
  });
}

test('what a file changes of its process the next one does not find; what measures memory finds no other file at all', async () => {
  const clean = `assert.deepEqual([process.env.SOILED, process.exitCode, process.cwd() === import.meta.dirname.replace(/.platform$/, '')], [undefined, undefined, true]);`;
  const soils = `${HEAD}import assert from 'node:assert/strict';\ntest('one', () => { ${clean} process.env.SOILED = 'yes'; process.chdir('/'); globalThis.soiled = true; });\n`;
  const files = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`platform/f${n}.test.ts`, soils]));
  const alone = `${HEAD}import assert from 'node:assert/strict';\ntest('one', () => { assert.equal(globalThis.soiled, undefined); process.memoryUsage(); });\n`;

  const ran = await suiteOf({ ...files, 'platform/g.test.ts': alone, 'platform/h.test.ts': alone });

  assert.equal(lastLine(ran), '10 passed, 0 failed, 0 skipped', ran.stdout);
});

test('too few tests end with exit code 2, also when there is no file at all', async () => {
  const few = await suiteOf({ 'platform/a.test.ts': `${HEAD}test('one', () => {});\n` }, ['--at-least', '5']);
  const none = await suiteOf({});

  assert.match(few.stdout, /only 1 tests ran, at least 5 must/);
  assert.deepEqual([few.code, none.code], [2, 2]);
  assert.equal(lastLine(none), '0 passed, 0 failed, 0 skipped');
});

test('tests inside a suite are counted, the suite is not', async () => {
  const source = `import { describe, test } from 'node:test';\ndescribe('s', () => { test('a', () => {}); test('b', () => { throw new Error('x'); }); });\n`;

  const ran = await suiteOf({ 'platform/a.test.ts': source });

  assert.equal(lastLine(ran), '1 passed, 1 failed, 0 skipped');
});

test('--only keeps the files whose path contains the word', async () => {
  const files = {
    'practices/vault/a.test.ts': `${HEAD}test('one', () => {});\n`,
    'practices/access/a.test.ts': `${HEAD}test('two', () => { throw new Error('x'); });\n`,
  };

  const ran = await suiteOf(files, ['--only', 'vault']);

  assert.equal(lastLine(ran), '1 passed, 0 failed, 0 skipped');
});

test('a test that reaches the database through a file beside it is known as one', () => {
  const root = mkdtempSync(join(tmpdir(), 'strongroom-kinds-'));
  mkdirSync(join(root, 'practices/x'), { recursive: true });
  writeFileSync(join(root, 'practices/x/world.ts'), `import { freshDatabase } from '#platform/testing';\n`);
  writeFileSync(join(root, 'practices/x/a.test.ts'), `import { world } from './world.ts';\n`);
  writeFileSync(join(root, 'practices/x/b.test.ts'), `import { spawn } from 'node:child_process';\n`);
  writeFileSync(join(root, 'practices/x/c.test.ts'), HEAD);

  const kinds = findTests(root).map((file) => file.kind);

  rmSync(root, { recursive: true, force: true });
  assert.deepEqual(kinds, ['database', 'program', 'unit']);
});

test('what a part registers counts for the test file that calls it, and a part alone is none', async () => {
  const part = `${HEAD}export function part(): void { test('of the part', () => { throw new Error('seen'); }); test('too', () => {}); }\n`;
  const ran = await suiteOf({
    'package.json': '{"type":"module"}',
    'platform/a.test.ts': `// kind: program\nimport { part } from './a-part.tests.ts';\npart();\n`,
    'platform/a-part.tests.ts': part,
  });

  assert.equal(lastLine(ran), '1 passed, 1 failed, 0 skipped');
  assert.match(ran.stdout, /✖ platform\/a\.test\.ts +\S+ s {2}1 passed, 1 FAILED/);
  assert.match(ran.stdout, /platform\/a\.test\.ts: of the part/);
});

test('this project has its tests where the runner looks', () => {
  const here = findTests(process.cwd()).map((file) => file.path);

  assert.ok(here.includes('tools/suite/suite.test.ts'));
  assert.ok(here.length >= 12, `${here.length} files`);
});
