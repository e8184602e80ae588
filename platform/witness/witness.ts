/**
 * The witness: cosigns a checkpoint of a log it knows when that log only adds to what was cosigned before.
 *
 * One request after the other, each without a pause in it: looking up what was cosigned, checking against that and
 * keeping the new one are one step. INVARIANT: no signature is made of what is not in the memory, on the disk.
 * Source: C2SP tlog-witness, tlog-cosignature
 */
import {
  COSIGNATURE_ML_DSA_44,
  checkpointText,
  openNote,
  signatureLine,
  verifyConsistency,
  type NoteKey,
  type NoteSigner,
} from '#platform/tlog';

import { parseRequest, type AddCheckpoint } from './request.ts';
import type { Memory, Remembered } from './store.ts';

export type WitnessNeeds = Readonly<{
  /** Its own keys; each cosigns. */
  signers: readonly NoteSigner[];
  /** Keys of each log, by its origin. One that signed is enough. */
  logs: ReadonlyMap<string, readonly NoteKey[]>;
  memory: Memory;
  clock: () => Date;
  /** Told when a log signed what it should not have. */
  onEvidence: (evidence: Readonly<{ origin: string; why: string; size: number }>) => void;
}>;

export type WitnessAnswer = Readonly<{ status: 200 | 400 | 403 | 404 | 409 | 422 | 503; type: string; body: string }>;
export type Witness = Readonly<{ addCheckpoint: (body: Uint8Array) => WitnessAnswer }>;

const TEXT = 'text/plain; charset=utf-8';
const SIZE = 'text/x.tlog.size';
const MOST_ORIGIN_BYTES = 255;
/** A clock may be put right by so much; further back, and times of cosignatures would contradict each other. */
const CLOCK_BACK_MS = 300_000;

export function createWitness(needs: WitnessNeeds): Witness {
  const { logs, memory, clock } = needs;
  return {
    addCheckpoint: (body) => {
      const request = parseRequest(body);
      if ('wrong' in request) return refuse(400, request.wrong);
      const { oldSize, note, text, head } = request;
      const keys = logs.get(head.origin);
      if (keys === undefined) return refuse(404, 'this log is not known here');
      if (openNote(note, keys) === null) return refuse(403, 'no key that is known of this log signed this');
      if (oldSize > head.size) return refuse(400, 'the old size is larger than the size');
      const last = memory.last(head.origin);
      if (oldSize !== (last?.size ?? 0)) return { status: 409, type: SIZE, body: `${last?.size ?? 0}\n` };
      const refused = compare(needs, request, last, body);
      if (refused !== null) return refused;

      const now = clock();
      if (last !== null && now.getTime() < last.cosignedAt.getTime() - CLOCK_BACK_MS)
        return refuse(503, 'the clock of this witness went back');
      const cosignedAt = last !== null && now < last.cosignedAt ? last.cosignedAt : now;
      memory.advance(head.origin, { size: head.size, root: head.root, note, cosignedAt });
      const lines = signersFor(needs.signers, text, head).map((signer) => signatureLine(text, signer, cosignedAt));
      return { status: 200, type: TEXT, body: lines.join('') };
    },
  };
}

/** What was signed by the log and does not follow from what was cosigned is kept: it is proof against the log. */
function compare(
  { memory, clock, onEvidence }: WitnessNeeds,
  { oldSize, proof, head }: AddCheckpoint,
  last: Remembered | null,
  body: Uint8Array,
): WitnessAnswer | null {
  const { origin, size, root } = head;
  const isFork = last !== null && last.size === size && !last.root.equals(root);
  // from an empty tree, or none, every tree follows, so only an empty one could be wrong
  const before = last?.root ?? EMPTY_ROOT;
  if (!isFork && verifyConsistency(oldSize, oldSize === 0 ? EMPTY_ROOT : before, size, root, proof)) return null;
  const why = isFork ? 'another tree of the same size' : 'no proof that it only adds to what was cosigned';
  if (memory.keepEvidence({ origin, size, root, why, body, at: clock() })) onEvidence({ origin, why, size });
  if (isFork) return { status: 409, type: SIZE, body: `${last.size}\n` };
  return refuse(422, 'the consistency proof does not hold');
}

/** SHA-256 of nothing (RFC 6962 §2.1). */
const EMPTY_ROOT = Buffer.from('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', 'base64');

/** ML-DSA-44 signs nothing about extension lines, and no long name, so it leaves such a checkpoint alone. */
function signersFor(signers: readonly NoteSigner[], text: string, head: AddCheckpoint['head']): readonly NoteSigner[] {
  const isCovered = checkpointText(head) === text && Buffer.byteLength(head.origin) <= MOST_ORIGIN_BYTES;
  return isCovered ? signers : signers.filter(({ type }) => type !== COSIGNATURE_ML_DSA_44);
}

function refuse(status: 400 | 403 | 404 | 422 | 503, why: string): WitnessAnswer {
  return { status, type: TEXT, body: `${why}\n` };
}
