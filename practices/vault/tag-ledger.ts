/**
 * What the log says of every record: the newest seal tag of each, read from the entries of writes, changes, re-encryptions
 * and deletions. Memory is bounded: a ledger holds one part of all records, chosen by their pseudonym.
 * Source: docs/formats/seal-tag.md
 */
import type { Audit } from '#platform/audit';
import type { Statements } from '#platform/db';

import { NAME_BYTES, TAG_BYTES } from './seal-tags.ts';
import { createTagTable, type Verdict } from './tag-table.ts';

/** Entries that were read and not taken in yet. */
export type News = Readonly<{ size: number; entries: readonly Buffer[] }>;
export type TagLedger = {
  /** Reads entries up to the log's size in this transaction, and takes them in. */
  catchUp: (tx: Statements) => Promise<void>;
  /** The same in two steps: what was read ahead belongs to a page that is judged later. @param from the size that was read to */
  read: (tx: Statements, from: number) => Promise<News>;
  take: (news: News) => void;
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

/** Entries of a batch are up to 32 KB each. */
const PAGE = 512;

export function createTagLedger(
  audit: Audit,
  part: { number: number; of: number },
  members: TagMembers = RECORD_TAGS,
): TagLedger {
  const known = createTagTable();
  const wanted = [`"${members.seals}":`, `"${members.gone}":`];
  let size = 0;
  let begun = false;
  const holds = (pseudonym: Buffer): boolean => pseudonym.readUInt32BE(0) % part.of === part.number;

  const takeOne = (bytes: Buffer): void => {
    const detail = detailOf(bytes);
    // what was written since it began may stand behind the cursor: it is not missing, it is of the next verification
    for (const tag of slices(detail?.[members.seals], TAG_BYTES)) if (holds(tag)) known.put(tag, begun);
    for (const name of slices(detail?.[members.gone], NAME_BYTES)) if (holds(name)) known.bury(name);
  };
  const take = (news: News): void => {
    news.entries.forEach(takeOne);
    size = news.size;
  };

  async function* unread(tx: Statements, from: number): AsyncGenerator<News> {
    const end = await audit.sizeIn(tx);
    for (let at = from; at < end; at += PAGE) {
      const to = Math.min(end, at + PAGE);
      const found = await audit.entriesWith(tx, at, to, wanted);
      yield { size: to, entries: found.map(({ bytes }) => bytes) };
    }
  }

  return {
    holds,
    catchUp: async (tx) => {
      for await (const news of unread(tx, size)) take(news);
      begun = true;
    },
    read: async (tx, from) => {
      const entries: Buffer[] = [];
      let to = from;
      for await (const news of unread(tx, from)) {
        entries.push(...news.entries);
        to = news.size;
      }
      return { size: to, entries };
    },
    take,
    compare: known.compare,
    missing: known.unseen,
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
