/**
 * What others answer is read up to a limit: one that never ends would fill this server's memory.
 */
import { Readable } from 'node:stream';

/** @throws what `tooLong` makes, with the piece that is too much */
export async function* atMost<Piece extends Uint8Array>(
  body: AsyncIterable<Piece>,
  mostBytes: number,
  tooLong: () => Error,
): AsyncGenerator<Piece> {
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > mostBytes) throw tooLong();
    yield piece;
  }
}

/** @returns null where there is more; the rest is not read */
export async function readAtMost(body: AsyncIterable<Uint8Array> | null, mostBytes: number): Promise<Buffer | null> {
  const tooLong = new Error();
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of atMost(body ?? none(), mostBytes, () => tooLong)) pieces.push(piece);
  } catch (thrown) {
    if (thrown === tooLong) return null;
    throw thrown;
  }
  return Buffer.concat(pieces);
}

/** What a client of AWS's SDK has of its stack of middleware: the SDK itself is loaded by whoever needs it. */
type Stack = {
  add: (
    middleware: (
      next: (args: never) => Promise<{ response: unknown }>,
    ) => (args: never) => Promise<{ response: unknown }>,
    options: { step: 'deserialize'; priority: 'low'; name: string },
  ) => void;
};

/** Of a client of AWS's SDK, which reads all that comes. */
export function boundAnswers(client: { middlewareStack: unknown }, mostBytes: number, tooLong: () => Error): void {
  (client.middlewareStack as Stack).add(
    (next) => async (args) => {
      const answer = await next(args);
      const response = answer.response as { body?: unknown };
      if (response.body instanceof Readable)
        response.body = Readable.from(atMost(response.body as AsyncIterable<Buffer>, mostBytes, tooLong), {
          objectMode: false,
        });
      return answer;
    },
    { step: 'deserialize', priority: 'low', name: 'bounded' },
  );
}

async function* none(): AsyncGenerator<Uint8Array> {}
