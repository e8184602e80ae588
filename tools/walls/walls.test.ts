/**
 * A breach of each wall, planted in a copy of the configuration, must be caught with its own message; and the same
 * linter must be seen to have read the files, because guards fail open.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { lint, sourceFiles, type LintReport } from '../lint.ts';
import { run } from '../run.ts';

type Plant = readonly [breach: string, path: string, source: string, message: RegExp];

const PLANTS: readonly Plant[] = [
  [
    'W1: platform imports a practice',
    'platform/one/a.ts',
    `import { x } from '#practices/one';\nexport const y = x;\n`,
    /W1: platform never imports a practice/,
  ],
  [
    'W1: platform imports a practice as a type',
    'platform/one/b.ts',
    `import type { X } from '#practices/one';\nexport type Y = X;\n`,
    /W1: platform never/,
  ],
  [
    'W1: platform imports a practice by path',
    'platform/one/c.ts',
    `export { x } from '../../practices/one/index.ts';\n`,
    /W1: platform never/,
  ],
  [
    'W2: a practice imports a value of another',
    'practices/two/a.ts',
    `import { x } from '#practices/one';\nexport const y = x;\n`,
    /W2: from another practice only/,
  ],
  [
    'W2: with an inline type, which still loads the module',
    'practices/two/b.ts',
    `import { type X } from '#practices/one';\nexport type Y = X;\n`,
    /W2: from another practice only/,
  ],
  [
    'W2: a practice loads another at run time',
    'practices/two/c.ts',
    `export const load = () => import('#practices/one');\n`,
    /W2: from another practice only/,
  ],
  [
    'W2: a practice passes another on',
    'practices/two/d.ts',
    `export * from '#practices/one';\n`,
    /W2: from another practice only/,
  ],
  [
    'W3: another file of the server reaches into the scan of the CLI',
    'server/reaches-scan.ts',
    `export { scan } from '../cli/scan/index.ts';\n`,
    /W3: across folders only/,
  ],
  [
    'W3: the one that starts the scan reaches for something else of the CLI',
    'server/scan-command.ts',
    `export { scan } from '../cli/scan/index.ts';\nexport { other } from '../cli/other.ts';\n`,
    /W3: across folders only.*cli/,
  ],
  [
    'W3: a path across practices',
    'practices/two/e.ts',
    `import { x } from '../one/index.ts';\nexport const y = x;\n`,
    /W3: across folders only/,
  ],
  [
    'W3: a path across platform parts, even as a type',
    'platform/two/a.ts',
    `import type { X } from '../one/index.ts';\nexport type Y = X;\n`,
    /W3: across folders only/,
  ],
  [
    'W3: a file imports its own door',
    'platform/two/b.ts',
    `import { z } from '#platform/two';\nexport const y = z;\n`,
    /W3: inside platform\/two import the file itself/,
  ],
  [
    'W3: production code leans on what tests of its practice stand on',
    'practices/two/leans.ts',
    `import { x } from './testing.ts';\nexport const y = x;\n`,
    /W3: a test and what it stands on/,
  ],
  [
    'W3: the platform leans on what its own tests stand on',
    'platform/two/leans.ts',
    `import { x } from './testing-ground.ts';\nexport const y = x;\n`,
    /W3: a test and what it stands on/,
  ],
  [
    'W3: the server leans on what its tests of faults stand on',
    'server/leans.ts',
    `import { x } from './faults/running-server.ts';\nexport const y = x;\n`,
    /W3: a test and what it stands on/,
  ],
  [
    'W3: production code leans on the test ground',
    'practices/two/f.ts',
    `import { x } from '#platform/testing';\nexport const y = x;\n`,
    /W3: #platform\/testing is for tests/,
  ],
  [
    'W4: SQL in a template outside the store',
    'practices/two/g.ts',
    'export const all = (db: any) => db`select 1`;\n',
    /W4: SQL only in store/,
  ],
  [
    'W4: SQL under another name of tag',
    'practices/two/h.ts',
    'export const all = (ask: any) => ask`\n  delete from vault.record`;\n',
    /W4: SQL only in store/,
  ],
  [
    'W4: unsafe() outside the store',
    'practices/two/i.ts',
    `export const all = (q: any, text: string) => q.unsafe(text);\n`,
    /W4: SQL only in store/,
  ],
  [
    'W4: a statement in a plain string',
    'practices/two/j.ts',
    `export const text = 'insert into vault.record (id) values ($1)';\n`,
    /W4: SQL only in store/,
  ],
  [
    'W4: SQL in http.ts',
    'practices/two/http.ts',
    'export const all = (tx: any) => tx`select 1`;\n',
    /W4: SQL only in store/,
  ],
  [
    'W4: the driver outside platform/db',
    'practices/two/k.ts',
    `import postgres from 'postgres';\nexport const y = postgres;\n`,
    /W4: the database driver/,
  ],
  [
    'W4: the web framework outside http.ts',
    'practices/two/l.ts',
    `import type { FastifyInstance } from 'fastify';\nexport type Y = FastifyInstance;\n`,
    /W4: the web framework/,
  ],
  [
    'W4: a plugin of the web framework in the store',
    'practices/two/store.ts',
    `import x from '@fastify/swagger';\nexport const y = x;\n`,
    /W4: the web framework/,
  ],
  [
    'W5: past the door of a practice',
    'server/a.ts',
    `import { x } from '#practices/one/store';\nexport const y = x;\n`,
    /W5: only a folder's door/,
  ],
  [
    'W5: past the door of a platform part',
    'practices/two/m.ts',
    `import { x } from '#platform/one/a';\nexport const y = x;\n`,
    /W5: only a folder's door/,
  ],
  [
    'W6: the sdk imports a package',
    'sdk/a.ts',
    `import x from 'yaml';\nexport const y = x;\n`,
    /W6: sdk imports nothing but node built-ins/,
  ],
  [
    'W6: the sdk imports the platform',
    'sdk/b.ts',
    `import type { X } from '#platform/one';\nexport type Y = X;\n`,
    /W6: sdk imports nothing/,
  ],
  [
    'W6: the cli reaches into the system',
    'cli/a.ts',
    `import { x } from '#platform/one';\nexport const y = x;\n`,
    /W6: cli reaches the system through @strongroom\/sdk/,
  ],
  [
    'W6: the cli reaches the sdk by path',
    'cli/b.ts',
    `import { x } from '../sdk/index.ts';\nexport const y = x;\n`,
    /W6: import @strongroom\/sdk by its package name/,
  ],
  [
    'W6: center imports console',
    'web/center/a.ts',
    `import { x } from '../console/a.ts';\nexport const y = x;\n`,
    /W6: center never imports console/,
  ],
  [
    'W6: a practice imports the server',
    'practices/two/n.ts',
    `import { x } from '../../server/main.ts';\nexport const y = x;\n`,
    /W6: nobody imports server/,
  ],
  [
    'W6: a test imports the server',
    'practices/two/n.test.ts',
    `import { x } from '../../server/main.ts';\nexport const y = x;\n`,
    /W6: nobody imports server/,
  ],
  [
    'the environment as a member',
    'practices/two/o.ts',
    `export const home = () => process.env['HOME'];\n`,
    /environment is read by platform\/config alone/,
  ],
  [
    'the environment in brackets',
    'platform/one/d.ts',
    `export const home = () => process['env'];\n`,
    /environment is read by platform\/config alone/,
  ],
  [
    'the environment by import',
    'practices/two/p.ts',
    `import { env } from 'node:process';\nexport const y = env;\n`,
    /environment is read by platform\/config alone/,
  ],
  [
    'the environment taken apart',
    'server/b.ts',
    `const { env } = process;\nexport const y = env;\n`,
    /environment is read by platform\/config alone/,
  ],
  [
    'a cycle of imports',
    'practices/two/ring-a.ts',
    `import { b } from './ring-b.ts';\nexport const a = (): number => b();\n`,
    /cycle/i,
  ],
  ['a file with a banned name', 'practices/two/string-utils.ts', `export const y = 1;\n`, /banned word "utils"/],
  ['a folder with a banned name', 'practices/two/common/word.ts', `export const y = 1;\n`, /banned word "common"/],
  [
    'an exported banned name',
    'practices/two/q.ts',
    `export function createKeyManager(): number {\n  return 1;\n}\n`,
    /banned word "manager"/,
  ],
  ['an exported …Impl', 'practices/two/r.ts', `export type VaultImpl = number;\n`, /banned word "…Impl"/],
  [
    'the 300-line wall',
    'practices/two/s.ts',
    `${Array.from({ length: 301 }, (_, i) => `export const line${i} = ${i};`).join('\n')}\n`,
    /too many lines/i,
  ],
  [
    'module-level state',
    'practices/two/t.ts',
    `let count = 0;\nexport const next = (): number => ++count;\n`,
    /module-level state/,
  ],
  ['a TODO without an issue', 'practices/two/u.ts', `// TODO: later\nexport const y = 1;\n`, /a TODO names its issue/],
  [
    'a promise nobody waits for',
    'practices/two/v.ts',
    `const write = async (): Promise<void> => {};\nexport function go(): void {\n  write();\n}\n`,
    /promise/i,
  ],
];

/** What must stay allowed, or the walls would be a nuisance. */
const ALLOWED: ReadonlyArray<readonly [path: string, source: string]> = [
  ['practices/one/index.ts', `export const x = 1;\nexport type X = number;\n`],
  ['practices/two/ok-type.ts', `import type { X } from '#practices/one';\nexport type Y = X;\n`],
  ['practices/two/ok-platform.ts', `import { x } from '#platform/one';\nexport const y = x;\n`],
  [
    'practices/two/store/records.ts',
    'export const all = (db: (t: TemplateStringsArray) => unknown) => db`select 1`;\n',
  ],
  [
    'practices/two/http/records.ts',
    `import type { FastifyInstance } from 'fastify';\nexport type Y = FastifyInstance;\n`,
  ],
  [
    'practices/two/ok-words.ts',
    `export const says = 'update the record with its version';\nexport const hint = 'select a field';\n`,
  ],
  [
    'practices/two/ring-b.ts',
    `import type { a } from './ring-a.ts';\nexport const b = (): number => 1 as unknown as ReturnType<typeof a>;\n`,
  ],
  ['practices/two/ok.test.ts', `import { x } from '#practices/one';\nexport const y = [x, process.env['HOME']];\n`],
  ['platform/one/index.ts', `export const x = 1;\nexport type X = number;\n`],
  ['platform/two/index.ts', `export const z = 1;\n`],
  ['platform/config/index.ts', `export const home = () => process.env['HOME'];\n`],
  ['server/main.ts', `import { x } from '#practices/one';\nexport const y = x;\nexport { x };\n`],
  [
    'cli/ok.ts',
    `import { join } from 'node:path';\nimport { x } from '@strongroom/sdk';\nexport const y = [x, join('a')];\n`,
  ],
];

let root = '';
let report: LintReport;

function plant(path: string, source: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), source);
}

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'strongroom-walls-'));
  for (const path of ['.oxlintrc.json', 'tsconfig.json', 'package.json', 'tools/walls']) {
    cpSync(path, join(root, path), { recursive: true });
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
  for (const [, path, source] of PLANTS) plant(path, source);
  for (const [path, source] of ALLOWED) plant(path, source);
  // the cycle needs both halves to load each other
  plant('practices/two/ring-b.ts', `import { a } from './ring-a.ts';\nexport const b = (): number => a();\n`);
  report = await lint(root);
});

after(() => rmSync(root, { recursive: true, force: true }));

for (const [breach, path, , message] of PLANTS) {
  test(`the walls catch ${breach}`, () => {
    const said = report.faults.filter((fault) => fault.path === path).map((fault) => fault.message);

    assert.ok(
      said.some((text) => message.test(text)),
      `${path}: expected ${message}, heard ${JSON.stringify(said)}`,
    );
  });
}

test('the walls let through what is allowed', () => {
  const allowed = new Set(ALLOWED.map(([path]) => path).filter((path) => !path.endsWith('ring-b.ts')));
  const said = report.faults.filter((fault) => allowed.has(fault.path) && fault.code.startsWith('strongroom'));

  assert.deepEqual(said, []);
});

test('W5 is held by Node too: a file behind the door does not resolve', async () => {
  plant('practices/one/store.ts', 'export const secret = 1;\n');
  plant(
    'ask.ts',
    `await import('#practices/one');\nconsole.log('door open');\nawait import('#practices/one/store');\n`,
  );

  const answer = await run(process.execPath, ['ask.ts'], { cwd: root });

  assert.notEqual(answer.code, 0);
  assert.match(answer.stdout, /door open/);
  assert.match(answer.stderr, /ERR_MODULE_NOT_FOUND/);
});

test('the linter read every planted file', () => {
  const planted = sourceFiles(root).length;

  assert.ok(planted >= PLANTS.length + ALLOWED.length);
  assert.ok(report.filesRead >= planted - 2, `read ${report.filesRead} of ${planted}`);
});

test('a configuration that reads no file is found out, although the linter itself exits 0', async () => {
  const config = join(root, 'blind.json');
  writeFileSync(config, JSON.stringify({ ignorePatterns: ['**/*'] }));

  const blind = await run('oxlint', ['-c', config, '--no-error-on-unmatched-pattern'], { cwd: root });

  assert.equal(blind.code, 0);
  await assert.rejects(lint(root, { config }), /read 0 of \d+ source files/);
});
