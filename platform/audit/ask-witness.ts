/**
 * Asks one witness to cosign one checkpoint. Source: C2SP tlog-witness, add-checkpoint
 *
 * Nothing that a witness says is repeated in a problem: it is not ours, and could hold anything.
 */
import { readAtMost } from '#platform/at-most';
import { isBy, openNote, parseLines, parseSize, type Checkpoint, type NoteKey } from '#platform/tlog';

export type Fetch = typeof globalThis.fetch;

export type WitnessAsk = Readonly<{
  /** Submission prefix. */
  url: string;
  /** Keys with which this witness cosigns. */
  keys: readonly NoteKey[];
  note: string;
  head: Checkpoint;
  /** What it is known to have cosigned last; 0 when nothing is known. */
  knownSize: number;
  proofFrom: (oldSize: number) => Promise<readonly Uint8Array[]>;
  fetch: Fetch;
  /** For all that this takes, tries included. */
  timeoutMs: number;
}>;

export type WitnessAnswer = Readonly<
  /** Lines of known keys, each verified. `forgot`: it knows less than it has cosigned. */
  | { kind: 'cosigned'; lines: readonly string[]; forgot: number | null }
  /** It has seen more entries than there are. */
  | { kind: 'ahead'; size: number }
  | { kind: 'failed'; why: string }
>;

const MOST_ANSWER_BYTES = 128 * 1024;
/** The first asks from the size that is known; the next from the one that the witness named; one more for a race. */
const TRIES = 3;

const REFUSALS: Readonly<Record<number, string>> = {
  403: 'it does not accept the signature of this log',
  404: 'it does not know this log',
  422: 'it found that this log does not only add to what it has cosigned: the log was rewritten',
};

export async function askWitness(ask: WitnessAsk): Promise<WitnessAnswer> {
  const { head, knownSize } = ask;
  const signal = AbortSignal.timeout(ask.timeoutMs);
  let oldSize = Math.min(knownSize, head.size);
  let forgot: number | null = null;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const answered = await post(ask, oldSize, signal);
    if ('why' in answered) return { kind: 'failed', why: answered.why };
    const { status, body, type } = answered;
    if (status === 200) return readCosignatures(ask, body, forgot);
    if (status !== 409) return { kind: 'failed', why: REFUSALS[status] ?? `it answered ${status}` };
    const size = type.startsWith('text/x.tlog.size') ? parseSize(body.replace(/\n$/, '')) : null;
    if (size === null) return { kind: 'failed', why: 'it answered 409 without a size' };
    if (size > head.size) return { kind: 'ahead', size };
    if (size === oldSize && size === head.size)
      return { kind: 'failed', why: `it has cosigned another tree of ${size} entries: this log was forked` };
    if (size < knownSize) forgot = size;
    oldSize = size;
  }
  return { kind: 'failed', why: 'the size that it wants changes with each answer' };
}

type Posted = Readonly<{ status: number; body: string; type: string } | { why: string }>;

async function post(ask: WitnessAsk, oldSize: number, signal: AbortSignal): Promise<Posted> {
  const proof = (await ask.proofFrom(oldSize)).map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
  try {
    const response = await ask.fetch(`${ask.url.replace(/\/+$/, '')}/add-checkpoint`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: `old ${oldSize}\n${proof.join('')}\n${ask.note}`,
      redirect: 'error',
      signal,
    });
    const body = await readAnswer(response);
    if (body === null) return { why: 'its answer is too long, or no text' };
    return { status: response.status, body, type: response.headers.get('content-type') ?? '' };
  } catch (thrown) {
    return { why: (thrown as Error).name === 'TimeoutError' ? 'it did not answer in time' : 'it cannot be reached' };
  }
}

async function readAnswer(response: Response): Promise<string | null> {
  const answer = await readAtMost(response.body, MOST_ANSWER_BYTES);
  if (answer === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(answer);
  } catch {
    return null;
  }
}

function readCosignatures({ note, keys }: WitnessAsk, body: string, forgot: number | null): WitnessAnswer {
  // what stands before the lines already is not this witness's answer
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
  const known = (parseLines(body) ?? []).filter((line) => keys.some((key) => isBy(line, key)));
  const lines = known.map(({ line }) => line);
  const opened = lines.length === 0 ? null : openNote(`${text}\n${lines.join('')}`, keys);
  if (opened === null) return { kind: 'failed', why: 'it answered without a cosignature of a known key that holds' };
  if (opened.signed.size < keys.length) return { kind: 'failed', why: 'it did not cosign with all its keys' };
  return { kind: 'cosigned', lines, forgot };
}
