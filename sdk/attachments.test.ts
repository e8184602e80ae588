/** The client's attachments against a server that misbehaves; against the real one: server/sdk-attachments.test.ts. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { createStrongroom, type Strongroom } from './index.ts';

async function against(
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
  run: (room: Strongroom) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => answer(request, response, Buffer.concat(parts)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await run(createStrongroom({ url, key: 'srk_x', purpose: 'service.support', retries: 1, random: () => 0 }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const HEADERS = {
  'content-type': 'application/octet-stream',
  'content-length': '10',
  'strongroom-attachment': 'att_1',
  'strongroom-name': 'caf%C3%A9.txt',
  'strongroom-type': 'text/plain',
  'repr-digest': 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
  'strongroom-audit-index': '7',
};
const textOf = (content: ReadableStream<Uint8Array>): Promise<string> => new Response(content).text();

test('a download that is cut off errors, however it is cut', async () => {
  const cuts: ((response: ServerResponse) => void)[] = [
    (response) => response.write('12345', () => response.destroy()),
    (response) => response.socket?.end(`HTTP/1.1 200 OK\r\n${Object.entries(HEADERS).map((pair) => pair.join(': ')).join('\r\n')}\r\n\r\n12345`), // prettier-ignore
  ];
  for (const [at, cut] of cuts.entries()) {
    await against(
      (_request, response) => {
        if (at === 0) response.writeHead(200, HEADERS);
        cut(response);
      },
      async (room) => {
        const got = await room.attachments.get('rec_1', 'x');
        await assert.rejects(textOf(got.content), { code: 'SDK_STREAM_CUT' });
      },
    );
  }
});

test('a download brings name, type and digest, and asks for ranges', async () => {
  await against(
    (request, response) => {
      assert.equal(request.headers.range, 'bytes=5-14');
      assert.equal(request.url, '/v1/vault/records/rec_1/attachments/att_1');
      response.writeHead(206, HEADERS).end('0123456789');
    },
    async (room) => {
      const { content, ...said } = await room.attachments.get(
        'rec_1',
        { id: 'att_1' },
        { range: { start: 5, end: 14 } },
      );
      assert.deepEqual(said, {
        id: 'att_1', name: 'café.txt', type: 'text/plain', sizeBytes: 10, auditIndex: 7,
        sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      }); // prettier-ignore
      assert.equal(await textOf(content), '0123456789');
    },
  );
});

test('an upload is sent again with the same key, type and digest when the server fell over', async () => {
  const seen: { headers: IncomingMessage['headers']; body: string }[] = [];
  await against(
    ({ headers }, response, body) => {
      seen.push({ headers, body: body.toString() });
      if (seen.length === 1) response.destroy();
      else response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"att_1"}');
    },
    async (room) => {
      const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
      const made = await room.attachments.put('rec_1', 'café.txt', new Blob(['x'], { type: 'text/plain' }), { sha256 });
      assert.equal(made.id, 'att_1');
    },
  );
  assert.equal(seen.length, 2);
  for (const name of ['idempotency-key', 'content-type', 'strongroom-name', 'repr-digest'])
    assert.equal(seen[0]?.headers[name], seen[1]?.headers[name]);
  assert.deepEqual([seen[1]?.headers['content-type'], seen[1]?.headers['strongroom-name'], seen[1]?.body], ['text/plain', 'caf%C3%A9.txt', 'x']); // prettier-ignore
});
