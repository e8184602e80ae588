/**
 * Reviews of roles: its owner says of each holder whether the role is still needed. What is removed is gone at the next
 * read. A role that sees customers in clear is reviewed one holder at a time, and who was not reviewed in time sees
 * nothing in clear until somebody has.
 */
import { createHash } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';

import { upTo } from '../classes.ts';
import { whoActs, type Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import type { PolicyVersions } from '../policy-versions.ts';
import {
  closeReview,
  decideItem,
  findReview,
  holdersOf,
  holdReview,
  insertReview,
  listReviews,
  removeRole,
  reviewItems,
  type ReviewItemRow,
  type ReviewRow,
} from '../store/reviews.ts';
import type { By } from './grant-event.ts';

export type ReviewDecision = 'keep' | 'remove';
export type ReviewView = Readonly<{
  id: string;
  role: string;
  owner: string;
  showsClear: boolean;
  beganBy: string;
  beganAt: string;
  dueAt: string;
  overdue: boolean;
  closedBy: string | null;
  closedAt: string | null;
}>;
export type ReviewItemView = Readonly<{
  holder: string;
  /** What the person or the key is called: nobody can say of an id whether it still needs a role. */
  name: string;
  /** By what the log told when it began. */
  lastUsed: string | null;
  count: number;
  /** Others who have the role. */
  peers: number;
  decision: ReviewDecision | null;
  decidedBy: string | null;
  decidedAt: string | null;
  note: string | null;
}>;
type WithItems = ReviewView & Readonly<{ items: readonly ReviewItemView[] }>;
/** What was decided, and the entry of the log that has its hash, with its proof against a signed checkpoint. */
export type ReviewBundle = Readonly<{ result: string; resultHash: string; auditIndex: number; proof: string }>;

export type Reviews = {
  /** @throws ACCESS_ROLE_UNKNOWN, ACCESS_REVIEW_STATE */
  begin: (by: By, role: string, dueSeconds: number) => Promise<ReviewView>;
  list: () => Promise<ReviewView[]>;
  get: (id: string) => Promise<WithItems>;
  /** @throws ACCESS_NOT_APPROVER, ACCESS_ONE_BY_ONE, ACCESS_OWN_REQUEST, ACCESS_REVIEW_STATE */
  decide: (
    by: By,
    id: string,
    holders: readonly string[],
    decision: ReviewDecision,
    note: string,
  ) => Promise<WithItems>;
  /** Once all was decided. @throws ACCESS_REVIEW_STATE */
  close: (by: By, id: string) => Promise<ReviewView>;
  bundle: (id: string) => Promise<ReviewBundle>;
};
export type ReviewsNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Pick<Audit, 'appendIn' | 'prove'>;
  policies: PolicyVersions;
}>;

export function createReviews({ db, clock, audit, policies }: ReviewsNeeds): Reviews {
  const log = (
    tx: Statements,
    { actor, requestId }: By,
    verb: string,
    detail: Record<string, string | readonly string[]>,
  ) =>
    audit.appendIn(tx, {
      action: `access.review.${verb}`,
      actor: { kind: actor.kind, id: actor.id, role: actor.role },
      outcome: 'done',
      detail,
      requestId,
    });
  /** Open, and the actor answers for its role. */
  const mine = async (tx: Statements, actor: Actor, id: string): Promise<ReviewRow> => {
    const row = await holdReview(tx, reviewId(id));
    if (row === null) throw accessFailure('REVIEW_NOT_FOUND');
    if (row.owner !== actor.role)
      throw accessFailure('NOT_APPROVER', { detail: `the role ${row.owner} answers for it` });
    if (row.closed_at !== null) throw accessFailure('REVIEW_STATE', { detail: 'it is closed' });
    return row;
  };
  const whole = async (tx: Statements, id: Uuid): Promise<WithItems> => ({
    ...asView((await findReview(tx, id)) as ReviewRow),
    items: (await reviewItems(tx, id)).map(asItem),
  });

  return {
    begin: async (by, role, dueSeconds) => {
      const { document } = await policies.get('active');
      const spec = Object.hasOwn(document.roles, role) ? document.roles[role] : undefined;
      if (spec === undefined) throw accessFailure('ROLE_UNKNOWN');
      const review = uuidv7(clock().getTime());
      return transact(db, async (tx) => {
        const holders = (await holdersOf(tx, role)).map(({ key_id, person_id }) => {
          const person = person_id === null ? null : publicId('per', person_id);
          return key_id === null
            ? { holder: person_id as Uuid, id: person as string, person }
            : { holder: key_id, id: publicId('key', key_id), person };
        });
        const row = {
          review_id: review,
          role,
          owner: spec.owner,
          shows_clear: spec.clearUpTo !== null && !upTo('internal', spec.clearUpTo),
          began_by: whoActs(by.actor),
          dueSeconds,
        };
        if (!(await insertReview(tx, row, holders)))
          throw accessFailure('REVIEW_STATE', { detail: 'one of this role is open' });
        const view = asView((await findReview(tx, review)) as ReviewRow);
        await log(tx, by, 'begin', { review: view.id, role, holders: String(holders.length), dueAt: view.dueAt });
        return view;
      });
    },
    list: async () => (await listReviews(db)).map(asView),
    get: async (id) => {
      const uuid = reviewId(id);
      if ((await findReview(db, uuid)) === null) throw accessFailure('REVIEW_NOT_FOUND');
      return whole(db, uuid);
    },
    decide: async (by, id, holders, decision, note) =>
      transact(db, async (tx) => {
        const row = await mine(tx, by.actor, id);
        // whoever sees customers in clear is thought about, not ticked off
        if (row.shows_clear && holders.length !== 1) throw accessFailure('ONE_BY_ONE');
        const items = await reviewItems(tx, row.review_id);
        for (const each of new Set(holders)) {
          const item = items.find(({ holder_id }) => holder_id === each);
          if (item === undefined) throw accessFailure('REVIEW_NOT_FOUND');
          if (each === whoActs(by.actor) || each === by.actor.id) throw accessFailure('OWN_REQUEST');
          if (!(await decideItem(tx, row.review_id, each, { decision, by: whoActs(by.actor), note })))
            throw accessFailure('REVIEW_STATE', { detail: 'it was decided before' });
          if (decision === 'remove') await removeRole(tx, item.holder, row.role);
        }
        await log(tx, by, decision, { review: id, role: row.role, holders });
        return await whole(tx, row.review_id);
      }),
    close: async (by, id) =>
      transact(db, async (tx) => {
        const row = await mine(tx, by.actor, id);
        const items = (await reviewItems(tx, row.review_id)).map(asItem);
        const open = items.filter((each) => each.decision === null).length;
        if (open > 0) throw accessFailure('REVIEW_STATE', { detail: `${open} of ${items.length} are not decided` });
        const at = clock().toISOString();
        const closed = { ...asView(row), overdue: false, closedBy: whoActs(by.actor), closedAt: at };
        const result = JSON.stringify({ format: 'strongroom/access-review/1', ...closed, items });
        const hash = createHash('sha256').update(result).digest();
        const { index } = await log(tx, by, 'close', { review: id, role: row.role, resultHash: hash.toString('hex') });
        await closeReview(tx, row.review_id, { by: closed.closedBy, at, result, hash, auditIndex: index });
        return closed;
      }),
    bundle: async (id) => {
      const row = await findReview(db, reviewId(id));
      if (row === null) throw accessFailure('REVIEW_NOT_FOUND');
      const { result, result_hash, audit_index } = row;
      if (result === null || result_hash === null || audit_index === null)
        throw accessFailure('REVIEW_STATE', { detail: 'it is not closed' });
      const proof = await audit.prove(Number(audit_index), { withEntry: true });
      return { result, resultHash: result_hash.toString('hex'), auditIndex: Number(audit_index), proof };
    },
  };
}

/** @throws ACCESS_REVIEW_NOT_FOUND */
function reviewId(id: string): Uuid {
  const uuid = parsePublicId('rvw', id);
  if (uuid === null) throw accessFailure('REVIEW_NOT_FOUND');
  return uuid;
}

const asView = (row: ReviewRow): ReviewView => ({
  id: publicId('rvw', row.review_id),
  role: row.role,
  owner: row.owner,
  showsClear: row.shows_clear,
  beganBy: row.began_by,
  beganAt: row.began_at.toISOString(),
  dueAt: row.due_at.toISOString(),
  overdue: row.overdue,
  closedBy: row.closed_by,
  closedAt: row.closed_at?.toISOString() ?? null,
});
const asItem = (row: ReviewItemRow): ReviewItemView => ({
  holder: row.holder_id,
  name: row.name,
  lastUsed: row.last?.toISOString() ?? null,
  count: Number(row.n),
  peers: row.peers,
  decision: row.decision,
  decidedBy: row.decided_by,
  decidedAt: row.decided_at?.toISOString() ?? null,
  note: row.note,
});
