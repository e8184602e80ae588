/** What is no request, is too long, is cut off, or meets a fault: every answer of the courses' origin has a policy by which nothing runs. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { contentServer, type ContentNeeds } from './content-server.ts';

const faults: unknown[] = [];
let server: Server;
let port: number;
let asked: PromiseWithResolvers<void>;
before(async () => {
  server = contentServer({
    runs: {
      ofToken: async (token: string) => {
        if (token.startsWith('broken')) throw new Error('no database');
        return null;
      },
    },
    sessions: {
      ofToken: async () => null,
      ofAuth: async (_auth: string, work: (by: unknown) => unknown) => (
        asked.resolve(),
        work({ session: { state: 'open' } })
      ),
    },
    origin: 'https://courses.example',
    onFault: (thrown: unknown) => void faults.push(thrown),
  } as unknown as ContentNeeds);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
after(() => {
  server.closeAllConnections();
  server.close();
});

async function answerTo(sent: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let got = '';
  socket.setEncoding('latin1').on('data', (piece: string) => (got += piece)).on('error', () => undefined); // prettier-ignore
  socket.write(sent);
  await once(socket, 'close');
  return got;
}

test('an answer to what is no request has the policy too, and says nothing of what was sent', async () => {
  const host = 'host: x\r\nconnection: close\r\n';
  for (const [name, sent, status] of [
    ['a long address', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`, 431],
    ['many headers', `GET / HTTP/1.1\r\n${host}x: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['garbled', 'SECRET nothing\r\n\r\n', 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00', 400],
    ['a body of two lengths', `POST /xapi/statements HTTP/1.1\r\n${host}content-length: 1\r\ncontent-length: 2\r\n\r\n`, 400],
    ['no host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['expects what there is not', `GET / HTTP/1.1\r\n${host}expect: SECRET\r\n\r\n`, 417],
    ['a fault of ours', `GET /${'broken'.padEnd(32, 'A')}/ HTTP/1.1\r\n${host}\r\n`, 503],
    ['nothing there', `GET / HTTP/1.1\r\n${host}\r\n`, 404],
  ] as const) {
    const got = await answerTo(sent);
    const [first = '', ...headers] = (got.split('\r\n\r\n')[0] ?? '').toLowerCase().split('\r\n');
    assert.match(first, new RegExp(`^http/1.1 ${status} `), name);
    for (const wanted of ["content-security-policy: default-src 'none'; frame-ancestors 'none'", 'x-content-type-options: nosniff', 'x-dns-prefetch-control: off', 'cache-control: no-store'])
      assert.ok(headers.includes(wanted), `${name} lacks ${wanted}`);
    assert.ok(!got.includes('SECRET'), name);
  }
  assert.deepEqual(faults.splice(0).map(String), ['Error: no database']);
}); // prettier-ignore

test('who goes in the middle of what they send is nobody’s fault', async () => {
  asked = Promise.withResolvers();
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /xapi/statements HTTP/1.1\r\nhost: x\r\nx-experience-api-version: 1.0.3\r\nauthorization: Basic eDp5\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{'); // prettier-ignore
  await asked.promise;
  const gone = new Promise((resolve) => void server.once('request', resolve));
  socket.destroy();
  // seen by the server before this one, which comes later
  await answerTo('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  await gone;
  assert.deepEqual(faults, []);
});
