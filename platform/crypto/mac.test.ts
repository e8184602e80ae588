import assert from 'node:assert/strict';
import { createHmac, createSecretKey } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { macs, macUnder } from './mac.ts';

/** RFC 4231 §4.2 to §4.4, §4.7 and §4.8: key, message, HMAC-SHA-256, in hex. */
const VECTORS = [
  ['0b'.repeat(20), Buffer.from('Hi There').toString('hex'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [Buffer.from('Jefe').toString('hex'), Buffer.from('what do ya want for nothing?').toString('hex'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  ['aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
  ['aa'.repeat(131), Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First').toString('hex'), '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'],
  ['aa'.repeat(131), Buffer.from('This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.').toString('hex'), '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2'],
] as const; // prettier-ignore

test('the vectors of RFC 4231', () => {
  for (const [key, message, wanted] of VECTORS) {
    const mac = macUnder(createSecretKey(Buffer.from(key, 'hex')));

    assert.equal(mac(Buffer.from(message, 'hex')).toString('hex'), wanted);
  }
});

test('it is what createHmac gives, for any key, in any parts, again and again under one key', () => {
  const part = fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.string({ unit: 'binary', maxLength: 200 }));
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.array(fc.array(part, { maxLength: 4 }), { maxLength: 5 }),
      fc.constantFrom('sha256', 'sha512'),
      (bytes, messages, sha) => {
        const key = createSecretKey(bytes);
        const mac = macUnder(key, sha);
        const given = messages.map((parts) => mac(...parts));

        const twins = messages.map((parts) =>
          parts.reduce((hmac, each) => hmac.update(each), createHmac(sha, key)).digest(),
        );
        assert.deepEqual(given, twins);
      },
    ),
  );
});

test('a key is made ready once, and each key for itself', () => {
  const macOf = macs();
  const [one, other] = [createSecretKey(Buffer.alloc(32, 1)), createSecretKey(Buffer.alloc(32, 2))];

  assert.equal(macOf(one), macOf(one));
  assert.notDeepEqual(macOf(one)('x'), macOf(other)('x'));
});
