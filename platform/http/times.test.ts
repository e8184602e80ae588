import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createLog } from '#platform/log';
import { Type } from 'typebox';

import { createHttp } from './index.ts';

for (const compile of ['late', 'at once'] as const)
  test(`a time that cannot be reckoned with is refused as it comes, compiled ${compile}`, async () => {
    const server = await createHttp({ log: createLog('silent'), version: 'test', ...(compile === 'at once' ? { compile } : {}) }); // prettier-ignore
    const body = Type.Object({ at: Type.String({ format: 'date-time' }) });
    server.post('/at', { schema: { body } }, ({ body: { at } }) => ({ at: new Date(at).toISOString() }));
    const sent = (at: string) => server.inject({ method: 'POST', url: '/at', payload: { at } });

    for (const at of ['2026-11-27T12:00:00Z', '2026-11-27T12:00:00.5+01:00', '2024-02-29T00:00:00Z'])
      assert.equal((await sent(at)).statusCode, 200, at);
    for (const at of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])
      assert.equal((await sent(at)).statusCode, 200, at);
    for (const at of ['0000-12-31T23:59:59Z', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-14:00'])
      assert.equal((await sent(at)).statusCode, 400, `${at}: no database can be told it`);
    for (const at of ['2016-12-31T23:59:60Z', '2026-13-01T00:00:00Z', '2026-11-27', 'now', '2026-11-27T12:00:00'])
      assert.equal((await sent(at)).statusCode, 400, at);
    await server.close();
  });
