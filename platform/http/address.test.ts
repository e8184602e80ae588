import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createLog } from '#platform/log';
import { readNetwork, type Network } from '#platform/networks';

import { addressOf, createHttp } from './index.ts';

const server = async (proxies: readonly string[], unroutable: string[] = []) => {
  const http = await createHttp({
    log: createLog('silent'),
    version: '0',
    trustedProxies: proxies.map((each) => readNetwork(each) as Network),
    onUnroutable: (request) => void unroutable.push(addressOf(request)),
  });
  http.get('/', (request) => ({ address: addressOf(request), scheme: request.protocol }));
  return http;
};

test('X-Forwarded-For is believed from trusted proxies only, and of it the right-most hop that is none', async (t) => {
  const unroutable: string[] = [];
  const behind = await server(['10.0.0.4/30', '2001:db8::5'], unroutable);
  const open = await server([]);
  t.after(async () => Promise.all([behind.close(), open.close()]));
  const at = async (http: typeof behind, remoteAddress: string, forwarded?: string) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    return (await http.inject({ url: '/', remoteAddress, headers })).json<{ address: string }>().address;
  };

  for (const [peer, forwarded, expected] of [
    // whoever is no proxy says what they like
    ['203.0.113.9', '192.0.2.1', '203.0.113.9'],
    ['203.0.113.9', '192.0.2.1, 10.0.0.5', '203.0.113.9'],
    ['10.0.0.8', '192.0.2.1', '10.0.0.8'],
    // what the proxy added stands right; left of it is what the sender wrote
    ['10.0.0.5', '192.0.2.1', '192.0.2.1'],
    ['::ffff:10.0.0.5', '192.0.2.1', '192.0.2.1'],
    ['2001:db8::5', '192.0.2.1', '192.0.2.1'],
    ['10.0.0.5', '127.0.0.1, 192.0.2.1', '192.0.2.1'],
    ['10.0.0.5', '127.0.0.1, 192.0.2.1, 10.0.0.6', '192.0.2.1'],
    ['10.0.0.5', '10.0.0.6, 192.0.2.1, 10.0.0.6', '192.0.2.1'],
    ['10.0.0.5', '127.0.0.1,unknown', ''],
    ['10.0.0.5', '127.0.0.1, nonsense, 10.0.0.6', ''],
    ['10.0.0.5', '::ffff:192.0.2.1', '192.0.2.1'],
    ['10.0.0.5', '192.0.2.1:4711', '192.0.2.1'],
    ['10.0.0.5', '[2001:DB8::0:7]:4711', '2001:db8::7'],
    // nobody in front of it said who asked: then it is the proxy itself
    ['10.0.0.5', undefined, '10.0.0.5'],
    ['10.0.0.5', '10.0.0.6', '10.0.0.6'],
  ] as const) {
    assert.equal(await at(behind, peer, forwarded), expected, `${peer} ${forwarded}`);
    // the same where the path is none, which the framework refuses before it asks whom it trusts
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    await behind.inject({ url: '/%c0', remoteAddress: peer, headers });
    assert.equal(unroutable.pop(), expected, `no route: ${peer} ${forwarded}`);
  }
  assert.equal(await at(open, '10.0.0.5', '192.0.2.1'), '10.0.0.5');
});

test('X-Forwarded-Proto is believed from nobody else either', async (t) => {
  const http = await server(['10.0.0.5']);
  t.after(() => http.close());
  const scheme = async (remoteAddress: string) =>
    (await http.inject({ url: '/', remoteAddress, headers: { 'x-forwarded-proto': 'https' } })).json<{ scheme: string }>()
      .scheme; // prettier-ignore
  assert.deepEqual([await scheme('203.0.113.9'), await scheme('10.0.0.5')], ['http', 'https']);
});
