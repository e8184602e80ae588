/** A body that is as long as it was said to be, or an error: a part of a file must never pass for all of it. */
import { clientProblem } from './problem.ts';

/** @returns the same bytes; errors with SDK_STREAM_CUT when the connection broke or ended early */
export function wholeBody(body: ReadableStream<Uint8Array>, sizeBytes: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let left = sizeBytes;
  return new ReadableStream<Uint8Array>({
    pull: async (out) => {
      let piece: Awaited<ReturnType<typeof reader.read>>;
      try {
        piece = await reader.read();
      } catch (thrown) {
        throw cut(thrown);
      }
      if (piece.done) {
        if (left !== 0) throw cut();
        return out.close();
      }
      left -= piece.value.length;
      out.enqueue(piece.value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

export const cut = (cause?: unknown): Error =>
  clientProblem(
    'SDK_STREAM_CUT',
    'the connection ended in the middle of the answer: what was received is not all of it',
    'start it again; nothing was changed',
    { cause },
  );
