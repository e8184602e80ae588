/** A body that is as long as it was said to be, or an error: a part of a file must never pass for all of it. */
import { aborted, clientProblem, StrongroomProblem } from './problem.ts';

/** @returns the same bytes; errors with SDK_STREAM_CUT when the connection broke or ended early */
export const wholeBody = (body: ReadableStream<Uint8Array>, sizeBytes: number): ReadableStream<Uint8Array> =>
  watched(body, sizeBytes);

/** The same answer, whose body says in our words that it broke off. */
export const withCuts = ({ body, status, statusText, headers }: Response): Response =>
  new Response(body === null ? null : watched(body, null), { status, statusText, headers });

/** @param sizeBytes null when it is not known */
function watched(body: ReadableStream<Uint8Array>, sizeBytes: number | null): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let seen = 0;
  return new ReadableStream<Uint8Array>({
    pull: async (out) => {
      let piece: Awaited<ReturnType<typeof reader.read>>;
      try {
        piece = await reader.read();
      } catch (thrown) {
        throw cut(thrown);
      }
      if (piece.done) {
        if (sizeBytes !== null && seen !== sizeBytes) throw cut();
        return out.close();
      }
      seen += piece.value.length;
      out.enqueue(piece.value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

export function cut(cause?: unknown): Error {
  if (cause instanceof StrongroomProblem) return cause;
  // of a stream nothing but the caller's signal is an abort: its timer ended with the headers
  if (cause instanceof Error && cause.name === 'AbortError') return aborted(cause);
  return clientProblem(
    'SDK_STREAM_CUT',
    'the connection ended in the middle of the answer: what was received is not all of it',
    'start it again; nothing was changed',
    { cause },
  );
}
