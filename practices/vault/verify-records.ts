/**
 * Compares every stored record with the log: is it the newest that was written, does it open, is it in the index?
 *
 * An older record, put back with its old version, authenticates in its cell; a record that was erased may be put back with
 * its key ring from a backup; one may be taken out. Only the log knows. Each page is read with the log's newest entries in
 * one snapshot, so writers that go on meanwhile are no findings.
 * Source: docs/formats/seal-tag.md §3
 */
import { verifyLog } from '#platform/audit';
import { transact } from '#platform/db';
import { isFailure } from '#platform/failure';
import { recordIdText, type RecordId } from '#platform/ids';

import type { Core } from './core.ts';
import { begun, rest, type Pace } from './pace.ts';
import { valuesIn } from './patch.ts';
import { lookupsOfStored } from './rotate-index.ts';
import { recordPseudonym, sealTag } from './seal-tags.ts';
import { countLookups } from './store/lookups.ts';
import type { StoredRecord } from './store/records.ts';
import { pageToVerify } from './store/sweeps.ts';
import { advanceWork, countRecords, finishWork, restartWork, type WorkRow } from './store/works.ts';
import { countAttachments } from './store/attachments.ts';
import { createTagLedger, type News, type TagLedger } from './tag-ledger.ts';
import { verifyAttachments, type AttachmentFindings } from './verify-attachments.ts';

export type Finding =
  /** The box is not the one that was written last: changed, or an older one put back. */
  | 'changed'
  /** The log knows no write of it. */
  | 'unknown'
  /** It was deleted or erased, and is there again. */
  | 'deleted'
  /** Its key ring is gone, or does not open it. */
  | 'refused'
  /** Its lookups are not those of its values: changed, or the catalogue asks for other ones (rotate index). */
  | 'index';

const PAGE = 250;
/** Records whose tags are in memory at once, about 50 MB. */
const IN_MEMORY = 1_000_000;
const LISTED = 100;
const REST = 0.25;

type Findings = Record<Finding | 'missing', number> & {
  records: number;
  listed: { record: string; finding: Finding }[];
};

export async function verifyRecords(core: Core, work: WorkRow, pace: Pace): Promise<void> {
  const total = await countRecords(core.db);
  const attachments = await countAttachments(core.db);
  const parts = Math.max(1, Math.ceil(Number(total) / IN_MEMORY));
  // what the log said is in memory only: a work that was cut off begins again
  await restartWork(core.db, work.work_id, total * BigInt(parts) + BigInt(attachments));
  let at = performance.now();
  const alive = (done: number, cursor: string | null): Promise<boolean> =>
    advanceWork(core.db, work.work_id, { cursor, done });
  const log = await verifyLog({
    source: core.audit.source,
    verifierKey: core.audit.verifierKey,
    onProgress: () => {
      if (performance.now() - at < 5000) return;
      at = performance.now();
      // only says that the work is alive; when this fails, the next page's will say so
      alive(0, null).catch(() => undefined);
    },
  });
  const found: Findings = {
    records: 0, changed: 0, unknown: 0, deleted: 0, refused: 0, index: 0, missing: 0, listed: [],
  }; // prettier-ignore
  let auditSize = 0;
  for (let number = 0; number < parts; number += 1) {
    const ledger = createTagLedger(core.audit, { number, of: parts });
    await ledger.catchUp(core.db);
    let reading = begun(readPage(core, ledger, null, ledger.size()));
    try {
      for (;;) {
        if (pace.stopped()) return;
        const began = performance.now();
        const page: Page = await reading;
        const { last: next } = page;
        // PostgreSQL reads the next one while this one is opened
        if (next !== null) reading = begun(readPage(core, ledger, next, page.news.size));
        await judgePage(core, ledger, page, found);
        await alive(page.read, next === null ? null : recordIdText(next));
        if (next === null) break;
        await rest(pace, began, REST);
      }
    } finally {
      await Promise.allSettled([reading]);
    }
    found.missing += ledger.missing();
    auditSize = ledger.size();
  }
  const files = await verifyAttachments(core, attachments, {
    stopped: pace.stopped,
    most: LISTED,
    onPage: (seen) => alive(seen, null),
  });
  if (files === null) return;
  await conclude(core, work, { ...found, auditSize, log: log.problems.slice(0, LISTED) }, files);
}

type Page = Readonly<{
  stored: Awaited<ReturnType<typeof pageToVerify>>;
  /** Records that were read, also those of other parts. */
  read: number;
  /** Where the next one begins; null at the end. */
  last: RecordId | null;
  news: News;
  inIndex: ReadonlyMap<string, number>;
}>;

/** @param size of the log that the page before was read with */
async function readPage(core: Core, ledger: TagLedger, after: RecordId | null, size: number): Promise<Page> {
  const mac = core.auditMac();
  return transact(
    core.db,
    async (tx) => {
      // the page's statement first: it takes the snapshot that the log is then read in
      const page = await pageToVerify(tx, after, PAGE);
      const news = await ledger.read(tx, size);
      const stored = page.filter(({ id }) => ledger.holds(recordPseudonym(mac, id)));
      const whole = stored.filter((each): each is StoredRecord => each.ring !== null);
      const inIndex = await countLookups(
        tx,
        whole.flatMap(({ id, lookups }) => valuesIn(lookups).map((value) => ({ id, value }))),
      );
      return { stored, read: page.length, last: page.length < PAGE ? null : (page.at(-1)?.id ?? null), news, inIndex };
    },
    { isolation: 'repeatable read', access: 'read only' },
  );
}

async function judgePage(
  core: Core,
  ledger: TagLedger,
  { stored: page, news, inIndex }: Page,
  found: Findings,
): Promise<void> {
  ledger.take(news);
  for (const stored of page) {
    const finding = await judge(core, ledger, stored, inIndex);
    found.records += 1;
    if (finding === null) continue;
    found[finding] += 1;
    if (found.listed.length < LISTED) found.listed.push({ record: recordIdText(stored.id), finding });
  }
}

async function judge(
  core: Core,
  ledger: TagLedger,
  stored: StoredRecord | { id: RecordId; ring: null },
  inIndex: ReadonlyMap<string, number>,
): Promise<Finding | null> {
  if (stored.ring === null) return 'refused';
  const { id, version, box } = stored;
  const verdict = ledger.compare(sealTag(core.auditMac(), id, version, box));
  if (verdict !== 'same') return verdict;
  // nobody reads it any more: its lookups are left as they are, and it goes with the next sweep
  if (stored.expiresAt !== null && stored.expiresAt <= core.clock()) return null;
  const values = valuesIn(stored.lookups);
  try {
    const made = await lookupsOfStored(core, stored);
    // while an index is rebuilt a record may stand under either epoch: then only its rows are counted
    const rebuilding = core.epochs.list().some(({ use, state }) => use === 'index' && state === 'retiring');
    const expected = new Set([...made.uniques, ...made.lookups].map((value) => value.toString('hex')));
    const same = values.length === expected.size && values.every((value) => expected.has(value.toString('hex')));
    const rows = inIndex.get(`${id.subjectId}/${id.recordNo}`) ?? 0;
    return (same || rebuilding) && rows === values.length ? null : 'index';
  } catch (thrown) {
    if (!isFailure(thrown) || !thrown.code.startsWith('VAULT_')) throw thrown;
    return 'refused';
  }
}

async function conclude(
  core: Core,
  work: WorkRow,
  result: Findings & { auditSize: number; log: readonly string[] },
  { listed: listedFiles, ...files }: AttachmentFindings,
): Promise<void> {
  const { changed, unknown, deleted, refused, index, missing } = result;
  const broken = files.changed + files.unknown + files.deleted + files.refused + files.missing;
  const ok = changed + unknown + deleted + refused + index + missing + broken + result.log.length === 0;
  await core.audit.append({
    action: 'vault.verify', actor: { kind: 'system', id: 'verification' }, outcome: ok ? 'done' : 'failed',
    detail: { records: result.records, changed, unknown, deleted, refused, index, missing, attachments: files.attachments, brokenAttachments: broken, logProblems: result.log.length },
  }); // prettier-ignore
  const listed = [...result.listed, ...listedFiles].slice(0, LISTED);
  await finishWork(core.db, work.work_id, 'done', { ok, ...result, listed, attachments: files });
}
