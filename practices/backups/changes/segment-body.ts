/** What a segment consists of while it is read: frames of messages, objects in the stores, the manifest last. */
import { uuidv7, type Uuid } from '#platform/ids';

import { backupsFailure } from '../failures.ts';
import { sha256Of, type SealedObject } from '../manifest.ts';
import { packFrame } from '../sealing/frames.ts';
import { letGo } from '../sealing/let-go.ts';
import { beatRun, failRun, finishRun, startRun, type RunPlane } from '../store/journal.ts'; // prettier-ignore
import { livingRecipients } from '../store/recipients.ts';
import { dropManifest, findSegment, noteSegment, type SegmentRun } from '../store/segments.ts';
import { deliverManifest, putEverywhere, randomName, type NamedTarget } from '../stores.ts';
import { packMessage } from './messages.ts';
import type { ReadingNeeds } from './reading.ts';
import { segmentName, signSegment } from './segment-manifest.ts';
import type { Told } from './split.ts';

/** So much text before it becomes a frame, so much of frames before it becomes an object. */
const FRAME_BYTES = 4 * 2 ** 20;
const OBJECT_BYTES = 8 * 2 ** 20;

export type Ends = Told & Readonly<{ timeline: Uuid; fromLsn: string; toLsn: string; readAt: Date | null }>;
type Part = { texts: Buffer[]; textBytes: number; frames: Buffer[]; frameBytes: number; objects: SealedObject[] };

export function segmentBody(needs: ReadingNeeds) {
  const { db, stores, sealer, clock, lockDays, stop = () => {} } = needs;
  const random = randomName();
  const part = (): Part => ({ texts: [], textBytes: 0, frames: [], frameBytes: 0, objects: [] });
  const parts: Readonly<Record<RunPlane, Part>> = { data: part(), key: part() };
  let run: SegmentRun | null = null;
  let recipients: readonly { recipient: string; fingerprint: string }[] = [];
  const totals = { rows: 0, bytes: 0, sealedBytes: 0, objects: 0, totalBytes: 0 };

  const begun = async (): Promise<SegmentRun> => {
    if (run !== null) return run;
    // who is trusted while it is read: one that is retired meanwhile opens this one still
    recipients = await livingRecipients(db);
    if (recipients.length === 0) throw backupsFailure('RECIPIENT_MISSING');
    const id = uuidv7(clock().getTime());
    const manifestName = (seq: bigint): string => segmentName(seq, random);
    if (!(await startRun(db, { id, plane: 'segment', startedBy: 'schedule', manifestName })))
      throw backupsFailure('RUN_BUSY');
    run = await findSegment(db, id);
    return run;
  };
  const seal = async (plane: RunPlane): Promise<void> => {
    const to = parts[plane];
    if (to.frames.length === 0) return;
    const { run_id: id } = await begun();
    const { bytes } = await sealer.seal(to.frames.splice(0), recipients.map(({ recipient }) => recipient)); // prettier-ignore
    to.frameBytes = 0;
    const name = `${plane}/changes/${random}-${to.objects.length}`;
    const at = await stores.of(plane);
    const stored = await putEverywhere({ db, stores: at, now: clock }, { run: id, name, bytes, lockDays: lockDays[plane] }, (where) => stop(`segment ${where}`)); // prettier-ignore
    letGo(bytes);
    to.objects.push({ name, sizeBytes: stored.sizeBytes, sha256: stored.sha256 });
    totals.sealedBytes += stored.sizeBytes;
    totals.objects += 1;
    await beatRun(db, id, totals);
  };
  const frame = async (plane: RunPlane): Promise<void> => {
    const to = parts[plane];
    if (to.textBytes === 0) return;
    // in memory of its own, so that it can be handed to another thread
    const content = Buffer.from(new ArrayBuffer(to.textBytes));
    let at = 0;
    for (const text of to.texts.splice(0)) at += text.copy(content, at);
    to.textBytes = 0;
    totals.bytes += content.length;
    const { bytes } = await sealer.pack('file:changes', content);
    to.frames.push(bytes);
    to.frameBytes += bytes.length;
    if (to.frameBytes >= OBJECT_BYTES) await seal(plane);
  };

  return {
    add: async (plane: RunPlane, message: Buffer): Promise<void> => {
      const to = parts[plane];
      to.texts.push(...packMessage(message));
      to.textBytes += message.length + 4;
      if (to.textBytes >= FRAME_BYTES) await frame(plane);
    },
    addFile: async (plane: RunPlane, name: string, content: Buffer, kind?: 'secret'): Promise<void> => {
      await frame(plane);
      const packed = packFrame(`file:${name}`, 0, content);
      if (kind === 'secret') content.fill(0);
      parts[plane].frames.push(packed);
      parts[plane].frameBytes += packed.length;
    },
    /** Keys are durable before the manifest that needs them. */
    store: async (ends: Ends): Promise<void> => {
      for (const plane of ['key', 'data'] as const) {
        await frame(plane);
        await seal(plane);
      }
      const row = await begun();
      totals.rows = ends.changes;
      await beatRun(db, row.run_id, totals);
      const [store] = await stores.of('data');
      const { timeline, fromLsn, toLsn, transactions, changes, newestXid } = ends;
      const [firstAt, lastAt] = [ends.firstAt as Date, ends.lastAt as Date];
      const bytes = signSegment(
        {
          installation: needs.installation,
          segment: row.run_id,
          timeline,
          seq: Number(row.seq),
          previous: row.previous,
          fromLsn,
          toLsn,
          firstAt: firstAt.toISOString(),
          lastAt: lastAt.toISOString(),
          readAt: ends.readAt?.toISOString() ?? null,
          transactions,
          changes,
          migrating: ends.migrating,
          storeTime: (await (store as NamedTarget).target.now()).toISOString(),
          objects: parts.data.objects,
          keyObjects: parts.key.objects,
          recipients: recipients.map(({ fingerprint }) => fingerprint),
        },
        await needs.signer(),
      );
      const noted = { bytes, sha256: sha256Of(bytes), keysSeq: null, ledgerSeq: 0n, joins: null };
      const kept = { run_id: row.run_id, timeline, seq: row.seq, from_lsn: fromLsn, to_lsn: toLsn, newest_xid: newestXid, first_at: firstAt, last_at: lastAt, transactions, changes: BigInt(changes) }; // prettier-ignore
      if (!(await noteSegment(db, noted, kept)))
        throw backupsFailure('RUN_BUSY', { detail: 'this segment was given up by another server' });
      await stop('segment signed');
      await deliverSegment(needs, { ...row, manifest: bytes, manifest_sha256: noted.sha256 });
      await stop('segment done');
    },
    /** A run whose manifest is signed goes on by itself. */
    fail: async (thrown: unknown): Promise<void> => {
      if (run !== null) await failRun(db, run.run_id, (thrown as { code?: string }).code ?? 'unknown');
    },
  };
}

/** Brings a signed segment to where it belongs; may be done again. */
export async function deliverSegment(needs: ReadingNeeds, run: SegmentRun): Promise<void> {
  const { db, stores, clock, lockDays, stop = () => {} } = needs;
  const at = await stores.of('data');
  await deliverManifest({ db, stores: at, now: clock }, run, lockDays.data, (where) => stop(`segment ${where}`));
  await finishRun(db, run.run_id);
  await dropManifest(db, run.run_id);
}
