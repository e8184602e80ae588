import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createHoney } from './honey.ts';
import { createMaker } from './made-events.ts';

const T = Date.UTC(2026, 0, 5);
const { request, web, dns } = createMaker();
const honey = createHoney({
  isHoneySubject: (id) => id.startsWith('honey-'),
  tokens: [{ name: 'key in the wiki', token: 'AKIA-8c1f2e77aa' }],
});

test('a touch of a honey customer names who, and which', () => {
  const [alert] = honey.touched(request({ time: T, actor: 'key_x', address: '9.9.9.9', purpose: 'support' }), [
    'a',
    'honey-1',
    'b',
    'honey-2',
  ]);

  assert.equal(alert?.severity, 'high');
  assert.deepEqual(alert?.subjects, ['honey-1', 'honey-2']);
  assert.match(alert?.reason ?? '', /^key_x from 9\.9\.9\.9 touched 2 honey customers under support/);
  assert.equal(alert?.entity.key, 'key_x');
});

test('no more than ten thousand are listed, and the rest counted', () => {
  const [alert] = honey.touched(
    request({ time: T, actor: 'key_x', address: '9.9.9.9' }),
    Array.from({ length: 10_005 }, (_, i) => `honey-${i}`),
  );

  assert.equal(alert?.subjects?.length, 10_000);
  assert.equal(alert?.subjectsLeftOut, 5);
});

test('a token is found as key, in a query, a path and a name that is looked up; the alert does not show it', () => {
  for (const event of [
    request({ time: T, actor: 'AKIA-8c1f2e77aa', address: '9.9.9.9' }),
    web({ time: T, address: '9.9.9.9', path: '/x/akia-8c1f2e77aa/y', code: 404 }),
    dns({ time: T, from: '10.0.0.1', hostname: 'akia-8c1f2e77aa.canary.example.com' }),
  ]) {
    const [alert, ...more] = honey.feed(event);
    assert.deepEqual(more, []);
    assert.equal(alert?.key, 'token=key in the wiki');
    if (event.actor === undefined) assert.ok(!JSON.stringify(alert).toLowerCase().includes('8c1f2e77aa'));
  }
});

test('ordinary traffic, and a word that only begins like a token, are quiet', () => {
  assert.deepEqual(honey.touched(request({ time: T, actor: 'a', address: '9.9.9.9' }), ['a', 'b']), []);
  assert.deepEqual(honey.feed(web({ time: T, address: '9.9.9.9', path: '/akia-8c1f2e77aabb', code: 200 })), []);
});

test('a token that could not be found is refused', () => {
  assert.throws(() => createHoney({ isHoneySubject: () => false, tokens: [{ name: 'x', token: 'a b' }] }), RangeError);
});
