/** Bytes that are no request at all. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { test } from 'node:test';

import { CANARY } from './bad-requests.ts';
import type { Running } from './bad-input.test.ts';

export function bytesAreAnswered(of: () => Running): void {
  test('bytes that are no request get a problem too, and the connection ends', async () => {
    const { url } = of();
    for (const bytes of [
      `${CANARY}\r\n\r\n`,
      `GET / HTTP/1.1\r\nhost: a\r\n${CANARY} : x\r\n\r\n`,
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${CANARY.repeat(5000)}\r\n\r\n`,
    ]) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.end(bytes);
      const answer = await readAll(socket);

      assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json\r\n/);
      assert.match(answer, /"code":"HTTP_PROTOCOL","hint":"/);
      assert.ok(!answer.includes(CANARY));
    }
  });
}
