/**
 * Lines of JSON out of a byte stream, with bounded memory. A stream that is cut off says so: a part of an export must
 * never pass for all of it.
 */
import { cut } from './whole-body.ts';

/** No record of the vault is longer: 100 fields of 64 KiB as JSON text. */
const LONGEST_LINE_CHARS = 64 * 1024 * 1024;

/** @throws SDK_STREAM_CUT */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  const reader = stream.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((thrown: unknown) => Promise.reject(cut(thrown)));
      if (done) break;
      const lines = (rest + text(decoder, value)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE_CHARS) throw cut();
      for (const line of lines) if (line !== '') yield parse(line);
    }
    ended = true;
    rest += text(decoder);
    if (rest !== '') yield parse(rest);
  } finally {
    // leaving the loop early tells the server to stop sending
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

// what is thrown for a line that is none quotes it: no cause, a value of a customer may stand there
function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw cut();
  }
}

function text(decoder: InstanceType<typeof TextDecoder>, bytes?: Uint8Array): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined });
  } catch {
    throw cut();
  }
}
