/** A runner whose server is gone does not go on, whatever its test waits for. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';

import { runner } from './runner.ts';

test('a test that hangs is left when the server is gone, and not before', async (t) => {
  const open = new Set<Socket>();
  // takes what it is asked, and never answers
  const deaf = createServer((socket) => void open.add(socket.resume()));
  await new Promise<void>((resolve) => void deaf.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of open) socket.destroy();
    deaf.close();
  });
  const key = { id: 'key_1', key: 'none', role: 'auditor' };
  const url = `http://127.0.0.1:${(deaf.address() as AddressInfo).port}`;
  const world = { run: 'run_1', url, ca: null, tests: ['NET-04'], keys: [key], ended: key, narrow: key, canaries: [], purposes: [], database: null }; // prettier-ignore
  const [input, output] = [new PassThrough(), new PassThrough()];
  const left = Promise.withResolvers<string>();
  let isLeft = false;
  const running = runner(input, output, '0.0.0', () => new Date(), () => {
    isLeft = true;
    left.resolve('left');
  }, 20); // prettier-ignore
  input.write(`${JSON.stringify({ world })}\n`);
  if (open.size === 0) await once(deaf, 'connection');
  assert.equal(isLeft, false, 'a server that waits is told what is seen');
  input.end();
  assert.equal(await Promise.race([left.promise, running.then(() => 'ended')]), 'left');
});
