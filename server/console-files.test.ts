import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';

import { createHttp } from '#platform/http';
import { createLog } from '#platform/log';

import { consoleFiles } from './console-files.ts';

const SCRIPT = 'console.log("the console");\n'.repeat(50);
const BUILT =
  '<!doctype html><meta property="csp-nonce" nonce="__NONCE__"><style nonce="__NONCE__"></style><div id="root">';

/** @param built whether there is a console in the folder that is served */
async function serving(t: TestContext, built: boolean) {
  const folder = await mkdtemp(join(tmpdir(), 'sr-console-'));
  if (built) {
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), BUILT);
    await writeFile(join(folder, 'assets', 'index-abc.js'), SCRIPT);
    await writeFile(join(folder, 'secret.txt'), 'not an asset');
  }
  const server = await createHttp({ log: createLog('silent'), version: 'test' });
  await consoleFiles(server, { folder });
  // what is served was read before: nothing that happens to the files later reaches a browser
  await rm(folder, { recursive: true });
  t.after(() => server.close());
  const get = (url: string, headers: Record<string, string> = {}) => server.inject({ method: 'GET', url, headers });
  return { get };
}
const directives = (policy: unknown): Map<string, string> =>
  new Map(String(policy).split('; ').map((each) => [each.slice(0, each.indexOf(' ')), each.slice(each.indexOf(' ') + 1)])); // prettier-ignore

test('every page lets in only its own files and the styles with a nonce of this one answer', async (t) => {
  const { get } = await serving(t, true);
  const nonces = new Set<string>();

  for (const url of ['/console', '/console/', '/console/customers/rec_x', '/console/a/b/c']) {
    const { statusCode, headers, body } = await get(url);
    assert.equal(statusCode, 200, url);
    const policy = directives(headers['content-security-policy']);
    const nonce = /^'self' 'nonce-([A-Za-z0-9+/=]{24})'$/.exec(policy.get('style-src') ?? '')?.[1] as string;
    nonces.add(nonce);
    assert.equal(body, BUILT.replaceAll('__NONCE__', nonce));
    assert.deepEqual(
      ['default-src', 'script-src', 'connect-src', 'base-uri', 'form-action', 'frame-ancestors'].map((each) => policy.get(each)),
      ["'none'", "'self'", "'self'", "'none'", "'self'", "'none'"],
    ); // prettier-ignore
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|\*|https?:/);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(String(headers['permissions-policy']), /camera=\(\)/);
  }
  assert.equal(nonces.size, 4, 'no nonce twice');
  // as a link of a mail arrives
  for (const url of ['/console/people?utm_source=x', '/console/?a[b]=1&lang=%E0%A4%A'])
    assert.equal((await get(url)).statusCode, 200, url);
});

test('an asset is kept for ever by browsers, small or whole as asked; what is no asset is not there', async (t) => {
  const { get } = await serving(t, true);

  const whole = await get('/console/assets/index-abc.js');
  assert.deepEqual([whole.body, whole.headers['content-encoding']], [SCRIPT, undefined]);
  assert.equal(whole.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.match(String(whole.headers['cache-control']), /immutable/);
  assert.equal(whole.headers.vary, 'accept-encoding');
  const small = await get('/console/assets/index-abc.js', { 'accept-encoding': 'gzip, br' });
  assert.equal(small.headers['content-encoding'], 'br');
  assert.equal(brotliDecompressSync(small.rawPayload).toString(), SCRIPT);

  for (const name of ['none.js', '..%2fsecret.txt', '%2e%2e%2findex.html', '__proto__', 'constructor'])
    assert.equal((await get(`/console/assets/${name}`)).statusCode, 404, name);
});

test('a console that was not built says so and what to do, under the same rules', async (t) => {
  const { get } = await serving(t, false);

  const { statusCode, headers, body } = await get('/console/people');

  assert.equal(statusCode, 503);
  assert.match(body, /npm run build/);
  assert.match(String(headers['content-security-policy']), /default-src 'none'/);
  assert.equal((await get('/')).headers.location, '/console/');
});
