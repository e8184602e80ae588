import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readCookie, setCookie } from './session-cookie.ts';

test('over TLS the cookie belongs to this very host', () => {
  const header = setCookie('srs_x', { secure: true });

  assert.equal(header, '__Host-strongroom=srs_x; Path=/; HttpOnly; SameSite=Strict; Secure');
  assert.equal(readCookie('strongroom=srs_y', { secure: true }), undefined, 'a cookie that a neighbour could have set');
});
