/** Statements as nobody writes them: what would break further in is refused where it comes in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readStatement, type Sent } from './shape.ts';
import { isIri } from './structure.ts';

const ID = '0190a0a0-0000-7000-8000-000000000000';
const statement = (more: Sent = {}): Sent => ({
  id: ID,
  actor: { account: { homePage: 'https://x.example', name: 'a' } },
  verb: { id: 'x:a' },
  object: { id: 'x:b' },
  timestamp: '2026-03-02T09:00:00Z',
  context: { registration: ID },
  ...more,
});
const deep = (n: number): unknown => JSON.parse(`{"objectType":"Agent","a":${'['.repeat(n)}${']'.repeat(n)}}`);

test('an IRI has no character that is none in text: no control, no half of a pair', () => {
  assert.ok(readStatement(statement()).ok);
  assert.ok(isIri('https://maker.example/größe/😀?a=b#c'));
  for (const odd of ['\u0000', '\u0001', '\u001F', '\u007F', '\u0085', '\uD800', '\uDC00', ' ', '\u00A0', '<']) {
    assert.ok(!isIri(`x:a${odd}b`), JSON.stringify(odd));
    const read = readStatement(statement({ verb: { id: `x:a${odd}` } }));
    assert.deepEqual(read, { ok: false, at: 'statement.verb.id' });
  }
});

test('numbers that are none, and authorities without a ground, are refused', () => {
  const extensions = (text: string) => readStatement(statement({ result: { extensions: JSON.parse(`{"x:a":${text}}`) } })).ok; // prettier-ignore
  assert.deepEqual(['1', '-0.5', '1e308', '[1,{"a":2}]', '1e999', '-1e999', '[1,{"a":1e400}]'].map(extensions), [true, true, true, true, false, false, false]); // prettier-ignore
  assert.ok(readStatement(statement({ authority: deep(5) })).ok);
  assert.deepEqual(readStatement(statement({ authority: deep(60_000) })), { ok: false, at: 'statement.authority' });
});

test('a time is one that the database can be told: in UTC its year has four digits', () => {
  const read = (timestamp: string) => readStatement(statement({ timestamp })).ok;
  assert.deepEqual(['9999-12-31T23:59:59Z', '9999-12-31T23:59:59-14:00'].map(read), [true, false]);
});
