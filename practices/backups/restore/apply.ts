/**
 * Segments applied to a plane that came from its snapshot: whole transactions, up to a time. What the snapshot saw already is
 * left out; at a migration it is the migration that runs, and what it changed itself is left out.
 */
import { transact, type Db } from '#platform/db';

import { messagesOf } from '../changes/messages.ts';
import { readMessage, type Message, type Relation } from '../changes/pgoutput.ts';
import type { SeenBy } from '../changes/seen-by.ts';
import type { SegmentManifest } from '../changes/segment-manifest.ts';
import { ESCROWED, planeOf, SCHEMA } from '../changes/split.ts';
import { backupsFailure } from '../failures.ts';
import type { Frame } from '../sealing/frames.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { applier, beginApplying, type Applier } from '../store/apply-changes.ts';
import type { AppliedSql } from '../store/catalogue.ts';
import type { RunPlane } from '../store/journal.ts';
import type { SequenceValue } from '../store/slot.ts';

export type ApplyAsk = Readonly<{
  db: Db;
  sealer: Sealer;
  plane: RunPlane;
  seen: SeenBy;
  /** Nothing that was committed later; null: everything. */
  until: Date | null;
  segments: () => AsyncIterable<Readonly<{ manifest: SegmentManifest; frames: AsyncIterable<Frame> }>>;
  /** Brings the schema to where these were applied too. */
  migrate: (applied: readonly AppliedSql[]) => Promise<void>;
  onSegment: (seq: number) => void;
  stop: (at: string) => void | Promise<void>;
}>;

export type Applied = Readonly<{
  segments: number;
  transactions: number;
  changes: number;
  lastAt: Date | null;
  /** Of the last segment that was looked at. */
  lastSeq: number;
  /** Something later than `until` was seen: there is no gap before it. */
  reached: boolean;
  /** Keys out of their wrapping, oldest first. */
  escrows: readonly Buffer[];
  sequences: readonly SequenceValue[];
}>;

/** So many changes in one transaction of ours. */
const GROUP = 20_000;

type State = { -readonly [K in keyof Applied]: Applied[K] } & { escrows: Buffer[] };
type Begun = Extract<Message, { is: 'begin' }>;

/** @throws BACKUPS_SEGMENT_*, BACKUPS_CHANGES_MALFORMED, BACKUPS_OBJECT_*, BACKUPS_KEY_WRONG */
export async function applySegments(ask: ApplyAsk): Promise<Applied> {
  const state: State = { segments: 0, transactions: 0, changes: 0, lastAt: null, lastSeq: 0, reached: false, escrows: [], sequences: [] }; // prettier-ignore
  const relations = new Map<number, Relation>();
  const stream = messages(ask, state)[Symbol.asyncIterator]();
  const pending: Pending = { begun: null };
  try {
    while (await applyGroup(ask, state, stream, relations, pending)) await ask.stop(`applied ${ask.plane}`);
  } finally {
    await stream.return?.(undefined);
  }
  return state;
}

/** A migration that ended a group, and the transaction that was begun behind it. */
type Pending = { begun: Told<Begun> | null };
type Told<M extends Message = Message> = Readonly<{ message: M; migrates: boolean }>;

async function* messages({ sealer, segments, onSegment }: ApplyAsk, state: State): AsyncGenerator<Told> {
  for await (const { manifest, frames } of segments()) {
    state.lastSeq = manifest.seq;
    state.segments += 1;
    onSegment(manifest.seq);
    const migrations = new Set(manifest.migrating);
    let inside = false;
    for await (const frame of frames) {
      const content = await sealer.unpack(frame);
      if (frame.head.table === 'file:keys.json') state.escrows.push(content);
      else if (frame.head.table === 'file:sequences.json')
        state.sequences = JSON.parse(content.toString('utf8')) as SequenceValue[]; // prettier-ignore
      else if (frame.head.table === 'file:changes')
        for (const bytes of messagesOf(content)) {
          const message = readMessage(bytes);
          if (message.is === 'begin') inside = true;
          if (message.is === 'commit') inside = false;
          yield { message, migrates: message.is === 'begin' && migrations.has(message.xid) };
        }
    }
    // INVARIANT: a segment has whole transactions; half of one is applied never
    if (inside) throw backupsFailure('SEGMENT_GAP', { detail: `segment ${manifest.seq} ends inside a transaction` });
  }
}

/** @returns whether there may be more */
async function applyGroup(
  ask: ApplyAsk,
  state: State,
  stream: AsyncIterator<Told>,
  relations: Map<number, Relation>,
  pending: Pending,
): Promise<boolean> {
  const { db, until, seen } = ask;
  const next = async (): Promise<Told | null> => {
    const { done, value } = await stream.next();
    return done === true ? null : value;
  };
  const more = await transact(
    db,
    async (tx) => {
      await beginApplying(tx);
      const to = applier(tx);
      const full = state.changes + GROUP;
      while (state.changes < full) {
        const told: Told | null = pending.begun ?? (await next());
        pending.begun = null;
        if (told === null) break;
        const { message } = told;
        if (message.is === 'relation') relations.set(message.relation.oid, message.relation);
        if (message.is === 'relation' || message.is === 'other') continue;
        if (message.is !== 'begin') throw outOfOrder(message);
        if (until !== null && message.at > until) {
          state.reached = true;
          await to.flush();
          return false;
        }
        if (told.migrates && !seen.sees(message.xid)) {
          pending.begun = told as Told<Begun>;
          break;
        }
        await applyOne(ask, state, message, next, relations, seen.sees(message.xid) ? null : to);
      }
      await to.flush();
      return state.changes >= full || pending.begun !== null;
    },
    { attempts: 1 },
  );
  if (pending.begun === null) return more;
  const { message } = pending.begun;
  pending.begun = null;
  await ask.migrate(await migrationsIn(next, relations));
  state.transactions += 1;
  state.lastAt = message.at;
  return true;
}

const outOfOrder = ({ is }: Message): Error =>
  backupsFailure('CHANGES_MALFORMED', { detail: `${is} out of its order` });

async function applyOne(
  { plane }: ApplyAsk,
  state: State,
  begun: Begun,
  next: () => Promise<Told | null>,
  relations: Map<number, Relation>,
  to: Applier | null,
): Promise<void> {
  const relationOf = (oid: number): Relation => {
    const relation = relations.get(oid);
    if (relation === undefined)
      throw backupsFailure('CHANGES_MALFORMED', { detail: 'a row of a table that was not told of' });
    if (planeOf(relation.table) !== plane)
      throw backupsFailure('TABLE_UNDECLARED', {
        detail: `${relation.table} of a segment is not of the ${plane} plane`,
      });
    return relation;
  };
  for (let told = await next(); told !== null; told = await next()) {
    const { message } = told;
    if (message.is === 'relation') relations.set(message.relation.oid, message.relation);
    else if (message.is === 'commit') {
      if (message.commitLsn !== begun.commitLsn) throw outOfOrder(message);
      if (to === null) return;
      state.transactions += 1;
      state.lastAt = message.at;
      return;
    } else if (message.is === 'begin') throw outOfOrder(message);
    else if (to !== null && message.is === 'truncate') {
      for (const oid of message.oids) await to.truncate(relationOf(oid));
      state.changes += 1;
    } else if (to !== null && message.is !== 'truncate' && message.is !== 'other') {
      const relation = relationOf(message.oid);
      if ((ESCROWED as readonly string[]).includes(relation.table)) continue;
      if (relation.table === SCHEMA) throw backupsFailure('SEGMENT_DIFFERS', { detail: 'a migration that the manifest does not tell of' }); // prettier-ignore
      await to.apply(relation, message);
      state.changes += 1;
    }
  }
  throw backupsFailure('SEGMENT_GAP', { detail: 'the last transaction has no end' });
}

async function migrationsIn(next: () => Promise<Told | null>, relations: Map<number, Relation>): Promise<AppliedSql[]> {
  const found: AppliedSql[] = [];
  for (let told = await next(); told !== null; told = await next()) {
    const { message } = told;
    if (message.is === 'relation') relations.set(message.relation.oid, message.relation);
    if (message.is === 'commit') return found;
    if (message.is !== 'insert') continue;
    const relation = relations.get(message.oid);
    if (relation?.table !== SCHEMA) continue;
    const cell = (name: string): string => String(message.row[relation.columns.indexOf(name)]);
    found.push({ schema: cell('schema'), number: Number(cell('number')), name: cell('name'), sha256: cell('sha256') });
  }
  throw backupsFailure('SEGMENT_GAP', { detail: 'the last transaction has no end' });
}
