/** Files that a command writes anew: whole under their name or not there, and never over one that is. */
import { rmSync } from 'node:fs';
import { link, open, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';

import { Usage } from './connection.ts';
import { harmless } from './terminal.ts';

/** To be asked before the server is: what cannot be written is not read, for a read is in the log. */
export async function refuseExisting(file: string, option = '--out'): Promise<void> {
  if ((await stat(file).catch(() => null)) !== null)
    throw new Usage(`${harmless(file)} is there already: give another ${option}`);
}

/** Of a command that was stopped. */
export async function refuseBegun(out: string, option = '--out'): Promise<void> {
  await refuseExisting(out, option);
  const part = partOf(out);
  if ((await stat(part).catch(() => null)) !== null)
    throw new Usage(`${harmless(part)} is there, of a command that was stopped or still runs: take it away, or give another ${option}`);
} // prettier-ignore

const partOf = (out: string): string => `${out}.part`;

/** Asks for the content once there is a place for it. @returns how many bytes it has */
export async function writeNew(
  out: string,
  ask: () => Promise<ReadableStream<Uint8Array> | Uint8Array>,
  option?: string,
): Promise<number> {
  await refuseBegun(out, option);
  return writeWhole(out, asked(ask));
}

async function* asked(ask: Parameters<typeof writeNew>[1]): AsyncGenerator<Uint8Array> {
  const content = await ask();
  if (content instanceof Uint8Array) yield content;
  else yield* Readable.fromWeb(content as WebStream);
}

/** Under its name once all of it is there: a part must never pass for the whole. @returns how many bytes it has */
export async function writeWhole(out: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const part = partOf(out);
  const handle = await open(part, 'wx', 0o600);
  // from here on the part is ours to take away
  const onSignal = (signal: NodeJS.Signals): void => {
    rmSync(part, { force: true });
    // nobody listens any more: it ends the process, as it would have
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    const file = handle.createWriteStream();
    await pipeline(content, file);
    // unlike a rename, it goes over no file that came meanwhile
    await link(part, out);
    return file.bytesWritten;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await rm(part, { force: true });
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
