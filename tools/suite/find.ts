/**
 * Which test files there are, and what each one needs.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * `unit`: needs nothing but Node, runs in `npm run check`.
 * `program`: starts other programs (a server, a linter, SoftHSM2), no shared database; or says `kind: program`, because it
 * works for many seconds.
 * `database`: uses the shared PostgreSQL through `#platform/testing`.
 */
export type Kind = 'unit' | 'program' | 'database';
/** `alone`: measures memory, so that no file before it may have left any in its process. */
export type TestFile = Readonly<{ path: string; kind: Kind; alone: boolean }>;

const AREAS = ['platform', 'practices', 'server', 'sdk', 'cli', 'tools', 'vectors', 'e2e', 'bench', 'examples', 'web'];
const USES_DATABASE = /['"]#platform\/testing['"]|STRONGROOM_TEST_PG/;
const MEASURES_MEMORY = /process\.memoryUsage\(/;
const STARTS_PROGRAM =
  /from '(node:child_process|node:worker_threads|pkcs11js|mysql2[^']*|playwright-core)'|\/run\.ts'|\/lint\.ts'|^\/\/ kind: program$/m;

/** @param only   keep the files whose path contains this */
export function findTests(root: string, only = ''): readonly TestFile[] {
  const paths = globSync(`{${AREAS.join(',')}}/**/*.{test,spec}.ts`, {
    cwd: root,
    exclude: (path) => /(^|\/)node_modules$/.test(path),
  });
  return paths
    .filter((path) => path.includes(only))
    .toSorted()
    .map((path) => ({ path, ...needsOf(join(root, path)) }));
}

/** Reads the test and the files it imports by relative path: a shared fixture may be what opens the database. */
function needsOf(path: string): Pick<TestFile, 'kind' | 'alone'> {
  const seen = new Set<string>();
  let kind: Kind = 'unit';
  let alone = false;
  const read = (file: string): void => {
    if (seen.has(file) || !existsSync(file)) return;
    seen.add(file);
    const source = readFileSync(file, 'utf8');
    if (MEASURES_MEMORY.test(source) && !file.includes('/tools/')) alone = true;
    // the finder and its tests speak of the database without using it
    if (USES_DATABASE.test(source) && !file.includes('/tools/')) kind = 'database';
    else if (STARTS_PROGRAM.test(source) && kind === 'unit') kind = 'program';
    for (const match of source.matchAll(/(?:from|import) '(\.[^']+\.ts)'/g))
      read(join(dirname(file), match[1] as string));
  };
  read(path);
  return { kind, alone };
}
