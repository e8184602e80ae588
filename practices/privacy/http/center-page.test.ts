// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { attemptCookie, attemptOf, requireOwnSite, sessionCookie, tokenOf, toldIn } from './center-page.ts';

const needs = (secure: boolean, origin: string | null = null) => ({ site: { secure, origin } }) as never;
const asking = (headers: Record<string, string>) => ({ headers: { host: 'shop.example', ...headers } }) as never;
const isOwn = (headers: Record<string, string>, origin: string | null = null): boolean => {
  try {
    requireOwnSite(needs(true, origin), asking(headers));
    return true;
  } catch (thrown) {
    assert.equal((thrown as { code: string }).code, 'PRIVACY_CROSS_SITE');
    return false;
  }
};

test('the cookie is for this host alone, for no script and for no other site', () => {
  assert.equal(sessionCookie(needs(true), 'src_x'), '__Host-strongroom-center=src_x; Path=/; HttpOnly; SameSite=Strict; Secure'); // prettier-ignore
  assert.match(sessionCookie(needs(true), null), /^__Host-strongroom-center=; .*Max-Age=0$/);
  assert.match(attemptCookie(needs(true), 'x'), /^__Host-strongroom-attempt=x; Path=\/; Max-Age=[1-9].*; Secure$/);
  assert.match(attemptCookie(needs(true), null), /^__Host-strongroom-attempt=; Path=\/; Max-Age=0; /);
  assert.equal(
    attemptOf(needs(true), asking({ cookie: '__Secure-strongroom-attempt=a; strongroom-attempt=b' })),
    undefined,
  );
});

test('a cookie that stands there twice, or under another name, is none: a neighbour cannot put one in front', () => {
  const read = (cookie: string) => tokenOf(needs(true), asking({ cookie }));

  assert.equal(read('a=b; __Host-strongroom-center=src_1'), 'src_1');
  assert.equal(read('__Host-strongroom-center=src_1; __Host-strongroom-center=src_2'), undefined);
  assert.equal(read('strongroom-center=src_1'), undefined);
});

test('a form is taken from this site only, whatever a browser says of it', () => {
  assert.ok(isOwn({ 'sec-fetch-site': 'same-origin' }));
  for (const from of ['cross-site', 'same-site', 'none', '']) assert.ok(!isOwn({ 'sec-fetch-site': from, origin: 'https://shop.example' }), from); // prettier-ignore
  assert.ok(isOwn({ origin: 'https://shop.example' }));
  for (const origin of ['http://shop.example', 'https://evil.example', 'null']) assert.ok(!isOwn({ origin }), origin);
  assert.ok(!isOwn({}), 'no browser says nothing');
  assert.ok(!isOwn({ origin: 'https://shop.example' }, 'https://center.example'), 'the settings know better than Host');
});

test('what was done is said for the minutes after it, and of no minute that has not come', () => {
  const frame = { say: (key: string) => key } as never;
  const told = (minutes: number) => toldIn({ query: { told: `saved-${Math.floor(Date.now() / 60_000) + minutes}` } } as never, frame);

  assert.deepEqual([told(0), told(-4), told(-7)], ['saved', 'saved', null]);
  for (const ahead of [3, 60, 1e9]) assert.equal(told(ahead), null, 'a link that somebody made says nothing was done');
}); // prettier-ignore
