/** Where a key may go, what an error may carry, and that a call ends when its caller says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { createStrongroom, type Strongroom, type StrongroomOptions } from './index.ts';

const KEY = 'srk_very_secret_key_1234567890';

const answering = (answer: (url: string, init: RequestInit) => Response, more: Partial<StrongroomOptions> = {}) =>
  createStrongroom({
    url: 'http://127.0.0.1:7700',
    key: KEY,
    retries: 0,
    fetch: (url, init) => Promise.resolve(answer(url, init)),
    ...more,
  });

test('a url whose path begins with two slashes is no other host', async () => {
  const seen: string[] = [];
  for (const path of ['', '/', '//', '//other.example/x', '/sub/']) {
    const room = answering((url) => (seen.push(url), Response.json({})), { url: `http://127.0.0.1:7700${path}` });
    await room.status.get();
  }
  assert.deepEqual(
    seen.map((url) => url.replace('http://127.0.0.1:7700', '')),
    ['/v1/status', '/v1/status', '/v1/status', '//other.example/x/v1/status', '/sub/v1/status'],
  );
});

test('a url without its scheme is told what it lacks', () => {
  for (const url of ['localhost:7700', 'strongroom.example.org:443'])
    assert.throws(() => createStrongroom({ url, key: KEY }), { code: 'SDK_REFUSED', message: /has no https:/ });
});

test('a certificate that is not trusted is told as one', async () => {
  const failing = (code: string) =>
    answering(() => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) });
    });
  for (const code of [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  ])
    await assert.rejects(failing(code).status.get(), { code: 'SDK_UNREACHABLE', hint: /NODE_EXTRA_CA_CERTS/ });
  await assert.rejects(failing('ECONNREFUSED').status.get(), { hint: /is the server running/ });
});

test('a fetched key, a purpose or an Idempotency-Key that no header can carry is refused and not quoted', async () => {
  const refused = (room: Strongroom, idempotencyKey?: string): Promise<void> =>
    assert.rejects(room.records.delete('rec_1', { idempotencyKey }), (thrown: Error) => {
      assert.equal((thrown as { code?: string }).code, 'SDK_REFUSED');
      assert.ok(!inspect(thrown).includes('SECRET'), inspect(thrown));
      return true;
    });
  const never = (): Response => assert.fail('something was sent');
  await refused(answering(never, { key: () => 'srk_SECRET\nof two lines' }));
  await refused(answering(never, { key: () => Promise.resolve('srk_SECRET☃') }));
  await refused(answering(never, { purpose: 'SECRET☃' }));
  await refused(answering(never), 'SECRET\nof two lines');
});

test('an Idempotency-Key for a route that knows none is refused: nobody may rely on it', async () => {
  const room = answering(() => assert.fail('something was sent'));
  await assert.rejects(room.keys.revoke('key_1', { idempotencyKey: 'once-and-once' }), { code: 'SDK_REFUSED' });
});

test('a key that is never fetched ends with the signal and with the time, and its own error stays', async () => {
  const room = answering(() => Response.json({}), { key: () => new Promise<string>(() => undefined) });
  await assert.rejects(room.status.get({ signal: AbortSignal.timeout(20) }), { code: 'SDK_ABORTED' });
  await assert.rejects(room.status.get({ timeoutMs: 20 }), { code: 'SDK_TIMEOUT' });
  const own = new RangeError('the agent is not there');
  const failing = answering(() => Response.json({}), { key: () => Promise.reject(own) });
  await assert.rejects(failing.status.get(), own);
});

/** A body that begins and then waits, as fetch ends one: with the signal. */
function stalled(text: string, { signal }: RequestInit, status = 200): Response {
  const body = new ReadableStream<Uint8Array>({
    start: (out) => {
      out.enqueue(new TextEncoder().encode(text));
      signal?.addEventListener('abort', () => out.error(signal.reason));
    },
  });
  return new Response(body, { status, headers: { 'content-type': 'application/problem+json' } });
}

test('a refusal that does not come to its end is no answer', async () => {
  const room = answering((_url, init) => stalled('{"code":', init, 400));
  await assert.rejects(room.status.get({ signal: AbortSignal.timeout(20) }), { code: 'SDK_ABORTED' });
  await assert.rejects(room.status.get({ timeoutMs: 20 }), { code: 'SDK_TIMEOUT' });
});

const all = async (room: Strongroom, signal?: AbortSignal): Promise<void> => {
  for await (const _each of room.export.records({ collection: 'customer' }, { signal })); // prettier-ignore
};

test('a stream that its caller ends is ended, not cut', async () => {
  const room = answering((_url, init) => stalled('{"id":"rec_1"}\n', init));
  await assert.rejects(all(room, AbortSignal.timeout(20)), { code: 'SDK_ABORTED' });
});

test('a line that is no JSON or no UTF-8 is a cut stream, and the error holds nothing of it', async () => {
  for (const line of ['{"email":ada@example.org}\n', Buffer.from([0x7b, 0xff, 0xfe, 0x0a]), Buffer.from([0xc3])]) {
    await assert.rejects(all(answering(() => new Response(line))), (thrown: Error) => {
      assert.equal((thrown as { code?: string }).code, 'SDK_STREAM_CUT');
      assert.ok(!inspect(thrown).includes('ada@'), inspect(thrown));
      return true;
    });
  }
});

test('the bytes of an export that breaks off say so in the same words', async () => {
  const broken = new ReadableStream({ pull: (out) => out.error(new TypeError('terminated')) });
  const bytes = await answering(() => new Response(broken)).export.jsonl({ collection: 'customer' });
  await assert.rejects(new Response(bytes).text(), { code: 'SDK_STREAM_CUT' });
});
