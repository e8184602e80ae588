import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { createLog } from '#platform/log';

import { createHttp } from './index.ts';

async function listening() {
  const server = await createHttp({ log: createLog('silent'), version: 'test' });
  server.get('/slow', async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { done: true };
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, url: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}` };
}

const withinSeconds = async (seconds: number, work: Promise<unknown>): Promise<boolean> => {
  const late = new AbortController();
  const clock = new Promise<false>((resolve) => {
    const timer = setTimeout(() => resolve(false), seconds * 1000);
    late.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  const done = await Promise.race([work.then(() => true as const), clock]);
  late.abort();
  return done;
};

test('a refused body that is still arriving does not hold the server for the keep-alive time', async () => {
  const { server, url } = await listening();
  const answer = await fetch(`${url}/nowhere`, { method: 'PUT', body: Buffer.alloc(3_000_000) });
  assert.equal(answer.status, 404);
  await answer.text();
  assert.ok(await withinSeconds(20, server.close()));
});

test('what is under way is answered, and a silent connection is not waited for', async () => {
  const { server, url } = await listening();
  const silent = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  await new Promise((resolve) => silent.once('connect', resolve));
  const arrived = once(server.server, 'request');
  const slow = fetch(`${url}/slow`).then((response) => response.json());
  await arrived;
  const closed = server.close();
  assert.deepEqual(await slow, { done: true });
  assert.ok(await withinSeconds(20, closed));
  silent.destroy();
});

test('a connection of the last moment is answered, also when its request comes after the closing began', async () => {
  const { server } = await listening();
  const taken = once(server.server, 'connection');
  const late = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  await new Promise((resolve) => late.once('connect', resolve));
  await taken;
  const closed = server.close();
  await new Promise((resolve) => setTimeout(resolve, 150));
  late.write('GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  const [answer] = await Promise.race([once(late, 'data'), once(late, 'close')]);
  assert.match(String(answer), /^HTTP\/1\.1 (200|503) /);
  assert.ok(await withinSeconds(20, closed));
  late.destroy();
});
