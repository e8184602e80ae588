/** Logs and free text as a stream of pieces, each with the end of the one before, so that nothing is cut in two. */
import type { Reading } from './engine.ts';
import { linesOf, wholeLetters } from './mixed-text.ts';

/** Longer than whatever is found as one thing, but a private key; in UTF-16 code units. */
const OVERLAP = 1024;
/** A line longer than this is cut. */
const LONGEST_PIECE = 1024 * 1024;
/** Looked at together: whatever stands in a piece, the time for a file grows with its length alone. In UTF-16 code units. */
const PIECE = 16 * 1024;
const LF = 0x0a;

export async function readTextFile(
  chunks: AsyncIterable<Buffer>,
  name: string,
  add: (text: string, overlap: number) => void,
  reading: Pick<Reading, 'onWarning'>,
): Promise<void> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let before = '';
  let foreign = 0;
  let binary = 0;
  const take = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    const read = linesOf(bytes);
    foreign += read.foreign;
    if (bytes.includes(0)) binary += 1;
    for (let at = 0; at < read.text.length;) {
      const to = cutAt(read.text, at + PIECE);
      const piece = read.text.slice(at, to);
      add(before + piece, before.length);
      before = (before + piece).slice(-OVERLAP);
      at = to;
    }
  };
  for await (const chunk of chunks) {
    const line = chunk.lastIndexOf(LF);
    held.push(chunk);
    heldBytes += chunk.length;
    if (line === -1 && heldBytes < LONGEST_PIECE) continue;
    const bytes = Buffer.concat(held);
    const end = line === -1 ? wholeLetters(bytes) : bytes.length - chunk.length + line + 1;
    take(bytes.subarray(0, end));
    held = [bytes.subarray(end)];
    heldBytes = bytes.length - end;
  }
  take(Buffer.concat(held));
  if (foreign > 0) reading.onWarning(`${name}: ${foreign} lines are not UTF-8 and were read as Latin-1`);
  if (binary > 0) reading.onWarning(`${name}: it holds bytes that no text has: what stands between them was looked at`);
}

/** At the end of a line, else of a word, if there is one in the second half; anywhere if not. */
function cutAt(text: string, end: number): number {
  if (end >= text.length) return text.length;
  for (const mark of ['\n', ' ']) {
    const at = text.lastIndexOf(mark, end - 1);
    if (at > end - PIECE / 2) return at + 1;
  }
  return end;
}
