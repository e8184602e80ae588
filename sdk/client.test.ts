import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import type { StrongroomProblem } from './index.ts';
import { createStrongroom, isProblem } from './index.ts';
import { against, json, KEY } from './testing.ts';

async function idsOf(records: AsyncIterable<{ id: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of records) ids.push(id);
  return ids;
}
const created = { id: 'rec_1', subjectId: 'sub_1', version: 1, auditIndex: 7 };
const record = { collection: 'customer', fields: { email: 'ada@example.org' } };
const away = { code: 'HTTP_DATABASE', detail: 'the database did not answer', hint: 'try again', status: 503 };

test('a change is tried again after cut connections and 503 with the very same Idempotency-Key', async () => {
  await against(
    (_request, response, count) => {
      if (count === 1) response.destroy();
      else if (count === 2) json(response, 503, away);
      else if (count === 3)
        response.writeHead(201, { 'content-length': '500' }).write('{"id":', () => response.destroy());
      else json(response, 201, created);
    },
    async (room, seen) => {
      assert.deepEqual(await room.records.create(record), created);
      assert.equal(seen.length, 4);
      assert.equal(new Set(seen.map(({ headers }) => headers['idempotency-key'])).size, 1);
      assert.match(String(seen[0]?.headers['idempotency-key']), /^[0-9a-f]{32}$/);
    },
  );
});

test('two calls carry two Idempotency-Keys, and a read carries none', async () => {
  await against(
    (_request, response) => json(response, 200, created),
    async (room, seen) => {
      await room.records.create(record);
      await room.records.create(record);
      await room.records.get('rec_1', { purpose: 'support', fields: ['email', 'phone'] });
      assert.notEqual(seen[0]?.headers['idempotency-key'], seen[1]?.headers['idempotency-key']);
      assert.equal(seen[2]?.headers['idempotency-key'], undefined);
      assert.equal(seen[2]?.headers['strongroom-purpose'], 'support');
      assert.equal(seen[2]?.path, '/v1/vault/records/rec_1?fields=email%2Cphone');
    },
  );
});

test('Retry-After is waited for', async () => {
  await against(
    (_request, response, count) => {
      if (count === 1) json(response, 429, { ...away, code: 'HTTP_TOO_MANY' }, { 'retry-after': '1' });
      else json(response, 201, created);
    },
    async (room) => {
      const startedMs = performance.now();
      await room.records.create(record);
      assert.ok(performance.now() - startedMs >= 990);
    },
  );
});

test('a refusal is not tried again and keeps code, status, hint and extension members', async () => {
  await against(
    (_request, response) =>
      json(response, 412, {
        code: 'VAULT_STALE',
        detail: 'version 3 is not the newest',
        hint: 'read again',
        current: 4,
      }),
    async (room, seen) => {
      await assert.rejects(room.records.update('rec_1', 3, { fields: { email: null } }), (thrown: unknown) => {
        assert.ok(isProblem(thrown, 'VAULT_STALE'));
        assert.equal(thrown.status, 412);
        assert.equal(thrown.hint, 'read again');
        assert.equal(thrown.extra.current, 4);
        return true;
      });
      assert.equal(seen.length, 1);
      assert.equal(seen[0]?.headers['if-match'], '"3"');
    },
  );
});

test('a bare stream is sent once, bytes are sent again', async () => {
  await against(
    (_request, response) => json(response, 503, away),
    async (room, seen) => {
      await assert.rejects(room.attachments.put('rec_1', 'a b.pdf', new Blob(['x']).stream()));
      assert.equal(seen.length, 1);
      assert.equal(seen[0]?.path, '/v1/vault/records/rec_1/attachments/named');
      assert.equal(seen[0]?.headers['strongroom-name'], 'a%20b.pdf');
      await assert.rejects(room.attachments.put('rec_1', 'a', Buffer.from('x')));
      assert.equal(seen.length, 1 + 3);
    },
    { retries: 2 },
  );
});

test('an export that is cut off throws instead of ending', async () => {
  await against(
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write('{"id":"rec_1"}\n{"id":"rec_2"}\n{"id":', () => setTimeout(() => response.destroy(), 20));
    },
    async (room) => {
      const got: string[] = [];
      await assert.rejects(
        async () => {
          for await (const { id } of room.export.records({ collection: 'customer' })) got.push(id);
        },
        { code: 'SDK_STREAM_CUT' },
      );
      assert.deepEqual(got, ['rec_1', 'rec_2']);
    },
  );
});

test('letters that are split between two chunks arrive whole', async () => {
  await against(
    (_request, response) => {
      const bytes = Buffer.from('{"id":"ü€😀"}\n{"id":"z"}');
      response.writeHead(200);
      const next = (at: number): void => {
        if (at >= bytes.length) response.end();
        else response.write(bytes.subarray(at, at + 1), () => setImmediate(next, at + 1));
      };
      next(0);
    },
    async (room) => {
      const got = await idsOf(room.export.records({ collection: 'customer' }));
      assert.deepEqual(got, ['ü€😀', 'z']);
    },
  );
});

test('search walks over all pages', async () => {
  await against(
    ({ body }, response) => {
      const { cursor } = JSON.parse(body) as { cursor?: string };
      json(response, 200, cursor === undefined ? { records: [{ id: 'a' }], cursor: 'c' } : { records: [{ id: 'b' }] });
    },
    async (room) => {
      const ids = await idsOf(room.search.all({ collection: 'customer', where: { email: 'x' } }));
      assert.deepEqual(ids, ['a', 'b']);
    },
  );
});

test('the key cannot be printed out of the client or out of an error', async () => {
  await against(
    (_request, response) => response.destroy(),
    async (room) => {
      const shown = (thing: unknown): string => inspect(thing, { depth: 12, showHidden: true }) + JSON.stringify(thing);
      assert.doesNotMatch(shown(room), /srk_/);
      await room.records.create(record).then(
        () => assert.fail('should have thrown'),
        (thrown: unknown) => {
          assert.doesNotMatch(shown(thrown), /srk_|example\.org/);
          assert.equal((thrown as StrongroomProblem).code, 'SDK_UNREACHABLE');
        },
      );
    },
    { retries: 0 },
  );
  assert.throws(
    () => createStrongroom({ url: 'http://localhost', key: `${KEY}\nX-Evil: 1` }),
    (thrown: unknown) => isProblem(thrown, 'SDK_REFUSED') && !thrown.message.includes('srk_'),
  );
});

test('a key never travels in clear to another machine, nor after a redirect', async () => {
  assert.throws(() => createStrongroom({ url: 'http://vault.example.org', key: KEY }), { code: 'SDK_REFUSED' });
  await against(
    (request, response) => {
      if (request.path === '/healthz') response.writeHead(302, { location: '/elsewhere' }).end();
      else json(response, 200, {});
    },
    async (room, seen) => {
      await assert.rejects(room.status.health(), { code: 'SDK_UNREACHABLE' });
      assert.ok(seen.every(({ path }) => path === '/healthz'));
    },
    { retries: 0 },
  );
});

test('time limits and the signal end a call', async () => {
  await against(
    () => undefined,
    async (room) => {
      await assert.rejects(room.status.get({ timeoutMs: 50 }), { code: 'SDK_TIMEOUT' });
      await assert.rejects(room.status.get({ signal: AbortSignal.timeout(50) }), { code: 'SDK_ABORTED' });
      await assert.rejects(room.status.get({ signal: AbortSignal.abort() }), { code: 'SDK_ABORTED' });
    },
    { retries: 0 },
  );
});

test('what is not Strongroom is said to be so', async () => {
  await against(
    (request, response) =>
      request.path === '/healthz' ? response.writeHead(200).end('<html>') : response.writeHead(502).end('<html>'),
    async (room) => {
      await assert.rejects(room.status.health(), { code: 'SDK_NOT_STRONGROOM' });
      await assert.rejects(room.status.get(), { code: 'SDK_NOT_STRONGROOM', status: 502 });
    },
    { retries: 0 },
  );
});
