/**
 * Compares every attachment with the log, as verify-records.ts does with records: an old file put back whole opens, and
 * only the log knows that it was replaced. Reads every chunk, and opens none: the tag is over what is stored.
 * Source: docs/formats/seal-tag.md §3
 */
import { createHash } from 'node:crypto';

import { transact, type Tx } from '#platform/db';
import { recordIdText } from '#platform/ids';

import { attachmentIdText } from './attach.ts';
import { attachmentPseudonym, attachmentTag } from './attachment-tags.ts';
import type { Core } from './core.ts';
import { attachmentToVerify, pageOfAttachments, type StoredAttachment } from './store/attachments.ts';
import { loadChunks, type AttachmentPlace } from './store/chunks.ts';
import { ATTACHMENT_TAGS, createTagLedger, type TagLedger } from './tag-ledger.ts';

export type AttachmentFinding =
  /** Not what was sealed: changed, or cut. */
  | 'changed'
  /** The log knows no sealing of it. */
  | 'unknown'
  /** It was replaced or taken away, and is there again. */
  | 'deleted'
  /** Its record or key ring is gone. */
  | 'refused';
export type AttachmentFindings = Record<AttachmentFinding | 'missing' | 'attachments', number> & {
  listed: { record: string; attachment: string; finding: AttachmentFinding }[];
};

const PAGE = 250;
const CHUNKS = 16;
/** Attachments whose tags are in memory at once. */
const IN_MEMORY = 250_000;

/**
 * @param total attachments there are
 * @param onPage told how many were compared since
 * @returns null when it was stopped
 */
export async function verifyAttachments(
  core: Core,
  total: number,
  { stopped, onPage, most }: { stopped: () => boolean; onPage: (seen: number) => Promise<unknown>; most: number },
): Promise<AttachmentFindings | null> {
  const found: AttachmentFindings = {
    attachments: 0, changed: 0, unknown: 0, deleted: 0, refused: 0, missing: 0, listed: [],
  }; // prettier-ignore
  const parts = Math.max(1, Math.ceil(total / IN_MEMORY));
  for (let number = 0; number < parts; number += 1) {
    const ledger = createTagLedger(core.audit, { number, of: parts }, ATTACHMENT_TAGS);
    await ledger.catchUp(core.db);
    for (let after: AttachmentPlace | null = null; ;) {
      const page: readonly AttachmentPlace[] = await pageOfAttachments(core.db, after, PAGE);
      for (const place of page) {
        if (stopped()) return null;
        if (ledger.holds(attachmentPseudonym(core.auditMac(), place.subjectId, place.attachmentId)))
          await verifyOne(core, ledger, place, found, most);
      }
      await onPage(page.length);
      after = page.at(-1) ?? null;
      if (page.length < PAGE) break;
    }
    found.missing += ledger.missing();
  }
  return found;
}

async function verifyOne(
  core: Core,
  ledger: TagLedger,
  place: AttachmentPlace,
  found: AttachmentFindings,
  most: number,
): Promise<void> {
  const judged = await transact(
    core.db,
    async (tx) => {
      // the row first: its statement takes the snapshot that the log and the chunks are then read in
      const there = await attachmentToVerify(tx, place);
      if (there === null) return null;
      await ledger.catchUp(tx);
      const { row, whole } = there;
      const tag = attachmentTag(core.auditMac(), place, { ...row, chunksDigest: await digestOf(tx, row) });
      const verdict = ledger.compare(tag);
      if (verdict === 'unknown' || verdict === 'deleted') return { row, finding: verdict };
      return { row, finding: !whole ? ('refused' as const) : verdict === 'same' ? null : verdict };
    },
    { isolation: 'repeatable read', access: 'read only' },
  );
  // taken away or replaced since the page was read
  if (judged === null) return;
  found.attachments += 1;
  if (judged.finding === null) return;
  found[judged.finding] += 1;
  const { recordId, publicId } = judged.row;
  if (found.listed.length < most)
    found.listed.push({
      record: recordIdText(recordId),
      attachment: attachmentIdText(publicId),
      finding: judged.finding,
    });
}

/** Over the boxes in order; a missing chunk, or one too many, gives another digest. */
async function digestOf(tx: Tx, row: StoredAttachment): Promise<Buffer> {
  const boxes = createHash('sha256');
  const place = { subjectId: row.recordId.subjectId, attachmentId: row.attachmentId };
  for (let first = 0; ; first += CHUNKS) {
    const chunks = await loadChunks(tx, place, first, first + CHUNKS - 1);
    for (const { box } of chunks) boxes.update(box);
    if (chunks.length < CHUNKS) return boxes.digest();
  }
}
