/** Samples of a JSON file, or of one with a value on each line, by path. */
import { StringDecoder } from 'node:string_decoder';

import type { Reading } from './engine.ts';
import { createJsonPaths } from './json-paths.ts';
import { linesOf, wholeLetters } from './mixed-text.ts';
import { SAMPLES } from './reservoir.ts';

export async function readJsonFile(chunks: AsyncIterable<Buffer>, name: string, reading: Reading): Promise<void> {
  const paths = createJsonPaths(reading.random);
  let held: Buffer = Buffer.alloc(0);
  let foreign = 0;
  for await (const chunk of chunks) {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const end = wholeLetters(bytes);
    const read = linesOf(bytes.subarray(0, end));
    foreign += read.foreign;
    paths.push(read.text);
    held = bytes.subarray(end);
  }
  paths.push(new StringDecoder('utf8').end(held));
  paths.end();
  const columns = paths.columns('');
  if (columns.length === 0) return reading.onMissing(name, 'it holds no JSON that could be read');
  if (foreign > 0) reading.onWarning(`${name}: ${foreign} parts are not UTF-8 and were read as Latin-1`);
  if (paths.broken() > 0) reading.onWarning(`${name}: ${paths.broken()} lines are not JSON, or nested too deep`);
  if (paths.tooMany()) reading.onWarning(`${name}: it has more paths than are looked at`);
  const sampled = Math.min(SAMPLES, Math.max(...columns.map(({ samples }) => samples.length)));
  return reading.onTable({ name, kind: 'file', rows: null, sampled, columns });
}
