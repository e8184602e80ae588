import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cli } from './cli.ts';

test('a command that cannot be started is said in words', async (t) => {
  const program = process.execPath;
  t.after(() => (process.execPath = program));
  process.execPath = '/nowhere/node';

  await assert.rejects(
    cli({ url: 'http://127.0.0.1:1', home: '/nowhere', key: 'key' }, 'vault', 'import', 'a secret place'),
    /^Error: strongroom vault import could not be started: spawn \/nowhere\/node ENOENT$/,
  );
});
