/**
 * Reading attachments, the way of every read: decide → audit → open. One decision and one entry for a list, one for a
 * file. Whoever may see the class only masked is told that a file is there, and neither its name nor its content.
 */
import { transact, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import { recordIdText, type RecordId, type Uuid } from '#platform/ids';
import type { Decision } from '#practices/access';

import { dropUnusedAttachmentKeys, findByName, keyOfAttachment } from './attachment-keys.ts';
import { openManifest, type AttachmentManifest } from './attachment-manifest.ts';
import { attachmentsGone } from './attachment-tags.ts';
import { attachmentIdText, attachmentsOf } from './attach.ts';
import { consentFacts } from './consents.ts';
import {
  denied,
  collectionByNo,
  decisionOf,
  eventOf,
  purposeOf,
  refuseHeld,
  requireAction,
  withoutGrants,
  type Caller,
  type Core,
} from './core.ts';
import { isDamaged } from './damaged.ts';
import { decidedAnew } from './decided-anew.ts';
import { vaultFailure } from './failures.ts';
import { ATTACHMENTS } from './keepers.ts';
import { lockRecord } from './patch.ts';
import { isStopped } from './stopped-uses.ts';
import { readContent, type ByteRange } from './read-content.ts';
import {
  deleteAttachment,
  deleteLoose,
  loadAttachments,
  looseSince,
  type AttachmentsOfRecord,
  type StoredAttachment,
} from './store/attachments.ts';
import { lockRings } from './store/rings.ts';
import type { OpenRing } from './subject-keys.ts';

/** Which attachment of a record: by its id, or by its name. */
export type WhichAttachment = Readonly<{ attachmentId: Uuid }> | Readonly<{ name: string }>;
export type ListedAttachment = Readonly<{
  id: string;
  state: 'clear' | 'masked' | 'denied';
  name?: string;
  type?: string;
  sha256?: string;
  sizeBytes: number;
  createdAt: string;
}>;
export type OpenedAttachment = AttachmentManifest &
  Readonly<{
    id: string;
    sizeBytes: number;
    auditIndex: bigint;
    /**
     * Whole, or a range of it; every piece was authenticated. Ends with a failure when what is stored was changed.
     * @param again who asks, looked up again: a long transfer ends when it would not be allowed any more
     */
    content: (range?: ByteRange, again?: () => Promise<Caller>) => AsyncGenerator<Buffer>;
  }>;

/** How long chunks without an attachment stay: an upload may pause so long, and a download of a replaced file take so long. */
const LOOSE_MS = 60 * 60_000;

/** @throws VAULT_PURPOSE_MISSING, VAULT_DENIED, VAULT_RESTRICTED, VAULT_NOT_FOUND, VAULT_ATTACHMENTS_UNDECLARED */
export async function listAttachments(
  core: Core,
  caller: Caller,
  id: RecordId,
): Promise<{ attachments: ListedAttachment[]; auditIndex: bigint }> {
  const decided = await decideOn(core, caller, 'vault.attachments', id, null);
  const { found, state, log } = await counted(core, decided, decided.found.attachments.length === 0 ? 0 : 1);
  const auditIndex = await log('done', { attachments: found.attachments.length, shown: state });
  const ring = state === 'clear' ? await core.keys.open(id.subjectId, found.ring) : null;
  const attachments = found.attachments.map((row) => ({
    id: attachmentIdText(row.publicId),
    state,
    ...(ring === null ? {} : manifestOf(core, ring, row)),
    sizeBytes: row.sizeBytes,
    createdAt: row.createdAt.toISOString(),
  }));
  return { attachments, auditIndex };
}

/**
 * @throws what `listAttachments` throws, VAULT_ATTACHMENT_NOT_FOUND, SEALING_ATTACHMENT_REFUSED
 */
export async function openAttachment(
  core: Core,
  caller: Caller,
  id: RecordId,
  which: WhichAttachment,
): Promise<OpenedAttachment> {
  const only = 'attachmentId' in which ? which.attachmentId : null;
  const decided = await decideOn(core, caller, 'vault.download', id, only);
  const { found } = decided;
  // the keys are opened to find the row by its name; what they sealed is not, before the read is counted and the entry durable
  const ring = decided.state === 'clear' ? await core.keys.open(id.subjectId, found.ring) : null;
  const row = ring === null ? undefined : rowOf(ring, found, which);
  const { state, log } = await counted(core, decided, row === undefined ? 0 : 1);
  if (ring === null || state !== 'clear') {
    const auditIndex = await log('denied', { shown: state });
    throw vaultFailure('DENIED', {
      detail: 'attachments of this collection are of a class, or for purposes, that this role does not see in clear',
      extra: { auditIndex: Number(auditIndex) },
    });
  }
  if (row === undefined) {
    await log('failed', {});
    throw vaultFailure('ATTACHMENT_NOT_FOUND');
  }
  const attachment = attachmentIdText(row.publicId);
  const auditIndex = await log('done', { attachment, sizeBytes: row.sizeBytes });
  try {
    const manifest = manifestOf(core, ring, row);
    const key = keyOfAttachment(ring, row.keyVersion);
    const content: OpenedAttachment['content'] = (range, again = () => Promise.resolve(caller)) => {
      const decide = () => decideAgain(core, { caller, id, row, log }, again);
      return watched(decidedAnew(readContent(core, row, key, range), decide), log, attachment);
    };
    return { id: attachment, ...manifest, sizeBytes: row.sizeBytes, auditIndex, content };
  } catch (thrown) {
    throw await refused(log, attachment, thrown);
  }
}

/** As the first decision, for the rest of a transfer. @throws what it threw, and what `again` throws, after logging it */
async function decideAgain(
  core: Core,
  { caller: first, id, row, log }: Readonly<{ caller: Caller; id: RecordId; row: StoredAttachment; log: Log }>,
  again: () => Promise<Caller>,
): Promise<void> {
  const attachment = attachmentIdText(row.publicId);
  const caller = await again().catch(async (thrown: unknown) => {
    if (isFailure(thrown)) await log('denied', { attachment, code: thrown.code });
    throw thrown;
  });
  // a grant whose last read this is has been used up by it, and still stands for the rest
  const grants = [...(caller.actor.grants ?? []), ...(first.actor.grants ?? [])];
  const by = { ...caller, actor: { ...caller.actor, grants } };
  const now = await counted(core, await decideOn(core, by, 'vault.download', id, row.attachmentId), 0);
  if (now.state === 'clear') return;
  await now.log('denied', { attachment, shown: now.state });
  throw vaultFailure('DENIED');
}

/** Of a file that was changed somebody must hear, also when the answer has begun and cannot tell it any more. */
async function refused(log: Log, attachment: string, thrown: unknown): Promise<unknown> {
  if (isFailure(thrown, 'SEALING_ATTACHMENT_REFUSED')) await log('failed', { attachment, code: thrown.code });
  return thrown;
}

async function* watched(content: AsyncGenerator<Buffer>, log: Log, attachment: string): AsyncGenerator<Buffer> {
  try {
    yield* content;
  } catch (thrown) {
    throw await refused(log, attachment, thrown);
  }
}

/** @throws VAULT_DENIED, VAULT_RESTRICTED, VAULT_NOT_FOUND, VAULT_ATTACHMENT_NOT_FOUND */
export async function detach(
  core: Core,
  caller: Caller,
  ask: Readonly<{ id: RecordId; which: WhichAttachment; remember?: (tx: Tx, gone: Detached) => Promise<void> }>,
): Promise<Detached> {
  const { id, which } = ask;
  const { subjectId } = id;
  return transact(core.db, async (tx) => {
    const { collection, held } = await lockRecord(core, tx, caller, 'records.delete', id, null);
    const found = await loadAttachments(tx, id, 'attachmentId' in which ? which.attachmentId : null);
    const ring = await core.keys.open(subjectId, held.ring);
    const row = found === null ? undefined : rowOf(ring, found, which);
    if (row === undefined) throw vaultFailure('ATTACHMENT_NOT_FOUND');
    await refuseHeld(core, tx, { ...id, collections: [collection.name], fields: [ATTACHMENTS] });
    await deleteAttachment(tx, { subjectId, attachmentId: row.attachmentId });
    await dropUnusedAttachmentKeys(core, tx, subjectId);
    const mac = core.auditMac();
    const attachmentId = attachmentIdText(row.publicId);
    const entry = eventOf(caller, {
      action: 'vault.detach', purpose: caller.purpose, subjects: [subjectId], outcome: 'done',
      detail: { collection: collection.name, attachment: attachmentId, ...attachmentsGone(mac, subjectId, [row.attachmentId]) },
    }); // prettier-ignore
    const gone = { id: attachmentId, auditIndex: (await core.audit.appendIn(tx, entry)).index };
    const parts = [{ id, collection: collection.name, fields: [ATTACHMENTS] }];
    await core.keepers.gone(tx, {
      auditIndex: gone.auditIndex,
      at: core.clock(),
      cause: 'request',
      scope: 'fields',
      parts,
    });
    await ask.remember?.(tx, gone);
    return gone;
  });
}
export type Detached = Readonly<{ id: string; auditIndex: bigint }>;

/** Takes away what uploads left behind, and what was replaced long enough ago; old keys go with their last chunks. */
export async function sweepLooseAttachments(core: Core): Promise<number> {
  const before = new Date(core.clock().getTime() - LOOSE_MS);
  const loose = await looseSince(core.db, before, 500);
  for (const { why, ...place } of loose) {
    await transact(core.db, async (tx) => {
      // the ring first, as everybody does who writes for a subject
      await lockRings(tx, [place.subjectId]);
      if (!(await deleteLoose(tx, place, why))) return;
      try {
        await dropUnusedAttachmentKeys(core, tx, place.subjectId);
      } catch (thrown) {
        // of a ring that does not open no key can be taken; what it sealed goes, and everybody else's
        if (!isDamaged(thrown)) throw thrown;
      }
    });
  }
  return loose.length;
}

type Log = (outcome: 'done' | 'denied' | 'failed', detail: Record<string, string | number>) => Promise<bigint>;

type Decided = Readonly<{
  found: AttachmentsOfRecord;
  state: ReturnType<Decision['field']>;
  /** What made it so; counted on none of them yet. */
  grantIds: readonly string[];
  log: Log;
  /** As it is decided without any of them. @throws what `decideOn` throws */
  without: () => Promise<Decided>;
}>;

/** Loads, decides, and gives what writes the one entry of this read. Logs and throws a refusal of the whole record itself. */
async function decideOn(
  core: Core,
  caller: Caller,
  action: 'vault.attachments' | 'vault.download',
  id: RecordId,
  only: Uuid | null,
): Promise<Decided> {
  const purpose = purposeOf(core, caller);
  const found = await loadAttachments(core.db, id, only);
  if (found === null) {
    await requireAction(core, caller, { action: 'records.read', purpose });
    throw vaultFailure('NOT_FOUND', { extra: { id: recordIdText(id) } });
  }
  const collection = collectionByNo(core, found.collectionNo);
  const restricted = found.restricted !== null;
  const decideAs = (actor: Caller['actor']): Decision =>
    core.decide({ actor, action: 'records.read', purpose, collection, restricted, ...consentFacts(core, purpose, found.consents), subject: id.subjectId }); // prettier-ignore
  const decide = async (actor: Caller['actor']): Promise<Decided> => {
    const decision = decideAs(actor);
    const log: Log = async (outcome, detail) => {
      const event = eventOf(caller, {
        action, purpose, subjects: [id.subjectId], classes: collection.attachments === null ? [] : [collection.attachments.class], outcome,
        // read last: policies that decided on the class are among them once it was asked about
        decision: { ...decisionOf(decision), allow: decision.allow && outcome !== 'denied' },
        detail: { collection: collection.name, ...detail },
      });
      return (await core.audit.append(event)).index;
    };
    if (!decision.allow) {
      const auditIndex = await log('denied', {});
      const more = { detail: decision.because, extra: { auditIndex: Number(auditIndex) } };
      throw restricted ? vaultFailure('RESTRICTED', more) : denied(decision, more);
    }
    const spec = attachmentsOf(collection);
    const ended = isStopped(found.stopped, { ...spec, name: ATTACHMENTS }, { purpose, role: actor.role });
    const state = ended ? 'denied' : decision.field(spec);
    return { found, state, grantIds: decision.grantIds, log, without: () => decide(withoutGrants({ ...caller, actor }).actor) };
  }; // prettier-ignore
  return decide(await core.reading(caller.actor, 'records.read', [id.subjectId], (actor) => decideAs(actor).allow));
}

/**
 * Counts a read under the grants that made it so, before anything is opened; a grant that has ended meanwhile shows nothing.
 * @param reads 0 where nothing is shown, or it was counted before: then it only has to stand
 */
async function counted(core: Core, decided: Decided, reads: 0 | 1): Promise<Decided> {
  const { grantIds, without } = decided;
  if (grantIds.length === 0 || (await core.spendGrants(new Map(grantIds.map((each) => [each, reads]))))) return decided;
  return await without();
}

function rowOf(ring: OpenRing, found: AttachmentsOfRecord, which: WhichAttachment): StoredAttachment | undefined {
  if ('name' in which) return findByName(ring, found.attachments, which.name);
  return found.attachments.find((row) => row.publicId === which.attachmentId);
}

const manifestOf = (core: Core, ring: OpenRing, row: StoredAttachment): AttachmentManifest =>
  openManifest(keyOfAttachment(ring, row.keyVersion), core.installation, row, row.manifest);
