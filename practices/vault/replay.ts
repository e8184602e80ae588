/**
 * What happened to subjects after a backup was taken, done again to the rows that came back from it: erasures first, then
 * restrictions as they were last. The log gets an entry, so that the records' verification knows where the rows went.
 *
 * The ledger knows hashes of ids; everybody who has a row is hashed and compared. Source: docs/formats/backup.md §6
 */
import { transact, type Statements } from '#platform/db';
import { subjectIdText, uuidv7, type SubjectId, type Uuid } from '#platform/ids';

import { attachmentsGone } from './attachment-tags.ts';
import type { Core } from './core.ts';
import { encodeGone } from './seal-tags.ts';
import { subjectHash, type ErasureReceipt, type RESTRICTION_REASONS } from './shred.ts';
import {
  buryAgain,
  countKeyless,
  erasuresSince,
  forgetSubjects,
  pageOfSubjects,
  renewalsSince,
  restrictionRows,
  restrictionsMark,
  rowsOfSubjects,
  type Forgotten,
} from './store/forgotten.ts';
import { learnLookups } from './store/lookups.ts';
import { liftRestriction, restrictSubject } from './store/subjects.ts';
import { countRings, findWork, startWork } from './store/works.ts';
import { runWorks } from './works.ts';

export type ReplayErasure = Readonly<{ idHash: string; at: Date; epoch: number }>;
export type ReplayRestriction = Readonly<{ idHash: string; because: (typeof RESTRICTION_REASONS)[number] | null }>;
export type Replayed = Readonly<{
  /** Subjects of the ledger that had rows. */
  erased: number;
  records: number;
  restricted: number;
  /** Rows of erased subjects that are left, counted afterwards: 0. */
  remains: number;
}>;

const PAGE = 5000;
const BATCH = 200;
const ACTOR = { kind: 'system', id: 'restore' } as const;
/** Pseudonyms in one entry. */
const GONE_IN_ONE = 2000;

export async function replayLedger(
  core: Core,
  erasures: readonly ReplayErasure[],
  restrictions: readonly ReplayRestriction[],
): Promise<Replayed> {
  const erased = new Map(erasures.map((each) => [each.idHash, each]));
  const restricted = new Map(restrictions.map((each) => [each.idHash, each]));
  const done = { erased: 0, records: 0, restricted: 0, remains: 0 };
  for (let after: SubjectId | null = null; ;) {
    const page: SubjectId[] = await pageOfSubjects(core.db, after, PAGE);
    const last = page.at(-1);
    if (last === undefined) return done;
    after = last;
    const hashed = page.map((subjectId) => ({ subjectId, hash: subjectHash(core.installation, subjectId) }));
    const gone = hashed.flatMap(({ subjectId, hash }) => {
      const entry = erased.get(hash.toString('hex'));
      return entry === undefined ? [] : [{ subjectId, hash, entry }];
    });
    for (let at = 0; at < gone.length; at += BATCH) done.records += await eraseAgain(core, gone.slice(at, at + BATCH));
    done.erased += gone.length;
    done.remains += await rowsOfSubjects(
      core.db,
      gone.map(({ subjectId }) => subjectId),
    );
    for (const { subjectId, hash } of hashed) {
      const entry = restricted.get(hash.toString('hex'));
      if (entry !== undefined && !erased.has(entry.idHash))
        done.restricted += await restrictAgain(core, subjectId, entry);
    }
  }
}

type Gone = Readonly<{ subjectId: SubjectId; hash: Buffer; entry: ReplayErasure }>;

async function eraseAgain(core: Core, batch: readonly Gone[]): Promise<number> {
  return transact(core.db, async (tx) => {
    const mac = core.auditMac();
    const found = await forgetSubjects(
      tx,
      batch.map(({ subjectId }) => subjectId),
    );
    const ids = found.flatMap(({ subjectId, recordNos }) => recordNos.map((recordNo) => ({ subjectId, recordNo })));
    for (let at = GONE_IN_ONE; at < ids.length; at += GONE_IN_ONE) {
      const part = ids.slice(at, at + GONE_IN_ONE);
      await core.audit.appendIn(tx, { action: 'vault.delete', actor: ACTOR, outcome: 'done', detail: { records: part.length, gone: encodeGone(mac, part) } }); // prettier-ignore
    }
    for (const { subjectId, attachmentIds } of found) {
      if (attachmentIds.length > 0)
        await core.audit.appendIn(tx, { action: 'vault.detach', actor: ACTOR, subjects: [subjectId], outcome: 'done', detail: { attachments: attachmentIds.length, ...attachmentsGone(mac, subjectId, attachmentIds) } }); // prettier-ignore
    }
    const { index } = await core.audit.appendIn(tx, {
      action: 'vault.erase',
      actor: ACTOR,
      subjects: batch.map(({ subjectId }) => subjectId),
      outcome: 'done',
      detail: { records: ids.length, replayed: batch.length, gone: encodeGone(mac, ids.slice(0, GONE_IN_ONE)) },
    });
    for (const { subjectId, hash, entry } of batch) {
      const rows = found.find((each) => each.subjectId === subjectId);
      await buryAgain(tx, hash, entry.epoch, entry.at, receiptOf(entry, subjectId, rows, Number(index)));
      await core.keepers.gone(tx, { auditIndex: index, at: entry.at, cause: 'request', scope: 'subject', subjectId });
      core.keys.forget(subjectId);
    }
    return ids.length;
  });
}

const receiptOf = (entry: ReplayErasure, subjectId: SubjectId, rows: Forgotten | undefined, auditIndex: number): ErasureReceipt => ({
  receipt: 'strongroom/erasure/1', subjectId: subjectIdText(subjectId), erasedAt: entry.at.toISOString(),
  records: rows?.recordNos.length ?? 0, lookups: 0, tokens: rows?.tokens ?? 0, attachments: rows?.attachmentIds.length ?? 0,
  keyEpoch: entry.epoch, remains: 0, auditIndex,
}); // prettier-ignore

async function restrictAgain(core: Core, subjectId: SubjectId, { because }: ReplayRestriction): Promise<number> {
  return transact(core.db, async (tx) => {
    const changed =
      because === null
        ? await liftRestriction(tx, subjectId)
        : await restrictSubject(tx, subjectId, because, 'restore');
    if (!changed) return 0;
    const action = because === null ? 'vault.unrestrict' : 'vault.restrict';
    await core.audit.appendIn(tx, {
      action,
      actor: ACTOR,
      subjects: [subjectId],
      outcome: 'done',
      detail: because === null ? {} : { because },
    });
    return 1;
  });
}

/** What the ledger of backups is fed with: who was forgotten since, who is restricted now, and when keys were renewed; ids as hashes. */
export async function forgottenSince(db: Statements, installation: Uuid, since: Date, seen: string | null = null) {
  const erasures = await erasuresSince(db, since);
  const renewals = await renewalsSince(db, since);
  // asked before the rows are: what changes between is found the next time
  const mark = await restrictionsMark(db);
  if (mark === seen) return { erasures, restrictions: null, mark, renewals };
  const restrictions = (await restrictionRows(db)).map(({ subjectId, because, since: at }) => ({
    idHash: subjectHash(installation, subjectId).toString('hex'),
    because,
    at,
  }));
  return { erasures, restrictions, mark, renewals };
}

/** The search index made anew, which opens every record, and then every record compared with the log. */
export async function proveRestored(
  core: Core,
): Promise<{ records: number; keyless: number; verified: Record<string, unknown> }> {
  const keyless = await countKeyless(core.db);
  const run = async (what: 'index' | 'verify'): Promise<Record<string, unknown>> => {
    const work = await startWork(core.db, uuidv7(core.clock().getTime()), what, await countRings(core.db), 'restore');
    await runWorks(core, { stopped: () => false, rests: false });
    const done = await findWork(core.db, work.work_id);
    return { state: done?.state, ...done?.result };
  };
  const index = await run('index');
  await learnLookups(core.db);
  if (index.state !== 'done') return { records: 0, keyless, verified: { ok: false, index } };
  return { records: Number(index.records ?? 0), keyless, verified: await run('verify') };
}
