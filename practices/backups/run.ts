/**
 * One backup of one plane: everything from one snapshot, the manifest last. Before the manifest is signed there is no backup;
 * from then on there will be one: who is killed before the stores have it is followed by whoever sweeps.
 *
 * Order: snapshot → objects → (data) a key backup, taken after the snapshot began and durable before the manifest, so that
 * keys cover data → details → manifest.
 */
import type { Db, DbAddress, Statements } from '#platform/db';
import { uuidv7, type Uuid } from '#platform/ids';

import { backupsFailure } from './failures.ts';
import {
  manifestName,
  sha256Of,
  signManifest,
  type Details,
  type Manifest,
  type SealedObject,
  type TableDetails,
} from './manifest.ts';
import type { TablePart } from './sealing/copying.ts';
import { packFrame } from './sealing/frames.ts';
import { letGo } from './sealing/let-go.ts';
import { rowSums, type RowSums } from './sealing/row-sums.ts';
import type { Sealer } from './sealing/sealer.ts';
import type { Signer } from './signed.ts';
import { appliedMigrations, tablesOf } from './store/catalogue.ts';
import { holderOf, holdTables, partsOf, rewritten, waitedFor, withSnapshot, type Snapshot } from './store/copy-out.ts';
import {
  beatRun,
  failRun,
  findRun,
  finishRun,
  noteManifest,
  startRun,
  type RunPlane,
  type RunRow,
} from './store/journal.ts';
import { sequenceValues, slotRow, snapshotText } from './store/slot.ts';
import { openReaders } from './store/readers.ts';
import { firstNeeded } from './store/segments.ts';
import { seenBy } from './changes/seen-by.ts';
import { isAnybodyTrusted, livingRecipients, retireDrills } from './store/recipients.ts';
import { deliverManifest, putEverywhere, randomName, type NamedTarget, type Stores } from './stores.ts';

export type RunNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  installation: string;
  signer: () => Promise<Signer>;
  stores: Stores;
  sealer: Sealer;
  /** Where the database is that is read. */
  address: DbAddress;
  /** The vault's keys, taken out of their wrapping in this snapshot. */
  takeKeys: (tx: Statements) => Promise<object>;
  /** Files of the home that a restore needs: the catalogue, settings. Never keys. */
  files: () => Promise<readonly Readonly<{ name: string; content: Buffer }>[]>;
  /** Entries of the ledger that are in its stores. */
  ledgerSeq: () => Promise<bigint>;
  lockDays: Readonly<Record<RunPlane, number>>;
  /** Where a test may kill the run, or do something meanwhile. */
  stop?: (at: string) => void | Promise<void>;
}>;

/** @throws BACKUPS_RUN_BUSY, BACKUPS_RECIPIENT_MISSING, BACKUPS_TABLE_UNDECLARED, BACKUPS_TARGET_*, … after noting the failure */
export async function runBackup(needs: RunNeeds, plane: RunPlane, startedBy: string, id?: Uuid): Promise<RunRow> {
  const run = id ?? (await beginRun(needs, plane, startedBy));
  try {
    await carryOut(needs, plane, run, startedBy);
  } catch (thrown) {
    await failRun(needs.db, run, codeOf(thrown));
    throw thrown;
  }
  return (await findRun(needs.db, run)) as RunRow;
}

const codeOf = (thrown: unknown): string => (thrown as { code?: string }).code ?? 'unknown';

/** @throws BACKUPS_RUN_BUSY, BACKUPS_RECIPIENT_MISSING */
export async function beginRun({ db, clock }: RunNeeds, plane: RunPlane, startedBy: string): Promise<Uuid> {
  if (!(await isAnybodyTrusted(db))) throw backupsFailure('RECIPIENT_MISSING');
  const id = uuidv7(clock().getTime());
  const random = randomName();
  if (!(await startRun(db, { id, plane, startedBy, manifestName: (seq) => manifestName(plane, seq, random) })))
    throw backupsFailure('RUN_BUSY');
  return id;
}

type Totals = { rows: number; bytes: number; sealedBytes: number; objects: number; totalBytes: number };

async function carryOut(needs: RunNeeds, plane: RunPlane, id: Uuid, startedBy: string): Promise<void> {
  const { db, clock, stores, sealer, lockDays, stop = () => {} } = needs;
  const row = (await findRun(db, id)) as RunRow;
  const living = await livingRecipients(db);
  const recipients = living.map(({ recipient }) => recipient);
  const fingerprints = living.map(({ fingerprint }) => fingerprint);
  const at = await stores.of(plane);
  const pool = openReaders(needs.address, 1);
  const totals: Totals = { rows: 0, bytes: 0, sealedBytes: 0, objects: 0, totalBytes: 0 };
  const objects: SealedObject[] = [];
  const put = async (name: string, bytes: Buffer): Promise<SealedObject> => {
    const stored = await putEverywhere(
      { db, stores: at, now: clock },
      { run: id, name, bytes, lockDays: lockDays[plane] },
      stop,
    );
    letGo(bytes);
    totals.sealedBytes += stored.sizeBytes;
    totals.objects += 1;
    await beatRun(db, id, totals);
    return { name, sizeBytes: stored.sizeBytes, sha256: stored.sha256 };
  };
  let beating: Promise<void> = Promise.resolve();
  /** Looks whether somebody waits for what is held. */
  let onBeat: () => Promise<void> = () => Promise.resolve();
  const beat = setInterval(() => {
    beating = Promise.all([beatRun(db, id, totals), onBeat()]).then(
      () => undefined,
      () => undefined,
    );
  }, 5000);
  try {
    const written = await withSnapshot(pool, async (leader, snapshot) => {
      await stop('snapshot');
      const shapes = await tablesOf(leader, plane);
      const tables = shapes.map(({ table }) => table);
      await holdTables(leader, db, tables);
      await stop('held');
      const parts = partsOf(plane === 'key' ? shapes.filter(({ table }) => table === 'vault.keyrings') : shapes);
      totals.totalBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
      const sums = tableSums(shapes);
      const extra = plane === 'key' ? [keysFrame(await needs.takeKeys(leader))] : (await needs.files()).map(fileFrame);
      const [queue, copying] = [[...parts], { stopped: false }];
      const holder = await holderOf(leader);
      let inTheWay: Error | null = null;
      onBeat = async () => {
        const table = await waitedFor(db, holder);
        if (table === null) return;
        inTheWay ??= rewritten(table);
        copying.stopped = true;
      };
      const copy = (first: readonly Buffer[]): Promise<void> =>
        sealer.copy(
          { address: needs.address, snapshot: snapshot.id, tables, recipients, first },
          {
            next: () => (copying.stopped ? null : (queue.shift() ?? null)),
            take: async ({ bytes, textBytes, tables }) => {
              // whoever failed is told of; what the others have goes nowhere
              if (copying.stopped) throw new Error('another reader failed');
              totals.bytes += textBytes;
              totals.rows += tables.reduce((sum, { rows }) => sum + rows, 0);
              sums.add(tables, objects.push(await put(`${plane}/objects/${randomName()}`, bytes)) - 1);
            },
          },
        );
      await all(
        Array.from({ length: sealer.threads }, (_, n) => copy(n === 0 ? extra : [])),
        () => (copying.stopped = true),
      ).catch((thrown: unknown) => {
        throw inTheWay ?? thrown;
      });
      if (inTheWay !== null) throw inTheWay as Error;
      const [joins, sequences] = [await joinedBy(leader), await sequenceValues(leader)];
      return { snapshot, joins, sequences, tables: sums.details(), migrations: await appliedMigrations(leader) };
    });
    await stop('objects');
    const keys = plane === 'data' ? await coveringKeys(needs, written.snapshot, startedBy) : null;
    const details: Details = {
      format: 'strongroom/backup-details/1',
      tables: written.tables,
      migrations: written.migrations,
      snapshot: written.joins?.snapshot ?? null,
      sequences: written.sequences,
    };
    const sealed = await sealer.seal(
      [packFrame('file:details.json', 0, Buffer.from(JSON.stringify(details)))],
      recipients,
    );
    const detailsObject = await put(`${plane}/objects/${randomName()}`, sealed.bytes);
    await stop('details');
    const ledgerSeq = await needs.ledgerSeq();
    const manifest: Omit<Manifest, 'format'> = {
      plane,
      installation: needs.installation,
      backup: id,
      seq: Number(row.seq),
      previous: row.previous,
      startedAt: written.snapshot.at.toISOString(),
      finishedAt: clock().toISOString(),
      storeTime: (await (at[0] as NamedTarget).target.now()).toISOString(),
      lsn: written.snapshot.lsn,
      migrations: written.migrations.map(({ schema, number, sha256 }) => ({ schema, number, sha256 })),
      keys: keys && { seq: Number(keys.seq), sha256: keys.manifest_sha256 as string },
      segments: written.joins && { timeline: written.joins.timeline, from: Number(written.joins.from) },
      ledgerSeq: Number(ledgerSeq),
      objects,
      details: detailsObject,
      recipients: fingerprints,
    };
    const bytes = signManifest(manifest, await needs.signer());
    const noted = { bytes, sha256: sha256Of(bytes), keysSeq: keys?.seq ?? null, ledgerSeq, joins: written.joins };
    // another server took this one for dead: its own backup has this number now
    if (!(await noteManifest(db, id, noted)))
      throw backupsFailure('RUN_BUSY', { detail: 'this backup was given up by another server' });
    await stop('signed');
    await deliverManifest(
      { db, stores: at, now: clock },
      { ...row, manifest: bytes, manifest_sha256: noted.sha256 },
      lockDays[plane],
      stop,
    );
    await stop('manifest');
    await finishRun(db, id);
    // its keys were sealed to the same ones just before
    if (plane === 'data') await retireDrills(db, fingerprints);
    await stop('done');
  } finally {
    clearInterval(beat);
    // one that is under way must not arrive after this run was given up: it would look alive
    await beating;
    await pool.end({ timeout: 1 });
  }
}

/** Which segments go on where this snapshot ends: asked in it. Null: none do. */
async function joinedBy(leader: Statements): Promise<{ timeline: Uuid; from: bigint; snapshot: string } | null> {
  const slot = await slotRow(leader);
  if (slot === null || slot.ready_at === null) return null;
  const snapshot = await snapshotText(leader);
  return { timeline: slot.timeline, from: await firstNeeded(leader, slot.timeline, seenBy(snapshot).xmin), snapshot };
}

/** A key backup that began after this snapshot: it has the keys of everything that is in it. */
async function coveringKeys(needs: RunNeeds, snapshot: Snapshot, startedBy: string): Promise<RunRow> {
  try {
    return await runBackup(needs, 'key', startedBy);
  } catch (thrown) {
    // another one is being taken: it may have begun before the snapshot, so it does not count
    throw (thrown as { code?: string }).code === 'BACKUPS_RUN_BUSY'
      ? backupsFailure('RUN_BUSY', {
          detail: `keys are being backed up since before ${snapshot.at.toISOString()}`,
          cause: thrown,
        })
      : thrown;
  }
}

const keysFrame = (keys: object): Buffer => packFrame('file:keys.json', 0, Buffer.from(JSON.stringify(keys)));
const fileFrame = ({ name, content }: { name: string; content: Buffer }): Buffer =>
  packFrame(`file:${name}`, 0, content);

/** Waits for every one, so that none goes on behind its back; the first that failed is thrown. */
async function all(work: readonly Promise<void>[], onFailure: () => void): Promise<void> {
  let first: { thrown: unknown } | null = null;
  await Promise.all(
    work.map((each) =>
      each.catch((thrown: unknown) => {
        first ??= { thrown };
        onFailure();
      }),
    ),
  );
  if (first !== null) throw (first as { thrown: unknown }).thrown;
}

function tableSums(shapes: readonly { table: string; columns: readonly string[] }[]) {
  type Kept = { rows: number; bytes: number; sums: RowSums; objects: Set<number> };
  const kept = new Map<string, Kept>(
    shapes.map(({ table }) => [table, { rows: 0, bytes: 0, sums: rowSums(), objects: new Set() }]),
  );
  return {
    add: (parts: readonly TablePart[], object: number): void => {
      for (const { table, rows, bytes, sum } of parts) {
        const one = kept.get(table) as Kept;
        one.rows += rows;
        one.bytes += bytes;
        one.sums.merge(sum);
        one.objects.add(object);
      }
    },
    details: (): TableDetails[] =>
      shapes.map(({ table, columns }) => {
        const { rows, bytes, sums, objects } = kept.get(table) as Kept;
        return { table, columns, rows, bytes, sum: sums.value(), objects: [...objects].toSorted((a, b) => a - b) };
      }),
  };
}
