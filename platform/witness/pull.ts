/**
 * A witness that nobody can reach fetches: the offered checkpoint, the tiles that prove it, and brings its cosignature.
 *
 * What it fetches goes through the same door as what is sent to one that listens: only `addCheckpoint` cosigns.
 */
import { readAtMost } from '#platform/at-most';
import {
  consistencyProof,
  HASH_BYTES,
  parseCheckpoint,
  splitNote,
  subtreeReader,
  tilePath,
  type Checkpoint,
} from '#platform/tlog';

import type { Memory } from './store.ts';
import type { Witness } from './witness.ts';

export type PullNeeds = Readonly<{
  witness: Witness;
  memory: Memory;
  fetch: typeof globalThis.fetch;
  /** For one request, its answer included. */
  timeoutMs: number;
  /** Ends the whole round: whoever stops waits for no log. */
  stop?: AbortSignal;
}>;
export type PulledLog = Readonly<{
  origin: string;
  /** Prefix of its tiles, such as https://example.org/v1/audit */ url: string;
}>;
export type Pulled = Readonly<{ kind: 'cosigned'; size: number } | { kind: 'failed'; why: string }>;

const MOST_NOTE_BYTES = 128 * 1024;

/** One round with one log. Nothing of what the log answers is repeated in `why`. */
export async function pullOnce(needs: PullNeeds, { origin, url }: PulledLog): Promise<Pulled> {
  const { witness, memory } = needs;
  try {
    const note = (await get(needs, `${url}/offered`, MOST_NOTE_BYTES))?.toString('utf8') ?? null;
    const head = note === null ? null : parseCheckpoint(splitNote(note)?.text ?? '');
    if (note === null || head === null)
      return failed('it offers no checkpoint; does its policy name this witness without a URL?');
    if (head.origin !== origin) return failed('it offers the checkpoint of another log');
    const oldSize = memory.last(origin)?.size ?? 0;
    if (head.size < oldSize)
      return failed(
        `it offers ${head.size} entries, ${oldSize} were cosigned: it was set back, or this is an old answer`,
      );
    const proof = await proofOf(needs, url, head, oldSize);
    const body = `old ${oldSize}\n${proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('')}\n${note}`;
    const answer = witness.addCheckpoint(Buffer.from(body));
    if (answer.status !== 200) return failed(REFUSALS[answer.status] ?? `the witness answered ${answer.status}`);
    const brought = await post(needs, `${url}/cosignatures`, `${splitNote(note)?.text ?? ''}\n${answer.body}`);
    return brought === 204
      ? { kind: 'cosigned', size: head.size }
      : failed(`the cosignature was made, and the log answered ${brought}`);
  } catch (thrown) {
    if (thrown instanceof Unreadable) return failed(thrown.message);
    if (thrown instanceof RangeError) return failed('its tiles are not those of its checkpoint');
    throw thrown;
  }
}

const REFUSALS: Readonly<Record<number, string>> = {
  403: 'what it offers is not signed by the log',
  404: 'the log is not among those that this witness knows',
  409: 'it offers another tree of the size that was cosigned: the log was forked',
  422: 'what it offers does not only add to what was cosigned: the log was rewritten',
};

class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const failed = (why: string): Pulled => ({ kind: 'failed', why });

async function proofOf(needs: PullNeeds, url: string, head: Checkpoint, oldSize: number): Promise<Uint8Array[]> {
  const subtree = subtreeReader(head.size, async ({ level, index, width }) => {
    const bytes = await get(needs, `${url}/tile/${tilePath(level, index, width)}`, width * HASH_BYTES);
    if (bytes === null) throw new Unreadable(`it has no tile ${level}/${index}`);
    return bytes;
  });
  return consistencyProof(oldSize, head.size, subtree);
}

/** @returns null for 404 @throws Unreadable */
async function get(needs: PullNeeds, url: string, mostBytes: number): Promise<Buffer | null> {
  return exchange(needs, url, {}, async ({ status, body }) => {
    if (status === 404) return null;
    if (status !== 200) throw new Unreadable(`it answered ${status}`);
    const answer = await readAtMost(body, mostBytes);
    if (answer === null) throw new Unreadable('its answer is too long');
    return answer;
  });
}

async function post(needs: PullNeeds, url: string, text: string): Promise<number> {
  const init = { method: 'POST', body: text, headers: { 'content-type': 'text/plain' } };
  return exchange(needs, url, init, async ({ status, body }) => {
    await body?.cancel();
    return status;
  });
}

/** Until the answer is read: one that breaks off in its middle is no end of the witness. @throws Unreadable */
async function exchange<T>(
  { fetch, timeoutMs, stop }: PullNeeds,
  url: string,
  init: RequestInit,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const signal = stop === undefined ? timeout : AbortSignal.any([stop, timeout]);
    return await read(await fetch(url, { ...init, redirect: 'error', signal }));
  } catch (cause) {
    if (cause instanceof Unreadable) throw cause;
    if (stop?.aborted === true) throw new Unreadable('it took too long in all, or this witness stopped', { cause });
    throw new Unreadable(timeout.aborted ? 'it did not answer in time' : 'it cannot be reached', { cause });
  }
}
