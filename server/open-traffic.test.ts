import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';

import { fastify } from 'fastify';

import type { Traffic } from '#practices/traffic';

import { watchRequests } from './open-traffic.ts';

test('an answer that the client cut short is an event all the same, once, with the bytes that had left', async (t) => {
  const told: Parameters<Traffic['requests']['finished']>[0][] = [];
  const heard = Promise.withResolvers<void>();
  const http = fastify();
  t.after(() => http.close());
  const finished: Traffic['requests']['finished'] = (request) => {
    told.push(request);
    if (told.length === 2) heard.resolve();
  };
  const traffic = { measures: { atDoor: () => undefined }, requests: { finished, isOn: () => true } } as never;
  watchRequests(http, { traffic, looks: { of: () => null }, actorOf: () => null });
  http.get('/whole', async () => ({ ok: true }));
  // as an export: whoever has read nearly all of it and goes has what they came for
  http.get('/stream', async () => {
    let pieces = 0;
    return new Readable({ read() { if ((pieces += 1) <= 64) this.push(Buffer.alloc(1024, 'x')); } });
  }); // prettier-ignore
  await http.listen({ port: 0, host: '127.0.0.1' });
  const { port } = http.server.address() as AddressInfo;
  assert.equal((await fetch(`http://127.0.0.1:${port}/whole`)).status, 200);
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /stream HTTP/1.1\r\nHost: x\r\n\r\n');
  let read = 0;
  while (read < 60_000) read += ((await once(socket, 'data')) as [Buffer])[0].length;
  socket.destroy();
  await heard.promise;

  assert.deepEqual(told.map(({ route, status }) => [route, status]), [['/whole', 200], ['/stream', 200]]); // prettier-ignore
  assert.equal(told[0]?.bytes, 11);
  assert.ok((told[1]?.bytes ?? 0) >= 60_000, JSON.stringify(told[1]));
});
