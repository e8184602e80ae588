/** What is published: runs on the oldest Node it names, without Node's modules, and a strict program compiles against it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const here = import.meta.dirname;
let place: string;
let built: string;

before(() => {
  place = mkdtempSync(join(tmpdir(), 'sr-sdk-'));
  built = join(place, 'node_modules', '@strongroom', 'sdk');
  mkdirSync(built, { recursive: true });
  execFileSync(process.execPath, [join(here, 'build.ts'), built], { stdio: 'pipe' });
});
after(() => rmSync(place, { recursive: true, force: true }));

/** The host's Node, which may be older than the one that runs the tests; else that one, without its TypeScript. */
function oldestNode(): string {
  for (const candidate of ['/usr/bin/node', '/usr/local/bin/node']) {
    try {
      const major = Number(
        execFileSync(candidate, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }),
      );
      if (major >= 20) return candidate;
    } catch {
      // not there
    }
  }
  return process.execPath;
}

test('it runs as plain JavaScript', () => {
  const program = `
    import { createStrongroom } from '@strongroom/sdk';
    import { sealForm } from '@strongroom/sdk/intake';
    const room = createStrongroom({ url: 'http://127.0.0.1:9', key: 'srk_x', retries: 0 });
    const code = await room.status.health().then(() => 'none', (problem) => problem.code);
    console.log(code, typeof sealForm);`;
  writeFileSync(join(place, 'program.mjs'), program);
  const said = execFileSync(oldestNode(), [join(place, 'program.mjs')], { encoding: 'utf8' });
  assert.equal(said.trim(), 'SDK_UNREACHABLE function');
});

test('it has no dependencies and asks for no module of Node: a browser can load it', () => {
  const manifest = JSON.parse(readFileSync(join(built, 'package.json'), 'utf8')) as { dependencies?: object };
  assert.equal(manifest.dependencies, undefined);
  const files = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  assert.ok(files.length >= 15, `${files.length} files`);
  for (const name of files) {
    const source = readFileSync(join(built, name), 'utf8');
    assert.doesNotMatch(source, /from '(?!\.)|import\('(?!\.)|require\(/, name);
  }
});

test('a strict program compiles against its declarations, and a wrong one does not', () => {
  const options = {
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: [],
    noEmit: true,
  };
  writeFileSync(join(place, 'package.json'), '{"type":"module"}');
  const compile = (source: string): string => {
    writeFileSync(join(place, 'uses.ts'), source);
    writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['uses.ts'] }));
    try {
      execFileSync(join(here, '../node_modules/.bin/tsc'), ['-p', place], { encoding: 'utf8' });
      return '';
    } catch (thrown) {
      return (thrown as { stdout: string }).stdout;
    }
  };
  const head = `import { createStrongroom } from '@strongroom/sdk';\nconst room = createStrongroom({ url: 'http://127.0.0.1' });\n`;
  const right = `${head}export const id: string = (await room.records.create({ collection: 'c', fields: { a: 1 } })).id;\n`;
  assert.equal(compile(right), '');
  assert.match(compile(right.replace('id: string', 'id: number')), /TS2322/);
  assert.match(compile(right.replace('fields', 'felds')), /TS2\d+/);
});
