import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createDetector } from '../detect/detector.ts';
import { createTextFindings, type PlacedFinding } from './text-findings.ts';

const detector = createDetector();
const LINES = [
  'login jo@example.org from 192.0.2.17 at 10:00',
  'she pays with 4111 1111 1111 1111, asked Leonie Köhler, and lives in Hauptstraße 12, 76131 Karlsruhe',
  '', 'IBAN DE89 3704 0044 0532 0130 00 🦆 tel. +49 721 6081234', 'nothing here', 'x'.repeat(700), `${'word '.repeat(150)}ida@example.org`,
]; // prettier-ignore
const TEXT = Array.from({ length: 30 }, (_, n) => LINES[n % LINES.length]).join('\n');

/** As cli/scan/text-file.ts cuts it: each piece with the end of the one before. */
function findingsOf(text: string, piece: number): { found: PlacedFinding[]; values: string[]; lines: number } {
  const all = createTextFindings(detector, { minConfidence: 0.5 });
  const found: PlacedFinding[] = [];
  const values: string[] = [];
  const onFinding = (one: PlacedFinding, value: () => string): void => {
    found.push(one);
    values.push(value());
  };
  let before = '';
  for (let at = 0; at < text.length; at += piece) {
    const next = before + text.slice(at, at + piece);
    all.add(next, before.length, onFinding);
    before = next.slice(-1024);
  }
  return { found, values, lines: all.end(onFinding) };
}

test('each finding has the line and column at which its value stands, and holds no value', () => {
  const { found, values, lines } = findingsOf(TEXT, 16_384);

  const rows = TEXT.split('\n');
  assert.equal(lines, rows.length);
  assert.ok(found.length > 20);
  found.forEach(({ line, column, offset, length }, n) => {
    assert.equal(rows[line - 1]?.slice(column - 1, column - 1 + length), values[n]);
    assert.equal(TEXT.slice(offset, offset + length), values[n]);
  });
  assert.doesNotMatch(JSON.stringify(found), /example|4111|Leonie|Hauptstr|DE89|6081/);
});

test('however the text is cut, no form is missed, told twice or told in two', () => {
  const formed = ({ found }: ReturnType<typeof findingsOf>): string[] =>
    found
      .filter(({ type }) => ['email', 'payment-card', 'iban', 'ip-address', 'phone'].includes(type))
      .map(({ type, offset, length }) => `${type} ${offset} ${length}`);
  const whole = formed(findingsOf(TEXT, 1_000_000));

  assert.ok(whole.length >= 20);
  for (const piece of [3000, 1024, 700, 97, 5]) assert.deepEqual(formed(findingsOf(TEXT, piece)), whole, `${piece}`);
});

test('an empty text has no line, and a last line without its end is one', () => {
  assert.equal(findingsOf('', 10).lines, 0);
  assert.equal(findingsOf('a\nb', 10).lines, 2);
  assert.equal(findingsOf('a\nb\n', 10).lines, 2);
});
