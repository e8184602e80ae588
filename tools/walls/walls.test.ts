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
import { ALLOWED } from './planted-allowed.ts';
import { AGAINST_RULES } from './planted-rules.ts';
import { AGAINST_WALLS } from './planted-walls.ts';

const PLANTS = [...AGAINST_WALLS, ...AGAINST_RULES];

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
