/** Breaches of the other rules of STYLE.md that a machine holds, each with what is said of it. */
import type { Plant } from './planted-walls.ts';

export const AGAINST_RULES: readonly Plant[] = [
  [
    'a value of another type',
    'practices/two/typed.ts',
    `export const n: number = 'one';\n`,
    /'string' is not assignable to type 'number'/,
  ],
  [
    'a module that is not there',
    'practices/two/nowhere.ts',
    `export { nothing } from './not-there.ts';\n`,
    /Cannot find module '\.\/not-there\.ts'/,
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
    'the 300-line wall, before a test too',
    'practices/two/long.test.ts',
    `${'\n'.repeat(300)}export const y = 1;\n`,
    /too many lines/i,
  ],
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
