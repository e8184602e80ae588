/**
 * From stores and shares to a system that may be promoted. It fails closed: whatever is missing, old, changed or not proven
 * ends it, and what is in the home then is in quarantine: no server starts on it.
 *
 * QUARANTINE → verify → schema → rows → compare → keys → migrate forward → replay the ledger → prove → rebuild → attest → PROMOTE
 */
import type { Db } from '#platform/db';

import { backupsFailure } from '../failures.ts';
import type { LedgerEntry } from '../ledger.ts';
import { partOf, type GonePart } from '../ledger-parts.ts';
import type { Manifest } from '../manifest.ts';
import { PLANES } from '../planes.ts';
import { refuseRenewed } from '../renewals.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { signDocument, type Signer } from '../signed.ts';
import type { AppliedSql } from '../store/catalogue.ts';
import { compareTables } from '../store/compare.ts';
import { importTable, settleDown } from '../store/import.ts';
import { adopt } from './adopt.ts';
import { followChanges, planSegments, type Followed } from './follow.ts';
import { takeOver } from './take-over.ts';
import { openContent, type Content } from './content.ts';
import { findBackup, type FindAsk } from './find.ts';

export type Replayed = Readonly<{ erased: number; records: number; restricted: number; remains: number }>;
/** Persons who do not exist: those that were erased are gone, the others open to what was written. */
export type CanaryProof = Readonly<{ erased: number; gone: number; living: number; whole: number }>;
export type Proof = Readonly<{ records: number; keyless: number; verified: Readonly<Record<string, unknown>> }>;

export type PartsReplayed = Readonly<{ records: number; fields: number }>;

/** The system that the rows came into, wired and without a listener. */
export type Restored = Readonly<{
  db: Db;
  replay: (
    erasures: readonly Readonly<{ idHash: string; at: Date; epoch: number }>[],
    restrictions: readonly Readonly<{ idHash: string; because: string | null }>[],
  ) => Promise<Replayed>;
  /** Records and fields that went after the rows were as they are. */
  replayParts: (parts: readonly GonePart[]) => Promise<PartsReplayed>;
  prove: () => Promise<Proof>;
  /** Of a drill. */
  canaries: () => Promise<CanaryProof | null>;
  signer: () => Promise<Signer>;
  append: (detail: Readonly<Record<string, string | number | boolean>>) => Promise<void>;
  close: () => Promise<void>;
}>;

export type RestoreNeeds = Readonly<{
  sealer: Sealer;
  clock: () => Date;
  /** An empty database in the home. */
  startDatabase: () => Promise<{ db: Db; stop: () => Promise<void> }>;
  /** Our migrations, up to those that are named. @throws DB_* */
  migrateTo: (db: Db, wanted: readonly AppliedSql[]) => Promise<void>;
  /** What this program's migrations are. */
  ownMigrations: () => Promise<readonly Readonly<{ schema: string; number: number; sha256: string }>[]>;
  /** Taken one after the other: the newest is what holds, older ones have what rings may still stand under. */
  putKeys: (db: Db, escrows: readonly unknown[]) => Promise<void>;
  putFiles: (files: ReadonlyMap<string, Buffer>) => Promise<void>;
  /** Starts the system on the home: migrates forward, listens nowhere. */
  startSystem: () => Promise<Restored>;
  onStep: (step: string, done: number, of: number) => void;
  stop?: (at: string) => void | Promise<void>;
}>;

/** Of the stores, as they are in the settings: what lies there is pruned by the restored system. */
type Addresses = Readonly<{ data: string; key: string }>;

export type Attestation = Readonly<{
  format: 'strongroom/restore/1';
  installation: string;
  backup: string;
  backupSeq: number;
  backupAt: string;
  /** What is in it was committed until then. */
  restoredTo: string;
  /** Change segments behind the snapshot; null: it is the snapshot alone. */
  segments: Readonly<{ data: Followed; key: Followed }> | null;
  keySeq: number;
  ledgerSeq: number;
  ledgerHash: string;
  restoredAt: string;
  tables: number;
  rows: number;
  erasures: Replayed & Readonly<{ known: number }>;
  /** Records deleted and fields removed since, gone again. */
  partly: PartsReplayed & Readonly<{ known: number }>;
  proof: Proof;
  /** Of a drill; null: it had none. */
  canaries: CanaryProof | null;
  passed: boolean;
  seconds: number;
}>;

export type RestoreAsk = FindAsk &
  Readonly<{
    identity: string;
    addresses: Addresses;
    /** `segments`: on to that time, or to the end. `snapshot`: what was committed after it is left out, also where there are segments. */
    points?: 'segments' | 'snapshot';
  }>;

/** @returns the signed attestation @throws BACKUPS_*, DB_* */
export async function restore(
  needs: RestoreNeeds,
  ask: RestoreAsk,
): Promise<{ attestation: Attestation; signed: Buffer }> {
  const { onStep, clock, sealer, stop = () => {} } = needs;
  const began = performance.now();
  onStep('verify', 0, 1);
  const found = await findBackup(ask);
  const own = await needs.ownMigrations();
  refuseNewer(found.data.manifest.migrations, own);
  const data = await openContent({ target: ask.stores.data, sealer, identity: ask.identity }, found.data);
  const key = await openContent({ target: ask.stores.key, sealer, identity: ask.identity }, found.key);
  const plan = await planSegments(ask, found, { data: data.details, key: key.details });
  // before there is a database: which rows there will be, and under which keys, is known now
  refuseRenewed(found.ledger.entries, plan === null ? new Date(found.data.manifest.startedAt) : ask.at);
  await stop('verified');

  let followed: Readonly<{ data: Followed; key: Followed }> | null = null;
  const { db, stop: stopDatabase } = await needs.startDatabase();
  try {
    onStep('schema', 0, 1);
    await needs.migrateTo(db, data.details.migrations);
    await stop('schema');
    const schema = [...data.details.migrations];
    const migrate = async (applied: readonly AppliedSql[]): Promise<void> => {
      refuseNewer(applied, own);
      schema.push(...applied);
      await needs.migrateTo(db, schema);
    };
    await importAll(needs, db, data, 'data');
    await stop('rows');
    const changes = await followChanges(needs, db, plan, 'data', migrate);
    await stop('changes');
    await importAll(needs, db, key, 'key');
    const keyChanges = await followChanges(needs, db, plan, 'key', migrate);
    const escrow = (await key.files()).get('keys.json');
    if (escrow === undefined) throw backupsFailure('OBJECT_DAMAGED', { detail: 'the key backup has no keys' });
    const escrows = [escrow, ...keyChanges.escrows];
    await needs.putKeys(db, escrows.map((bytes) => JSON.parse(bytes.toString('utf8')) as unknown)); // prettier-ignore
    for (const bytes of escrows) bytes.fill(0);
    followed = { data: changes.followed, key: keyChanges.followed };
    await needs.putFiles(await data.files());
    onStep('settle', 0, 1);
    await settleDown(db);
    await stop('keys');
  } finally {
    await stopDatabase();
  }
  await stop('settled');

  onStep('start', 0, 1);
  const system = await needs.startSystem();
  try {
    const { entries, beat } = found.ledger;
    await takeOver(system.db, entries);
    await adopt(system.db, ask, found, plan?.refs ?? []);
    onStep('replay', 0, entries.length);
    const { erasures, restrictions } = whatHolds(entries);
    const replayed = await system.replay(erasures, restrictions);
    const restoredTo = followed?.data.lastAt ?? found.data.manifest.startedAt;
    const parts = partsBehind(entries, new Date(restoredTo));
    const partly = { known: parts.length, ...(await system.replayParts(parts)) };
    await stop('replayed');
    onStep('prove', 0, 1);
    const proof = await system.prove();
    const canaries = await system.canaries();
    await stop('proven');
    onStep('write down', 0, 1);
    await settleDown(system.db);
    const { tables } = data.details;
    const attestation: Attestation = {
      format: 'strongroom/restore/1',
      installation: found.data.manifest.installation,
      backup: found.data.manifest.backup,
      backupSeq: found.data.manifest.seq,
      backupAt: found.data.manifest.startedAt,
      restoredTo,
      segments: plan === null ? null : followed,
      keySeq: found.key.manifest.seq,
      ledgerSeq: entries.length,
      ledgerHash: beat.ledgerHash,
      restoredAt: clock().toISOString(),
      tables: tables.length,
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      erasures: { known: erasures.length, ...replayed },
      partly,
      proof,
      canaries,
      passed: replayed.remains === 0 && proof.verified.ok === true && isKept(canaries),
      seconds: Math.round((performance.now() - began) / 100) / 10,
    };
    await system.append({
      seq: attestation.backupSeq,
      backup: attestation.backup,
      erased: replayed.erased,
      passed: attestation.passed,
    });
    return { attestation, signed: signDocument(attestation, await system.signer()) };
  } finally {
    await system.close();
  }
}

/** What a drill's canaries must show for it to pass. */
export const isKept = (canaries: CanaryProof | null): boolean =>
  canaries === null ||
  (canaries.erased > 0 &&
    canaries.gone === canaries.erased &&
    canaries.living > 0 &&
    canaries.whole === canaries.living);

/** @throws BACKUPS_SCHEMA_NEWER when the backup was made by a program that knows more than this one */
function refuseNewer(
  wanted: Manifest['migrations'],
  own: readonly { schema: string; number: number; sha256: string }[],
): void {
  // prettier-ignore
  const known = new Map(own.map((each) => [`${each.schema}/${each.number}`, each.sha256]));
  for (const { schema, number, sha256 } of wanted) {
    const mine = known.get(`${schema}/${number}`);
    if (mine === undefined)
      throw backupsFailure('SCHEMA_NEWER', {
        detail: `the backup has ${schema} migration ${number}, this program has not`,
      });
    if (mine !== sha256)
      throw backupsFailure('SCHEMA_NEWER', {
        detail: `${schema} migration ${number} of the backup is another than this program's`,
      });
  }
}

async function importAll(needs: RestoreNeeds, db: Db, content: Content, plane: 'data' | 'key'): Promise<void> {
  const wanted = content.details.tables.filter(({ table }) => plane === 'data' || table === 'vault.keyrings');
  const strange = wanted.find(({ table }) => PLANES.get(table) !== plane);
  if (strange !== undefined)
    throw backupsFailure('TABLE_UNDECLARED', { detail: `${strange.table} of the backup is not of the ${plane} plane` });
  // the largest first, and two at a time: of one the indexes are made while the other comes in
  const queue = wanted.toSorted((a, b) => b.bytes - a.bytes);
  const total = wanted.reduce((sum, { rows }) => sum + rows, 0);
  const { sealer, onStep, stop = () => {} } = needs;
  let done = 0;
  const what = plane === 'data' ? 'rows' : 'keys';
  onStep(what, 0, total);
  const load = async (): Promise<void> => {
    for (let details = queue.shift(); details !== undefined; details = queue.shift()) {
      const { table } = details;
      await importTable(db, details, () => content.rowsOf(table), stop);
      await stop(`imported ${table}`);
      done += details.rows;
      onStep(what, done, total);
    }
  };
  const outcomes = await Promise.allSettled([load(), load()]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  done = 0;
  onStep(`compare ${what}`, 0, total);
  await compareTables(db, wanted, {
    sum: sealer.sum,
    onTable: async ({ table, rows }) => {
      done += rows;
      onStep(`compare ${what}`, done, total);
      await stop(`compared ${table}`);
    },
  });
}

/** Clocks of servers and of the database differ; what the restored rows know of already is left out by whoever replays. */
const SKEW_MS = 3_600_000;

const partsBehind = (entries: readonly LedgerEntry[], to: Date): GonePart[] =>
  entries.flatMap((entry) => {
    const part = partOf(entry);
    return part === null || Date.parse(part.at) <= to.getTime() - SKEW_MS ? [] : [part];
  });

/** Of the whole ledger: everybody who was erased, and of the others what held last. */
function whatHolds(entries: readonly LedgerEntry[]) {
  const erased = new Map<string, { idHash: string; at: Date; epoch: number }>();
  const restricted = new Map<string, string | null>();
  for (const { what, idHash, at, scope } of entries) {
    if (what === 'erasure')
      erased.set(idHash, { idHash, at: new Date(at), epoch: Number(/^epoch (\d+)$/.exec(scope)?.[1] ?? 0) });
    else if (what === 'restriction' || what === 'lift') restricted.set(idHash, what === 'lift' ? null : scope);
  }
  return {
    erasures: [...erased.values()],
    restrictions: [...restricted].map(([idHash, because]) => ({ idHash, because })),
  };
}
