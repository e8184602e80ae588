/**
 * What the log says of every record: the newest seal tag of each, read from the entries of writes, changes, re-encryptions
 * and deletions. Memory is bounded: a ledger holds one part of all records, chosen by their pseudonym.
 * Source: docs/formats/seal-tag.md
 */
import type { Audit } from '#platform/audit';
import type { Statements } from '#platform/db';

import { NAME_BYTES, TAG_BYTES } from './seal-tags.ts';

export type Verdict = 'same' | 'changed' | 'unknown' | 'deleted';
export type TagLedger = {
  /** Reads entries up to the log's size in this transaction. */
  catchUp: (tx: Statements) => Promise<void>;
  /** Whether this record belongs to the ledger's part. */
  holds: (pseudonym: Buffer) => boolean;
  /** Compares one stored record; it counts as seen. @param tag 24 bytes */
  compare: (tag: Buffer) => Verdict;
  /** Records that were written before the first `catchUp` and not deleted, and that `compare` has not seen. */
  missing: () => number;
  size: () => number;
};

/** Where entries have the tags, and the pseudonyms of what is gone. */
export type TagMembers = Readonly<{ seals: string; gone: string }>;
export const RECORD_TAGS: TagMembers = { seals: 'seals', gone: 'gone' };
export const ATTACHMENT_TAGS: TagMembers = { seals: 'attachmentSeals', gone: 'attachmentsGone' };

const PAGE = 4096;

type Known = { digest: string; seen: boolean };

export function createTagLedger(
  audit: Audit,
  part: { number: number; of: number },
  members: TagMembers = RECORD_TAGS,
): TagLedger {
  const known = new Map<string, Known | null>();
  const wanted = [`"${members.seals}":`, `"${members.gone}":`];
  let size = 0;
  let begun = false;
  const holds = (pseudonym: Buffer): boolean => pseudonym.readUInt32BE(0) % part.of === part.number;

  const take = (bytes: Buffer): void => {
    const detail = detailOf(bytes);
    for (const tag of slices(detail?.[members.seals], TAG_BYTES)) {
      if (!holds(tag)) continue;
      const name = tag.toString('latin1', 0, NAME_BYTES);
      // what was written since it began may stand behind the cursor: it is not missing, it is of the next verification
      known.set(name, { digest: tag.toString('latin1', NAME_BYTES), seen: known.get(name)?.seen ?? begun });
    }
    for (const name of slices(detail?.[members.gone], NAME_BYTES))
      if (holds(name)) known.set(name.toString('latin1'), null);
  };

  return {
    holds,
    catchUp: async (tx) => {
      const end = await audit.sizeIn(tx);
      for (; size < end; size = Math.min(end, size + PAGE))
        for (const bytes of await audit.entriesWith(tx, size, Math.min(end, size + PAGE), wanted)) take(bytes);
      begun = true;
    },
    compare: (tag) => {
      const found = known.get(tag.toString('latin1', 0, NAME_BYTES));
      if (found === undefined) return 'unknown';
      if (found === null) return 'deleted';
      found.seen = true;
      return found.digest === tag.toString('latin1', NAME_BYTES) ? 'same' : 'changed';
    },
    missing: () => {
      let missing = 0;
      for (const each of known.values()) if (each !== null && !each.seen) missing += 1;
      return missing;
    },
    size: () => size,
  };
}

/** Of an entry that was damaged, nothing: that the log is not what was signed is found by those who verify the log. */
function detailOf(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return (JSON.parse(bytes.toString()) as { detail?: Readonly<Record<string, unknown>> } | null)?.detail;
  } catch {
    return undefined;
  }
}

function* slices(base64: unknown, size: number): Generator<Buffer> {
  if (typeof base64 !== 'string') return;
  const bytes = Buffer.from(base64, 'base64');
  for (let at = 0; at + size <= bytes.length; at += size) yield bytes.subarray(at, at + size);
}
