/**
 * Legal holds: what a matter needs is kept, whatever is due and whoever asks. Two people place one, and two lift it.
 *
 * INVARIANT: who takes something away asks `standing` in its own transaction; it shares the gate until its end, and who
 * places a hold closes the gate. So a hold is there before the deletion looked, or after the deletion is done.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';
import {
  parsePublicId,
  parseRecordId,
  parseSubjectId,
  publicId,
  recordIdText,
  subjectIdText,
  uuidv7,
  type RecordId,
  type SubjectId,
} from '#platform/ids';
import { whoActs } from '#platform/two-people';
import type { Going } from '#practices/vault';

import type { Catalog } from '../catalog.ts';
import { parseDay } from '../day.ts';
import { collectionFailure } from '../failures.ts';
import {
  askToLift,
  closeGate,
  insertHold,
  keepHold,
  listHolds,
  lockHold,
  settleHold,
  shareGate,
  standingHolds,
  type HoldRow,
  type HoldState,
} from '../store/holds.ts';
import { eventBy, mustBeOneOfTwo, type ArePeople, type By } from './by.ts';
import { ATTACHMENTS } from './record-fate.ts';

export type HoldAsk = Readonly<{
  matter: string;
  subject?: string | undefined;
  record?: string | undefined;
  collection?: string | undefined;
  field?: string | undefined;
  reason: string;
  authority: string;
  role?: string | undefined;
  /** `YYYY-MM-DD` */
  reviewBy: string;
}>;
export type HoldView = Readonly<{
  id: string;
  matter: string;
  scope: 'subject' | 'record' | 'collection' | 'field';
  subject: string | null;
  record: string | null;
  collection: string | null;
  field: string | null;
  reason: string;
  authority: string;
  role: string | null;
  from: string;
  reviewBy: string;
  overdue: boolean;
  state: HoldState;
  requestedBy: string;
  approvedBy: string | null;
  liftReason: string | null;
  liftBy: string | null;
  releasedBy: string | null;
  releasedAt: string | null;
}>;
export type Holds = {
  list: () => Promise<readonly HoldView[]>;
  /** @throws COLLECTION_HOLD_INVALID */
  request: (by: By, ask: HoldAsk) => Promise<HoldView>;
  /** The second person: places what was asked for, or lifts what was asked to be lifted. @throws COLLECTION_SAME_PERSON, COLLECTION_HOLD_STATE, COLLECTION_HOLD_INVALID */
  approve: (by: By, id: string) => Promise<HoldView>;
  /** The second person says no, or the first takes it back. */
  refuse: (by: By, id: string) => Promise<HoldView>;
  lift: (by: By, id: string, reason: string) => Promise<HoldView>;
  /** Holds on what is about to go; none can be placed until the transaction ends. */
  standing: (tx: Tx, subjectIds: readonly SubjectId[]) => Promise<readonly HoldRow[]>;
};

const LISTED = 1000;

export function createHolds(
  needs: Readonly<{
    db: Db;
    audit: Pick<Audit, 'appendIn'>;
    clock: () => Date;
    catalog: () => Catalog;
    isLiving: (subjectId: SubjectId, tx?: Tx) => Promise<boolean>;
    /** Undefined: there is no such record. */
    collectionOf: (id: RecordId, tx?: Tx) => Promise<string | null | undefined>;
    arePeople: ArePeople;
    /** What waited for a hold may go now. */
    onLifted: () => Promise<void>;
  }>,
): Holds {
  const { db, audit, clock } = needs;
  const change = async (
    id: string,
    by: By,
    what: string,
    work: (tx: Tx, row: HoldRow, at: Date) => Promise<void>,
  ): Promise<HoldView> => {
    const holdId = parsePublicId('hold', id);
    if (holdId === null) throw collectionFailure('NOT_FOUND');
    return transact(db, async (tx) => {
      await closeGate(tx);
      const row = await lockHold(tx, holdId);
      if (row === null) throw collectionFailure('NOT_FOUND');
      await work(tx, row, clock());
      const now = (await lockHold(tx, holdId)) as HoldRow;
      await audit.appendIn(tx, {
        action: `collection.hold.${what}`,
        ...eventBy(by),
        outcome: 'done',
        ...aboutHold(now),
      });
      return viewHold(now, clock());
    });
  };
  return {
    list: async () => (await listHolds(db, LISTED)).map((row) => viewHold(row, clock())),
    request: async (by, ask) => {
      const scope = await scopeOf(needs, ask);
      const reviewBy = parseDay(ask.reviewBy);
      if (reviewBy === null)
        throw collectionFailure('HOLD_INVALID', { detail: 'reviewBy is a day that exists, YYYY-MM-DD' });
      return transact(db, async (tx) => {
        const holdId = uuidv7(clock().getTime());
        await insertHold(tx, {
          ...scope, hold_id: holdId, matter: ask.matter, reason: ask.reason, authority: ask.authority, role: ask.role ?? null,
          review_by: reviewBy, requested_by: by.actor.id, requested_who: whoActs(by.actor), requested_at: clock(),
        }); // prettier-ignore
        const row = (await lockHold(tx, holdId)) as HoldRow;
        await audit.appendIn(tx, {
          action: 'collection.hold.request',
          ...eventBy(by),
          outcome: 'done',
          ...aboutHold(row),
        });
        return viewHold(row, clock());
      });
    },
    approve: async (by, id) => {
      const view = await change(id, by, 'approve', async (tx, row, at) => {
        const [state, first] =
          row.state === 'requested' ? (['active', row.requested_who] as const) : (['released', row.lift_who] as const);
        if (row.state !== 'requested' && row.state !== 'lifting') throw wrongState(row);
        await mustBeOneOfTwo(by, first, tx, needs.arePeople);
        // behind the gate: whoever was taking it away has done so, and a hold on nobody would keep nothing
        if (state === 'active' && row.subject_id !== null && !(await needs.isLiving(row.subject_id, tx)))
          throw noSubject();
        if (state === 'active') await requireRecord(needs, row, tx);
        await settleHold(tx, row.hold_id, state, { by: by.actor.id, at });
      });
      if (view.state === 'released') await needs.onLifted();
      return view;
    },
    refuse: (by, id) =>
      change(id, by, 'refuse', async (tx, row, at) => {
        if (row.state === 'requested') await settleHold(tx, row.hold_id, 'refused', { by: by.actor.id, at });
        else if (row.state === 'lifting') await keepHold(tx, row.hold_id);
        else throw wrongState(row);
      }),
    lift: (by, id, reason) =>
      change(id, by, 'lift', async (tx, row, at) => {
        if (row.state !== 'active') throw wrongState(row);
        await askToLift(tx, row.hold_id, { reason, by: by.actor.id, who: whoActs(by.actor), at });
      }),
    standing: async (tx, subjectIds) => {
      await shareGate(tx);
      return standingHolds(tx, subjectIds);
    },
  };
}

/** Those that keep some of it. */
export function holding(holds: readonly HoldRow[], { subjectId, recordNo, collections, fields }: Going): HoldRow[] {
  return holds.filter(
    (hold) =>
      (hold.subject_id === null || hold.subject_id === subjectId) &&
      (hold.record_no === null || recordNo === null || BigInt(hold.record_no) === recordNo) &&
      (hold.collection === null || collections.includes(hold.collection)) &&
      (hold.field === null || fields === null || fields.includes(hold.field)),
  );
}

const invalid = (field: string, detail: string): Error =>
  collectionFailure('HOLD_INVALID', { detail, extra: { field } });
const noSubject = (): Error => invalid('subject', 'there is no such subject');
const wrongState = ({ state }: HoldRow): Error =>
  collectionFailure('HOLD_STATE', { detail: `the hold is ${state}`, extra: { state } });

/** A hold on what is not there, or is not of its collection, would keep nothing. */
async function requireRecord(
  { collectionOf }: Pick<Parameters<typeof createHolds>[0], 'collectionOf'>,
  scope: Pick<HoldRow, 'subject_id' | 'record_no' | 'collection'>,
  tx?: Tx,
): Promise<void> {
  const { subject_id: subjectId, record_no: recordNo, collection } = scope;
  if (subjectId === null || recordNo === null) return;
  const of = await collectionOf({ subjectId, recordNo: BigInt(recordNo) }, tx);
  if (of === undefined) throw invalid('record', 'there is no such record');
  if (collection !== null && of !== collection) throw invalid('record', `the record is not one of ${collection}`);
}

async function scopeOf(
  needs: Pick<Parameters<typeof createHolds>[0], 'catalog' | 'isLiving' | 'collectionOf'>,
  ask: HoldAsk,
): Promise<Pick<HoldRow, 'subject_id' | 'record_no' | 'collection' | 'field'>> {
  const { catalog, isLiving } = needs;
  const record = ask.record === undefined ? null : parseRecordId(ask.record);
  if (ask.record !== undefined && record === null) throw invalid('record', 'this is not the id of a record');
  const subject = ask.subject === undefined ? (record?.subjectId ?? null) : parseSubjectId(ask.subject);
  if (ask.subject !== undefined && subject === null) throw invalid('subject', 'this is not the id of a subject');
  if (record !== null && subject !== record.subjectId) throw invalid('record', 'the record is not one of this subject');
  const spec = ask.collection === undefined ? undefined : catalog().collections.get(ask.collection);
  if (ask.collection !== undefined && spec === undefined)
    throw invalid('collection', 'the catalogue has no such collection');
  if (ask.field !== undefined && (spec === undefined || (ask.field !== ATTACHMENTS && !spec.fields.has(ask.field))))
    throw invalid('field', 'a field is one of a collection, and this has no such field');
  if (subject === null && spec === undefined)
    throw invalid('subject', 'a hold is of a subject, a record, a collection or a field');
  if (subject !== null && !(await isLiving(subject))) throw noSubject();
  if (!/^\d{4}-\d{2}-\d{2}$/.test(ask.reviewBy) || Number.isNaN(Date.parse(ask.reviewBy)))
    throw invalid('reviewBy', 'a day is written YYYY-MM-DD');
  const scope = {
    subject_id: subject,
    record_no: record?.recordNo ?? null,
    collection: spec?.name ?? null,
    field: ask.field ?? null,
  };
  await requireRecord(needs, scope);
  return scope;
}

const aboutHold = (row: HoldRow) => ({
  ...(row.subject_id === null ? {} : { subjects: [row.subject_id] }),
  detail: { hold: publicId('hold', row.hold_id), state: row.state, scope: scopeName(row), ...(row.collection === null ? {} : { collection: row.collection }), ...(row.field === null ? {} : { field: row.field }) },
}); // prettier-ignore

const scopeName = (row: HoldRow): HoldView['scope'] =>
  row.field !== null ? 'field' : row.record_no !== null ? 'record' : row.subject_id !== null ? 'subject' : 'collection';

/** The day to review it by is one of the days that there are. */
const DAY_MS = 86_400_000;

function viewHold(row: HoldRow, now: Date): HoldView {
  const { subject_id: subjectId, record_no: recordNo } = row;
  return {
    id: publicId('hold', row.hold_id),
    matter: row.matter,
    scope: scopeName(row),
    subject: subjectId === null ? null : subjectIdText(subjectId),
    record: subjectId === null || recordNo === null ? null : recordIdText({ subjectId, recordNo: BigInt(recordNo) }),
    collection: row.collection,
    field: row.field,
    reason: row.reason,
    authority: row.authority,
    role: row.role,
    from: row.from_at.toISOString(),
    reviewBy: row.review_by.toISOString().slice(0, 10),
    overdue: (row.state === 'active' || row.state === 'lifting') && row.review_by.getTime() + DAY_MS <= now.getTime(),
    state: row.state,
    requestedBy: row.requested_by,
    approvedBy: row.approved_by,
    liftReason: row.lift_reason,
    liftBy: row.lift_by,
    releasedBy: row.released_by,
    releasedAt: row.released_at?.toISOString() ?? null,
  };
}
