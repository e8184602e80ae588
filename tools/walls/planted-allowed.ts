/** What must stay allowed, or the walls would be a nuisance. */
export const ALLOWED: ReadonlyArray<readonly [path: string, source: string]> = [
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
  [
    'practices/two/ok-part.tests.ts',
    "import { x } from '#platform/testing';\nexport const all = (db: any) => db`select ${x}`;\n",
  ],
  ['platform/one/index.ts', `export const x = 1;\nexport type X = number;\n`],
  ['platform/two/index.ts', `export const z = 1;\n`],
  ['platform/config/index.ts', `export const home = () => process.env['HOME'];\n`],
  ['server/main.ts', `import { x } from '#practices/one';\nexport const y = x;\nexport { x };\n`],
  [
    'cli/ok.ts',
    `import { join } from 'node:path';\nimport { x } from '@strongroom/sdk';\nexport const y = [x, join('a')];\n`,
  ],
];
