/**
 * Honey: customers whom nobody has a reason to touch, and tokens that were planted where only a thief looks. Whoever touches
 * one is known at once. A planted customer looks like any other to whoever reads; who may manage honey knows better.
 */
import { hash } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { parsePublicId, parseSubjectId, publicId, subjectIdText, uuidv7, type SubjectId } from '#platform/ids';

import { trafficFailure } from '../failures.ts';
import type { RecorderNeeds } from '../record/recorder.ts';
import { countHoney, deleteHoney, insertHoney, listHoney } from '../store/measures.ts';
import { holdForgetting } from '../store/touches.ts';
import type { By } from './measures.ts';

export type HoneyView = Readonly<{
  id: string;
  kind: 'customer' | 'token';
  subjectId: string | null;
  note: string;
  by: string;
  plantedAt: string;
}>;
export type Honey = Readonly<{
  /** @throws TRAFFIC_HONEY_KNOWN, TRAFFIC_TARGET_MALFORMED, TRAFFIC_NOT_FOUND of the customer */
  plant: (
    by: By,
    wanted: { subjectId?: string | undefined; token?: string | undefined; note: string },
  ) => Promise<HoneyView>;
  list: () => Promise<HoneyView[]>;
  /** @throws TRAFFIC_NOT_FOUND */
  remove: (by: By, id: string) => Promise<void>;
  /** Of the copy in memory. */
  isHoney: (subjectId: SubjectId) => boolean;
  isHoneyToken: (token: string) => boolean;
  hasTokens: () => boolean;
  refresh: () => Promise<void>;
}>;

/** Planted at once: each server knows them all. */
const MOST = 10_000;

/** A planted token is text of somebody else's making: only its hash is kept. */
export const tokenHash = (token: string): Buffer => hash('sha256', `strongroom/honey/1 ${token}`, 'buffer');

export function createHoney({ db, audit, clock, living }: { db: Db; audit: Pick<Audit, 'appendIn'>; clock: () => Date; living: RecorderNeeds['living'] }): Honey {
  let subjects: ReadonlySet<string> = new Set();
  let tokens: ReadonlySet<string> = new Set();
  const refresh = async (): Promise<void> => {
    const rows = await listHoney(db);
    subjects = new Set(rows.flatMap(({ subject_id }) => subject_id ?? []));
    tokens = new Set(rows.flatMap(({ token_hash }) => token_hash?.toString('hex') ?? []));
  };
  return {
    plant: async (by, { subjectId, token, note }) => {
      const subject = subjectId === undefined ? null : parseSubjectId(subjectId);
      if ((subjectId === undefined) === (token === undefined) || (subjectId !== undefined && subject === null))
        throw trafficFailure('TARGET_MALFORMED', { detail: 'honey is one customer (sub_…) or one token', hint: 'give either subjectId or token' });
      const id = uuidv7();
      await transact(db, async (tx) => {
        const row = { honey_id: id, subject_id: subject, token_hash: token === undefined ? null : tokenHash(token), note, by: by.actor.id };
        if ((await countHoney(tx)) >= MOST) throw trafficFailure('FULL', { detail: `${MOST} are planted` });
        await audit.appendIn(tx, { action: 'traffic.honey.plant', actor: by.actor, outcome: 'done', detail: { honey: publicId('hny', id) }, requestId: by.requestId });
        if (subject !== null) {
          await holdForgetting(tx);
          if (!(await living(tx, [subject])).has(subject)) throw trafficFailure('NOT_FOUND', { detail: 'there is no such customer' });
        }
        if (!(await insertHoney(tx, row))) throw trafficFailure('HONEY_KNOWN');
      });
      await refresh();
      return { id: publicId('hny', id), kind: subject === null ? 'token' : 'customer', subjectId: subjectId ?? null, note, by: by.actor.id, plantedAt: clock().toISOString() };
    },
    list: async () =>
      (await listHoney(db)).map(({ honey_id, subject_id, note, by, planted_at }) => ({
        id: publicId('hny', honey_id),
        kind: subject_id === null ? ('token' as const) : ('customer' as const),
        subjectId: subject_id === null ? null : subjectIdText(subject_id),
        note,
        by,
        plantedAt: planted_at.toISOString(),
      })),
    remove: async (by, id) => {
      const honeyId = parsePublicId('hny', id);
      await transact(db, async (tx) => {
        if (honeyId === null || !(await deleteHoney(tx, honeyId))) throw trafficFailure('NOT_FOUND');
        await audit.appendIn(tx, { action: 'traffic.honey.remove', actor: by.actor, outcome: 'done', detail: { honey: id }, requestId: by.requestId });
      });
      await refresh();
    },
    isHoney: (subjectId) => subjects.has(subjectId),
    hasTokens: () => tokens.size > 0,
    isHoneyToken: (token) => tokens.has(tokenHash(token).toString('hex')),
    refresh,
  };
} // prettier-ignore
