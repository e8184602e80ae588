/** Every call of the client goes to a route that docs/openapi.json has, with its method. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { createStrongroom } from './index.ts';

type Paths = Record<string, Record<string, { operationId: string }>>;
const { paths } = JSON.parse(readFileSync(join(import.meta.dirname, '../docs/openapi.json'), 'utf8')) as {
  paths: Paths;
};

/** What a template of OpenAPI matches; `{*}` is the rest of a path. */
const routes = Object.entries(paths).flatMap(([template, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({
    method: method.toUpperCase(),
    operationId,
    pattern: new RegExp(`^${template.replaceAll(/\{\*\}/g, '.+').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
  })),
);

test('every function of every namespace asks for a route that is there', async () => {
  const asked = new Map<string, string>();
  let name = '';
  const room = createStrongroom({
    url: 'http://127.0.0.1:9',
    key: 'srk_x',
    retries: 0,
    fetch: async (url, init) => {
      asked.set(name, `${init?.method ?? 'GET'} ${new URL(String(url)).pathname}`);
      return await Promise.resolve(Response.json({ records: [], works: [] }));
    },
  });
  const names: string[] = [];
  for (const [space, calls] of Object.entries(room) as [string, Record<string, (...args: unknown[]) => unknown>][]) {
    for (const [call, does] of Object.entries(calls)) {
      name = `${space}.${call}`;
      names.push(name);
      const answer = does(name === 'audit.tile' ? '0/000' : 'x_1', 'x_2', {}, {});
      // some are generators, which ask when they are asked
      await (
        Symbol.asyncIterator in Object(answer) ? (answer as AsyncGenerator).next() : (answer as Promise<unknown>)
      ).catch(() => undefined);
    }
  }

  const silent = names.filter((each) => !asked.has(each));
  const lost = [...asked].filter(([, request]) => {
    const [method, path = ''] = request.split(' ');
    return !routes.some((route) => route.method === method && route.pattern.test(path));
  });
  assert.deepEqual(silent, []);
  assert.deepEqual(lost, []);
  assert.ok(names.length >= 30, `${names.length} calls`);
});
