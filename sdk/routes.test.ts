/** Every call of the client goes to a route that docs/openapi.json has, with its method. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { createStrongroom } from './index.ts';

type Operation = { operationId: string; parameters?: readonly { name: string }[] };
type Paths = Record<string, Record<string, Operation>>;
const { paths } = JSON.parse(readFileSync(join(import.meta.dirname, '../docs/openapi.json'), 'utf8')) as {
  paths: Paths;
};

/** What a template of OpenAPI matches; `{*}` is the rest of a path. */
const routes = Object.entries(paths).flatMap(([template, methods]) =>
  Object.entries(methods).map(([method, { operationId, parameters = [] }]) => ({
    method: method.toUpperCase(),
    operationId,
    isKeyed: parameters.some((each) => each.name.toLowerCase() === 'idempotency-key'),
    pattern: new RegExp(`^${template.replaceAll(/\{\*\}/g, '.+').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
  })),
);

test('every function of every namespace asks for a route that is there, with an Idempotency-Key where it knows one', async () => {
  const asked = new Map<string, string>();
  const keyed = new Map<string, boolean>();
  let name = '';
  const room = createStrongroom({
    url: 'http://127.0.0.1:9',
    key: 'srk_x',
    retries: 0,
    fetch: async (url, init) => {
      asked.set(name, `${init?.method ?? 'GET'} ${new URL(String(url)).pathname}`);
      keyed.set(name, new Headers(init?.headers).has('idempotency-key'));
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
  const routesOf = (request: string): typeof routes => {
    const [method, path = ''] = request.split(' ');
    return routes.filter((route) => route.method === method && route.pattern.test(path));
  };
  const lost = [...asked].filter(([, request]) => routesOf(request).length === 0);
  const wrong = [...asked].filter(([each, request]) => routesOf(request)[0]?.isKeyed !== keyed.get(each));
  assert.deepEqual(silent, []);
  assert.deepEqual(lost, []);
  assert.deepEqual(wrong, []);
  assert.ok([...keyed.values()].filter(Boolean).length >= 7);
  assert.ok(names.length >= 30, `${names.length} calls`);
});
