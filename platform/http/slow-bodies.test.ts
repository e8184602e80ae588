// kind: program
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as setTimeoutOf } from 'node:timers/promises';

import { fastify } from 'fastify';

import { limitBodies } from './slow-bodies.ts';

/** A server with a short patience: an ordinary route, one that streams, and one that refuses before it reads. */
async function serve(t: TestContext): Promise<number> {
  const server = fastify();
  limitBodies(server, { bodyMs: 300, silenceMs: 3000 });
  server.addHook('onRequest', async (request, reply) => {
    if (request.url === '/refuses') await reply.code(401).send({});
  });
  server.addContentTypeParser('application/octet-stream', (_request, body, done) => done(null, body));
  server.post('/plain', async () => ({}));
  server.post('/refuses', async () => ({}));
  server.route({
    method: 'POST',
    url: '/streams',
    config: { streams: true } as never,
    handler: async (request) => {
      let sizeBytes = 0;
      for await (const part of request.body as AsyncIterable<Buffer>) sizeBytes += part.length;
      return { sizeBytes };
    },
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  return (server.server.address() as AddressInfo).port;
}

async function begin(
  port: number,
  path: string,
  type: string,
): Promise<{ socket: Socket; said: () => string; ended: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let said = '';
  socket.on('data', (part) => (said += part.toString()));
  socket.on('error', () => undefined);
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 40\r\n\r\n`);
  return { socket, said: () => said, ended };
}
const later = (ms: number): Promise<'open'> => new Promise((resolve) => setTimeout(resolve, ms, 'open').unref());
const drip = async (socket: Socket, times: number): Promise<void> => {
  for (let n = 0; n < times && !socket.destroyed; n += 1) {
    socket.write('1234');
    await setTimeoutOf(100);
  }
};

test('an ordinary body that drips in is cut off in time, also one that nobody reads any more', async (t) => {
  const port = await serve(t);

  for (const path of ['/plain', '/refuses']) {
    const { socket, ended } = await begin(port, path, 'application/json');
    const dripping = drip(socket, 9);
    assert.notEqual(await Promise.race([ended, later(30_000)]), 'open', path);
    await dripping;
  }
});

test('a streamed body may take long while it moves, and is cut off when it falls silent', async (t) => {
  const port = await serve(t);
  const slow = await begin(port, '/streams', 'application/octet-stream');
  const silent = await begin(port, '/streams', 'application/octet-stream');
  silent.socket.write('1234');

  await drip(slow.socket, 10);

  while (!slow.said().includes('sizeBytes')) await setTimeoutOf(10);
  assert.match(slow.said(), /"sizeBytes":40/);
  assert.notEqual(await Promise.race([silent.ended, later(30_000)]), 'open');
});

test('a request that was answered leaves nothing that ends the connection later', async (t) => {
  const port = await serve(t);
  const { socket, said, ended } = await begin(port, '/plain', 'application/json');
  socket.write(`{"a":"${'x'.repeat(32)}"}`.slice(0, 40));

  while (!said().startsWith('HTTP/1.1 200')) await setTimeoutOf(10);
  assert.equal(await Promise.race([ended, setTimeoutOf(700, 'open')]), 'open');
  assert.match(said(), /^HTTP\/1\.1 200/);
  socket.destroy();
});

test('a request without a connection, as Fastify puts one in, has nothing to close when its time is over', async (t) => {
  const server = fastify();
  limitBodies(server, { bodyMs: 50, silenceMs: 50 });
  server.post('/plain', async () => ({}));
  t.after(() => server.close());

  const { statusCode } = await server.inject({ method: 'POST', url: '/plain', payload: { a: 1 } });
  // what is thrown by a timer is thrown at this test
  await setTimeoutOf(200);

  assert.equal(statusCode, 200);
});
