import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { inspect } from 'node:util';

import type { StrongroomProblem } from './index.ts';
import { createStrongroom, isProblem, type Strongroom, type StrongroomOptions } from './index.ts';

type Seen = { method: string; path: string; headers: IncomingMessage['headers']; body: string };
type Answer = (request: Seen, response: ServerResponse, count: number) => void;

const KEY = 'srk_very_secret_key_1234567890';

async function against(
  answer: Answer,
  run: (room: Strongroom, seen: Seen[], url: string) => Promise<void>,
  more: Partial<StrongroomOptions> = {},
): Promise<void> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      seen.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
      answer(seen.at(-1) as Seen, response, seen.length);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await run(createStrongroom({ url, key: KEY, random: () => 0, ...more }), seen, url);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body));
};
async function idsOf(records: AsyncIterable<{ id: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of records) ids.push(id);
  return ids;
}
const created = { id: 'rec_1', subjectId: 'sub_1', version: 1, auditIndex: 7 };
const record = { collection: 'customer', fields: { email: 'ada@example.org' } };
const stopping = { code: 'HTTP_STOPPING', detail: 'the server is stopping', hint: 'try again', status: 503 };

test('a change is tried again after cut connections and 503 with the very same Idempotency-Key', async () => {
  await against(
    (_request, response, count) => {
      if (count === 1) response.destroy();
      else if (count === 2) json(response, 503, stopping);
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
      if (count === 1) json(response, 429, { ...stopping, code: 'HTTP_TOO_MANY' }, { 'retry-after': '1' });
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
    (_request, response) => json(response, 503, stopping),
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

test('a change that no key makes happen once is sent again only where the server did nothing, and is told that it may be done', async () => {
  let busy = 1;
  await against(
    (_request, response, count) => {
      if (busy-- > 0) json(response, 429, { code: 'HTTP_TOO_MANY', detail: 'later', hint: 'wait' });
      else if (count === 4) json(response, 503, { code: 'HTTP_DATABASE', detail: 'away', hint: '' });
      else if (count === 5) json(response, 409, { code: 'ACCESS_STATE', detail: 'no', hint: 'read' });
      else response.destroy();
    },
    async (room, seen) => {
      const maybe = { code: 'SDK_UNREACHABLE', hint: /may have been done all the same: look before/ };
      await assert.rejects(room.tokens.open('tok_1'), maybe);
      assert.equal(seen.length, 2);
      assert.equal(seen[1]?.headers['idempotency-key'], undefined);
      await assert.rejects(room.keys.create({ name: 'till', role: 'reader' }), maybe);
      assert.equal(seen.length, 3);
      await assert.rejects(room.grants.approve('gra_1', 'yes'), {
        code: 'HTTP_DATABASE',
        hint: /^it may have been done/,
      });
      await assert.rejects(room.grants.approve('gra_1', 'yes'), { code: 'ACCESS_STATE', hint: 'read' });
      assert.equal(seen.length, 5);
    },
    { retries: 3 },
  );
});

test('a PUT or DELETE is sent again, and who hears of the second one only is told of the first; not with If-Match', async () => {
  await against(
    (_request, response, count) => {
      if (count === 2) json(response, 404, { code: 'ACCESS_NOT_FOUND', detail: 'there is no such key', hint: 'list' });
      else response.destroy();
    },
    async (room, seen) => {
      await assert.rejects(room.keys.revoke('key_1'), {
        code: 'ACCESS_NOT_FOUND',
        hint: 'list; an earlier try of this call had no answer and may have done it: look before you send it again',
      });
      assert.equal(seen.length, 2);
      await assert.rejects(room.phishing.changeTemplate('tpl_1', 2, 'x'), { code: 'SDK_UNREACHABLE' });
      assert.equal(seen.length, 3);
    },
    { retries: 3 },
  );
});

test('what was never sent is sent again, whatever it is; a certificate that is not trusted stays one', async () => {
  const triesOf = async (reason: string): Promise<number> => {
    let tries = 0;
    const room = createStrongroom({
      url: 'http://127.0.0.1:9', key: KEY, random: () => 0, retries: 2,
      fetch: () => {
        tries += 1;
        return Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: reason }) }));
      },
    }); // prettier-ignore
    await assert.rejects(room.keys.create({ name: 'till', role: 'reader' }), (thrown: unknown) => {
      assert.ok(isProblem(thrown, 'SDK_UNREACHABLE'));
      assert.equal(thrown.extra.reason, reason);
      assert.equal('mayBeDone' in thrown.extra, reason === 'ECONNRESET');
      return true;
    });
    return tries;
  };
  assert.equal(await triesOf('ECONNREFUSED'), 3);
  assert.equal(await triesOf('ECONNRESET'), 1);
  assert.equal(await triesOf('DEPTH_ZERO_SELF_SIGNED_CERT'), 1);
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
