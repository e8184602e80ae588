/**
 * Publishing: what was signed goes to the witnesses, and out with the cosignatures that came.
 *
 * A witness that does not answer stops nothing: the checkpoint is published without it, and whoever asks for a quorum
 * sees that there is none. One server asks at a time, by a lease; that only spares the witnesses, as cosignatures of two
 * servers are of the same text and are put together.
 */
import type { Db } from '#platform/db';
import {
  addLines,
  consistencyProof,
  openNote,
  parseCheckpoint,
  subtreeReader,
  type Checkpoint,
  type NoteKey,
  type Policy,
} from '#platform/tlog';

import { askWitness, type Fetch, type WitnessAnswer } from './ask-witness.ts';
import { auditFailure } from './failures.ts';
import { isOfferDue, linesOf, putOut, textOf } from './put-out.ts';
import { readSigned, readTile, readWitnesses, saveWitness, takePublishing, type WitnessRow } from './store.ts';

export type WitnessNeeds = Readonly<{
  policy: Policy;
  fetch: Fetch;
  /** For one witness and one checkpoint. */
  timeoutMs: number;
  /** Told when something about a witness changes. */
  onNews: (news: Readonly<{ witness: string; problem: string | null }>) => void;
}>;
export type PublishNeeds = Readonly<{ db: Db; clock: () => Date; node: string; witnesses: WitnessNeeds | null }>;

type Endpoint = Readonly<{ url: string; keys: readonly NoteKey[] }>;

const LONGEST_PAUSE_MS = 30_000;
const UNKNOWN: Omit<WitnessRow, 'url'> = { size: 0, cosignedAt: null, failures: 0, failedAt: null, problem: null };

/** One round. Does nothing when the newest checkpoint is out, with all cosignatures that can be had now. */
export async function publish(needs: PublishNeeds): Promise<void> {
  const { db, witnesses, clock, node } = needs;
  const { tree } = await readSigned(db);
  if (tree === null) return;
  const head = headOf(tree.signed);
  const out = isOut(tree.published, tree.signed) ? tree.published : null;
  if (witnesses === null) {
    if (out === null) await putOut(db, { signed: tree.signed, lines: [], policy: null, now: clock() });
    return;
  }
  const { policy, timeoutMs } = witnesses;
  const signed =
    out === null
      ? undefined
      : openNote(
          out,
          policy.witnesses.map(({ key }) => key),
        )?.signed;
  const missing = endpointsOf(policy).filter(({ keys }) => keys.some((key) => signed?.has(key) !== true));
  const rows = new Map((await readWitnesses(db)).map((row) => [row.url, row]));
  const rowOf = ({ url }: Endpoint): WitnessRow => rows.get(url) ?? { ...UNKNOWN, url };
  const now = clock();
  // nobody needs a witness for a log without entries
  const due = head.size === 0 ? [] : missing.filter((endpoint) => isDue(rowOf(endpoint), now));
  if (out !== null && due.length === 0 && !isOfferDue(tree, policy, now)) return;
  if (!(await takePublishing(db, node, timeoutMs / 1000 + 5))) return;
  const answers = await Promise.all(
    due.map(async (endpoint) => {
      const row = rowOf(endpoint);
      const answer = await ask(needs, witnesses, endpoint, { note: tree.signed, head, knownSize: row.size });
      return { row, answer };
    }),
  );
  const lines = answers.flatMap(({ answer }) => (answer.kind === 'cosigned' ? answer.lines : []));
  await putOut(db, { signed: tree.signed, lines, policy, now: clock() });
  for (const { row, answer } of answers) {
    const after = await outcomeOf(db, row, answer, head, clock());
    await saveWitness(db, after);
    if (after.problem !== row.problem) witnesses.onNews({ witness: row.url, problem: after.problem });
  }
}

/** Is this text published, with all that the log signed? A log that gains a key signs the same text once more. */
function isOut(published: string | null, signed: string): boolean {
  return (
    published !== null && textOf(published) === textOf(signed) && addLines(published, linesOf(signed)) === published
  );
}

/** Witnesses that are one server: asked once for all their keys. Those without a URL cannot be asked. */
function endpointsOf(policy: Policy): readonly Endpoint[] {
  const byUrl = new Map<string, NoteKey[]>();
  for (const { url, key } of policy.witnesses) if (url !== null) byUrl.set(url, [...(byUrl.get(url) ?? []), key]);
  return [...byUrl].map(([url, keys]) => ({ url, keys }));
}

/** After a failure it is left alone for 1, 2, 4 … 30 seconds, so that one that hangs does not hold up each checkpoint. */
function isDue({ failures, failedAt }: WitnessRow, now: Date): boolean {
  if (failures === 0 || failedAt === null) return true;
  const pause = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** Math.min(failures - 1, 10));
  // a clock that was set back must not silence a witness for long
  return Math.abs(now.getTime() - failedAt.getTime()) >= pause;
}

async function ask(
  { db }: PublishNeeds,
  { fetch, timeoutMs }: WitnessNeeds,
  endpoint: Endpoint,
  { note, head, knownSize }: { note: string; head: Checkpoint; knownSize: number },
): Promise<WitnessAnswer> {
  const subtree = subtreeReader(head.size, async ({ level, index, width }) => {
    const hashes = await readTile(db, level, index);
    if (hashes === null || hashes.length < width * 32)
      throw auditFailure('TAMPERED', { detail: `tile ${level}/${index} is gone or was cut off` });
    return hashes.subarray(0, width * 32);
  });
  const proofFrom = (oldSize: number): Promise<Uint8Array[]> => consistencyProof(oldSize, head.size, subtree);
  return askWitness({ ...endpoint, note, head, knownSize, proofFrom, fetch, timeoutMs });
}

async function outcomeOf(
  db: Db,
  row: WitnessRow,
  answer: WitnessAnswer,
  { size }: Checkpoint,
  now: Date,
): Promise<WitnessRow> {
  const failed = (problem: string): WitnessRow => ({ ...row, failures: row.failures + 1, failedAt: now, problem });
  if (answer.kind === 'failed') return failed(answer.why);
  if (answer.kind === 'cosigned') {
    const problem =
      answer.forgot === null ? null : `it knew of ${answer.forgot} entries only, after it had cosigned ${row.size}`;
    return { ...row, size, cosignedAt: now, failures: 0, failedAt: null, problem };
  }
  const { tree } = await readSigned(db);
  // another server may have shown it a newer checkpoint in the meantime
  if ((tree?.size ?? 0) >= answer.size) return row;
  return failed(`it has cosigned ${answer.size} entries, this log has ${tree?.size ?? 0}: it was set back, or forked`);
}

function headOf(note: string): Checkpoint {
  const head = parseCheckpoint(textOf(note) ?? '');
  if (head === null) throw auditFailure('TAMPERED', { detail: 'the stored checkpoint is none' });
  return head;
}
