import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parse } from 'csv-parse/sync';
import fc from 'fast-check';

import { LARGEST_RECORD_BYTES } from './byte-lines.ts';
import { readCsv, type CsvRow } from './csv.ts';

async function* inChunks(bytes: Buffer, sizeBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

async function rowsOf(content: Buffer | string, sizeBytes = 7): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  for await (const row of readCsv(inChunks(Buffer.from(content), sizeBytes))) rows.push(row);
  return rows;
}
const cellsOf = (rows: readonly CsvRow[]): (readonly string[] | string)[] =>
  rows.map((row) => ('cells' in row ? row.cells : `${row.line}: bad`));

test('reads what csv-parse reads, however the bytes are cut', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'ü', '😀', '"', ',', '\n', ' '), maxLength: 6 });
  const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 20 }), fc.constantFrom('\n', '\r\n'), async (rows, size, eol) => {
      const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
      const text = [['x', 'y', 'z'], ...rows].map((row) => row.map(quoted).join(',')).join(eol);
      const twin = parse(text, { record_delimiter: eol });
      assert.deepEqual(cellsOf(await rowsOf(text, size)), twin);
    }),
    { numRuns: 200 },
  );
});

test('a bad byte rejects its row, by line, and no other', async () => {
  const content = Buffer.concat([Buffer.from('a,b\n1,ü\n2,'), Buffer.from([0xff]), Buffer.from('\n3,z\n')]);
  assert.deepEqual(cellsOf(await rowsOf(content)), [['a', 'b'], ['1', 'ü'], '3: bad', ['3', 'z']]);
});

test('a quote that is never closed costs its line, not the rows behind it', async () => {
  assert.deepEqual(cellsOf(await rowsOf('a,b\n1,"open\n2,y\n3,z\n')), [['a', 'b'], '2: bad', ['2', 'y'], ['3', 'z']]);
});

test('a forgotten quote here and another far below do not make one row of all between', async () => {
  const content = 'a,b\n1,"open\n2,"y"\n3,z\n4,"open\n5,z\n';
  assert.deepEqual(cellsOf(await rowsOf(content)), [
    ['a', 'b'],
    '2: bad',
    ['2', 'y'],
    ['3', 'z'],
    '5: bad',
    ['5', 'z'],
  ]);
});

test('a row larger than the limit is rejected in bounded memory and the next is read', async () => {
  const content = Buffer.concat([
    Buffer.from('a,b\n1,'),
    Buffer.alloc(LARGEST_RECORD_BYTES * 3, 'x'),
    Buffer.from('\n2,y\n'),
  ]);
  assert.deepEqual(cellsOf(await rowsOf(content, 65_536)), [['a', 'b'], '2: bad', ['2', 'y']]);
});

test('line numbers count the breaks inside quoted cells', async () => {
  const rows = await rowsOf('a,b\n1,"x\ny\nz"\n2,"b"ad\n');
  assert.deepEqual(
    rows.map(({ line }) => line),
    [1, 2, 5],
  );
  assert.ok('because' in (rows[2] as CsvRow));
});

test('semicolon, tab and pipe are taken from the header', async () => {
  for (const delimiter of [';', '\t', '|']) {
    assert.deepEqual(cellsOf(await rowsOf(`a${delimiter}b\n1,5${delimiter}2`)), [
      ['a', 'b'],
      ['1,5', '2'],
    ]);
  }
});
