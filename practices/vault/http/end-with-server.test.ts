import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createHttp } from '#platform/http';
import { createLog } from '#platform/log';

import { endWithServer } from './end-with-server.ts';

test('transfers under way are cut off a while after the server was told to stop, those that ended are left alone', async () => {
  const server = await createHttp({ log: createLog('silent'), version: '0' });
  const hold = endWithServer(server, 50);
  const cut: string[] = [];
  const transfer = (name: string) => ({ destroy: () => cut.push(name) });
  hold(transfer('under way'));
  hold(transfer('ended'))();

  await server.close();
  assert.deepEqual(cut, []);
  await new Promise((resolve) => setTimeout(resolve, 100));

  assert.deepEqual(cut, ['under way']);
});
