import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { run } from '../run.ts';
import { dependencyFaults } from './dependencies.ts';
import { collectFailures, failuresDoc } from './failures-doc.ts';
import { openApiText } from './openapi-text.ts';
import { createStrongroom } from '@strongroom/sdk';
import { sdkReference } from './sdk-reference.ts';
import { sdkTypes } from './sdk-types.ts';

function tree(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'strongroom-docs-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** What `failures()` returns, in as many words as a tree without platform/ can say it. */
const table = (prefix: string, key: string): string =>
  `export const it = Object.assign(() => {}, { prefix: '${prefix}', table: { ${key}: { status: 400, says: 'a | b', hint: 'c' } } });\n`;

test('the failures of this project are found, each code once, each with a hint', async () => {
  const rows = await collectFailures(process.cwd());

  assert.ok(rows.length >= 40, `${rows.length} failures`);
  assert.ok(rows.some((row) => row.code.startsWith('VAULT_')));
  assert.deepEqual(
    rows.filter((row) => row.says === '' || row.hint === ''),
    [],
  );
});

test('a pipe in a sentence does not break the table of failures', async (t) => {
  const root = tree(t, { 'platform/x/failures.ts': table('X', 'ODD') });

  const text = failuresDoc(await collectFailures(root));

  assert.match(text, /\| `X_ODD` \| 400 \| a \\\| b \| c \|/);
});

test('one code declared twice, and a failures file without a table, are refused', async (t) => {
  const twice = tree(t, {
    'platform/x/failures.ts': table('X', 'ODD'),
    'practices/y/more-failures.ts': table('X', 'ODD'),
  });
  const none = tree(t, { 'platform/x/failures.ts': 'export const x = 1;\n' });

  await assert.rejects(collectFailures(twice), /X_ODD is declared in platform\/x\/failures.ts and in practices\/y/);
  await assert.rejects(collectFailures(none), /declares no failures table/);
});

const SPEC = {
  openapi: '3.1.0',
  info: { title: 't', version: '1' },
  paths: {
    '/v1/records/{id}': {
      get: {
        operationId: 'getRecord',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'fields', in: 'query', schema: { type: 'string' } },
          { name: 'Strongroom-Purpose', in: 'header', required: true, schema: { type: 'string' } },
        ],
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/def-0' } } } },
          404: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
        },
      },
      delete: { operationId: 'dropRecord', responses: { 204: { description: 'gone' } } },
    },
  },
  components: {
    schemas: {
      'def-0': {
        type: 'object',
        description: 'one record',
        required: ['id', 'state'],
        properties: {
          id: { type: 'string' },
          state: { anyOf: [{ const: 'clear' }, { const: 'masked' }] },
          version: { type: ['integer', 'null'] },
          fields: { type: 'object', additionalProperties: { type: 'array', items: { enum: ['a', 1] } } },
        },
      },
      Problem: { type: 'object', required: ['code'], properties: { code: { type: 'string' } } },
    },
  },
};

test('types made from an OpenAPI document accept what fits and refuse what does not', async (t) => {
  const use = (line: string): string => `import type { Def0, Operations } from './types.ts';\n${line}\n`;
  const root = tree(t, {
    'types.ts': sdkTypes(SPEC),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        exactOptionalPropertyTypes: true,
        allowImportingTsExtensions: true,
        module: 'nodenext',
        types: [],
      },
      include: ['*.ts'],
    }),
    'package.json': '{"type":"module"}',
    'good.ts': use(
      `export const r: Def0 = { id: 'x', state: 'masked', version: null, fields: { a: ['a', 1] } };\n` +
        `export const q: Operations['getRecord']['query'] = {};\n` +
        `export const gone: Operations['dropRecord']['responses']['204'] = undefined;\n` +
        `export const p: Operations['getRecord']['responses']['404'] = { code: 'X' };`,
    ),
    'bad-state.ts': use(`export const r: Def0 = { id: 'x', state: 'open' };`),
    'bad-header.ts': use(`export const h: Operations['getRecord']['headers'] = {};`),
    'bad-item.ts': use(`export const r: Def0 = { id: 'x', state: 'clear', fields: { a: ['b'] } };`),
  });
  symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));

  const checked = await run('tsc', ['-p', '.'], { cwd: root });

  const faulty = new Set([...checked.stdout.matchAll(/^([\w-]+\.ts)\(/gm)].map((match) => match[1]));
  assert.deepEqual(faulty, new Set(['bad-state.ts', 'bad-header.ts', 'bad-item.ts']), checked.stdout);
});

test('the type generator refuses what it cannot say truly', () => {
  const withSchema = (schema: object): object => ({ components: { schemas: { A: schema } } });
  const noId = { paths: { '/a': { get: { responses: {} } } } };

  assert.throws(() => sdkTypes(withSchema({ $ref: 'other.json#/A' }) as never), /schema A: other.json#\/A is not/);
  assert.throws(() => sdkTypes(withSchema({ type: 'date' }) as never), /schema A: type "date" is not known/);
  assert.throws(() => sdkTypes(noId), /GET \/a has no operationId/);
});

test('the same OpenAPI document in another order is the same text', () => {
  const turned = { paths: SPEC.paths, components: SPEC.components, info: SPEC.info, openapi: SPEC.openapi };

  assert.equal(openApiText(turned as never), openApiText(SPEC as never));
  assert.match(openApiText(SPEC), /^\{\n {2}"openapi"/);
});

test('every dependency of this project has its reason', () => {
  assert.deepEqual(dependencyFaults(process.cwd()), []);
});

test('a dependency without a reason and a reason without a dependency are found', (t) => {
  const root = tree(t, {
    'package.json': JSON.stringify({ workspaces: ['cli'], dependencies: { fastify: '1', yaml: '1' } }),
    'cli/package.json': JSON.stringify({ name: '@x/cli', dependencies: { '@x/cli': '1', commander: '1' } }),
    'docs/adr/dependencies.md':
      '| package | reason |\n|---|---|\n| `fastify` | the web framework |\n| `express` | long gone by now |\n| `yaml` | |\n',
  });

  assert.deepEqual(dependencyFaults(root), [
    'docs/adr/dependencies.md gives no reason for yaml',
    'docs/adr/dependencies.md gives no reason for commander',
    'docs/adr/dependencies.md explains express, which is no dependency',
  ]);
});

test('generated text is stable on disk: what was written is what the check expects', async () => {
  const rows = await collectFailures(process.cwd());

  assert.equal(failuresDoc(rows), failuresDoc(await collectFailures(process.cwd())));
  assert.ok(readFileSync('docs/adr/dependencies.md', 'utf8').length > 0);
});

test('the reference of the SDK says of each call what its comment says, and of each shape whose it is', () => {
  const files = new Map([
    ['client.ts', `export type Strongroom = {\n  /** Things. */\n  readonly things: Things;\n};\n`],
    [
      'things.ts',
      `/** A thing. */\nexport type Thing = Reply<'getThing', '200'>;\nexport type Things = {\n  /**\n   * Gets | it.\n   * @throws NOT_THERE\n   * @example\n   * await room.things.get('a');\n   */\n  get: (id: string, options?: CallOptions) => Promise<Thing>;\n  again: (options?: CallOptions) => Promise<Thing>;\n  readonly deep: { drop: (ids: readonly string[]) => Promise<void> };\n};\n`,
    ],
  ]);
  const spec = { paths: { '/v1/things/{id}': { get: { operationId: 'getThing', summary: 'Get a thing' } } } };
  const text = sdkReference(files, spec);
  assert.ok(text.includes("## things\n\nThings.\n\n- `things.get(id: string): Promise<Thing>`\\\n  Gets | it. Fails with NOT_THERE.\n\n  ```ts\n  await room.things.get('a');\n  ```\n"), text);
  assert.ok(text.includes('- `things.again(): Promise<Thing>`\\\n  Get a thing.\n'), text);
  assert.ok(text.includes('- `things.deep.drop(ids: readonly string[]): Promise<void>`\n'), text);
  assert.ok(text.includes('| `Thing` | `getThing`, GET /v1/things/{id} | A thing. |'), text);
  assert.throws(() => sdkReference(new Map([['client.ts', 'export type Strongroom = { readonly things: Things };']]), spec), /there is no type Things/);
}); // prettier-ignore

test('every call of the client stands in the reference', () => {
  const text = readFileSync('docs/sdk.md', 'utf8');
  const room = createStrongroom({ url: 'http://127.0.0.1:1', key: 'srk_x' });
  const calls = (value: object, path: string): string[] =>
    Object.entries(value).flatMap(([name, of]) =>
      typeof of === 'function' ? [`${path}${name}`] : calls(of as object, `${path}${name}.`),
    );
  const all = calls(room, '');
  assert.ok(all.length > 300);
  for (const call of all) assert.ok(text.includes(`\`${call}(`), call);
});
