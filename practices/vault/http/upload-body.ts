/** The body of an upload as a bounded source: counted, told apart from other faults when it is cut off, never held. */
import type { IncomingMessage } from 'node:http';

import { vaultFailure } from '../failures.ts';

/** So long is what is left of a refused upload taken in, so that its sender can read why instead of a broken connection. */
const LINGER_MS = 10_000;

/**
 * @param body null when there is none: an empty file
 * @throws VAULT_ATTACHMENT_TOO_LARGE as soon as it is known, VAULT_UPLOAD_CUT
 */
export async function* uploadBody(body: IncomingMessage | null, maxBytes: number): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  let sizeBytes = 0;
  try {
    // the answer goes out on the same connection, which destroying the stream would close
    for await (const piece of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      sizeBytes += piece.length;
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
      yield piece;
    }
  } catch (thrown) {
    if (body.complete || !body.destroyed) throw thrown;
    throw vaultFailure('UPLOAD_CUT', { cause: thrown });
  }
  if (!body.complete) throw vaultFailure('UPLOAD_CUT');
}

/** @throws VAULT_ATTACHMENT_TOO_LARGE when the sender says so itself, before a byte of it is read */
export function refuseTooLarge(contentLength: string | undefined, maxBytes: number): void {
  if (contentLength !== undefined && Number(contentLength) > maxBytes) throw tooLarge(maxBytes);
}

const tooLarge = (maxBytes: number): Error =>
  vaultFailure('ATTACHMENT_TOO_LARGE', {
    detail: `this server takes attachments of at most ${Math.floor(maxBytes / 2 ** 20)} MiB`,
    extra: { maxBytes },
  });

/** Node throws away what is left of a request that was answered; this is the end of its patience. */
export function lingerOn(body: IncomingMessage, lingerMs: number = LINGER_MS): void {
  if (body.complete) return;
  setTimeout(() => {
    // the socket, since a request that Node throws away counts as destroyed
    if (!body.complete) body.socket.destroy();
  }, lingerMs).unref();
}
