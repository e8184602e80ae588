import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { CannotTell } from './control-test.ts';
import { createWire } from './wire.ts';

test('a purpose that the catalogue does not have is not asked for: its refusal would say nothing; but to see it refused', async (t) => {
  const came: unknown[] = [];
  const server = createServer((request, response) => {
    came.push(request.headers['strongroom-purpose']);
    response.writeHead(400).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wire = createWire({ url, ca: null, outside: null, purposes: ['service.support'] }, 10);
  const ask = wire.client('dpo', null);

  await assert.rejects(ask('GET', '/', { purpose: 'legal' }), CannotTell);
  assert.deepEqual([came, wire.requests()], [[], 0]);
  await ask('GET', '/', { purpose: 'legal', purposes: 'undeclared too' });
  await ask('GET', '/', { purpose: 'service.support' });
  await ask('GET', '/');
  assert.deepEqual(came, ['legal', 'service.support', undefined]);
});
