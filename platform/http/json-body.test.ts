import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { isFailure } from '#platform/failure';

import { jsonBody } from './json-body.ts';

const read = (text: string): unknown => jsonBody(Buffer.from(text));
const refused = (text: string | Uint8Array): void =>
  assert.throws(
    () => jsonBody(Buffer.from(text as string)),
    (thrown) => isFailure(thrown, 'HTTP_MALFORMED') && !/canary/.test(thrown.message + thrown.hint),
  );

test('any JSON of ordinary depth is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8, stringUnit: 'grapheme' }), (value) => {
      const text = JSON.stringify(value).replaceAll('\\u0000', '?');

      if (!/__proto__|constructor/.test(text)) assert.deepEqual(read(text), JSON.parse(text));
    }),
  );
});

test('64 levels are read, 65 are refused, and a hundred thousand refused as quickly', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

  assert.ok(Array.isArray(read(nested(64))));
  refused(nested(65));
  refused('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000));
});

test('brackets in texts do not count, also behind escaped quotes and backslashes', () => {
  for (const text of [
    '['.repeat(100),
    '"'.repeat(3) + '{'.repeat(100),
    `\\${'['.repeat(100)}`,
    `\\"${'['.repeat(100)}\\`,
  ])
    assert.equal(read(JSON.stringify(text)), text);
});

test('a NUL, half a character, a key that reaches prototypes and bytes that are not UTF-8 are refused and not repeated', () => {
  refused('"canary\\u0000"');
  refused('{"canary\\u0000":1}');
  refused('["canary\\ud800"]');
  refused('{"__proto__":{"canary":1}}');
  refused('{"\\u005f_proto__":{"canary":1}}');
  refused('{"constructor":{"prototype":"canary"}}');
  refused(Buffer.from([0x22, 0xff, 0x22]));
  assert.equal(read('"\\ud83d\\ude00"'), '😀');
  assert.deepEqual(read('{"constructor":"a builder"}'), { constructor: 'a builder' });
});
