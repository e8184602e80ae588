/**
 * Reviews of roles: its owner says of each holder whether the role is still needed. What is removed is gone at the next
 * read. A role that sees customers in clear is reviewed one holder at a time, and who was not reviewed in time sees
 * nothing in clear until somebody has.
 */
import { createHash } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import { whyNotOneOfTwo } from '#platform/two-people';

import { upTo } from '../classes.ts';
import { whoActs, type Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import type { Role } from '../policy-document.ts';
import type { PolicyVersions } from '../policy-versions.ts';
import { lentRoles } from '../store/eligible.ts';
import { countPeople, findPerson } from '../store/people.ts';
import {
  closeReview,
  dueRoles,
  extendReview,
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
import { lockChangesBy } from '../still-there.ts';
import { keepingAdministrators } from '../scim/group-roles.ts';
import type { By } from './grant-event.ts';
import {
  asReviewItem,
  asReviewView,
  type OnOverdue,
  type ReviewDecision,
  type ReviewItemView,
  type ReviewView,
} from './review-view.ts';

type WithItems = ReviewView & Readonly<{ items: readonly ReviewItemView[] }>;
/** What was decided, and the entry of the log that has its hash, with its proof against a signed checkpoint. */
export type ReviewBundle = Readonly<{ result: string; resultHash: string; auditIndex: number; proof: string }>;

export type Reviews = {
  /** @throws ACCESS_ROLE_UNKNOWN, ACCESS_REVIEW_STATE */
  begin: (by: By, role: string, dueSeconds: number, onOverdue?: OnOverdue) => Promise<ReviewView>;
  /**
   * More time, once, by somebody whose role does not decide, who did not begin it, and who is not reviewed in it.
   * @throws ACCESS_NOT_APPROVER, ACCESS_OWN_REQUEST, ACCESS_PERSON_NEEDED, ACCESS_REVIEW_STATE
   */
  extend: (by: By, id: string, seconds: number, reason: string) => Promise<ReviewView>;
  /** Begins those whose turn it is: each quarter for roles that see customers in clear, each year for others. @returns of which roles */
  calendar: () => Promise<string[]>;
  list: () => Promise<ReviewView[]>;
  get: (id: string) => Promise<WithItems>;
  /** @throws ACCESS_NOT_APPROVER, ACCESS_ONE_BY_ONE, ACCESS_OWN_REQUEST, ACCESS_REVIEW_STATE, ACCESS_LAST_ADMINISTRATOR */
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
  rolesThat: (action: 'people.manage') => Promise<readonly string[]>;
}>;

const QUARTER_DAYS = 91;
const YEAR_DAYS = 365;
const DUE_SECONDS = 14 * 86_400;
/** Who begins what nobody had to think of. */
const CALENDAR: Actor = { kind: 'system', id: 'calendar', name: 'calendar', role: 'calendar', scope: { purposes: [], classes: [], collections: [] }, expiresAt: null }; // prettier-ignore

const seesClear = ({ clearUpTo }: Pick<Role, 'clearUpTo'>): boolean =>
  clearUpTo !== null && !upTo('internal', clearUpTo);

export function createReviews({ db, clock, audit, policies, rolesThat }: ReviewsNeeds): Reviews {
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
    ...asReviewView((await findReview(tx, id)) as ReviewRow),
    items: (await reviewItems(tx, id)).map(asReviewItem),
  });

  const begin: Reviews['begin'] = async (by, role, dueSeconds, wanted) => {
    const { document } = await policies.get('active');
    const spec = Object.hasOwn(document.roles, role) ? document.roles[role] : undefined;
    if (spec === undefined) throw accessFailure('ROLE_UNKNOWN');
    const showsClear = seesClear(spec);
    const review = uuidv7(clock().getTime());
    return transact(db, async (tx) => {
      const holders = (await holdersOf(tx, role)).map(({ kind, holder, person_id }) => ({
        holder,
        id: publicId(kind, holder),
        person: person_id === null ? null : publicId('per', person_id),
      }));
      const row = {
        review_id: review,
        role,
        owner: spec.owner,
        shows_clear: showsClear,
        on_overdue: wanted ?? (showsClear ? ('suspend' as const) : ('alert' as const)),
        began_by: whoActs(by.actor),
        dueSeconds,
      };
      if (!(await insertReview(tx, row, holders)))
        throw accessFailure('REVIEW_STATE', { detail: 'one of this role is open' });
      const view = asReviewView((await findReview(tx, review)) as ReviewRow);
      await log(tx, by, 'begin', { review: view.id, role, holders: String(holders.length), dueAt: view.dueAt });
      return view;
    });
  };

  return {
    begin,
    extend: async (by, id, seconds, reason) =>
      transact(db, async (tx) => {
        const row = await holdReview(tx, reviewId(id));
        if (row === null) throw accessFailure('REVIEW_NOT_FOUND');
        const who = whoActs(by.actor);
        // in whichever role they act now: one who may decide could change it and come back
        const person = by.actor.person === undefined ? null : parsePublicId('per', by.actor.person);
        const standing = person === null ? [] : ((await findPerson(tx, person))?.roles ?? []);
        const roles = person === null ? [] : [...standing, ...(await lentRoles(tx, person))];
        if ([by.actor.role, ...roles].includes(row.owner))
          throw accessFailure('NOT_APPROVER', { detail: 'who decides does not give themselves more time' });
        const items = await reviewItems(tx, row.review_id);
        const own = items.some((item) => isOwn(item, by.actor));
        const whyNot = await whyNotOneOfTwo(by.actor, row.began_by, async () => (await countPeople(tx)) > 0);
        if (own || whyNot === 'same person') throw accessFailure('OWN_REQUEST');
        if (whyNot !== null) throw accessFailure('PERSON_NEEDED');
        if (reason.trim() === '') throw accessFailure('REQUEST_INVALID', { detail: 'a reason is needed' });
        if (!(await extendReview(tx, row.review_id, { by: who, reason, seconds })))
          throw accessFailure('REVIEW_STATE', { detail: 'it is closed, or was given more time before' });
        const view = asReviewView((await findReview(tx, row.review_id)) as ReviewRow);
        await log(tx, by, 'extend', { review: id, role: row.role, owner: row.owner, dueAt: view.dueAt });
        return view;
      }),
    calendar: async () => {
      const { document } = await policies.get('active');
      const roles = Object.entries(document.roles).map(([role, spec]) => ({
        role,
        days: seesClear(spec) ? QUARTER_DAYS : YEAR_DAYS,
      }));
      const begun: string[] = [];
      for (const role of await dueRoles(db, roles)) {
        try {
          await begin({ actor: CALENDAR }, role, DUE_SECONDS);
          begun.push(role);
        } catch (thrown) {
          // another server was quicker
          if (!isFailure(thrown, 'ACCESS_REVIEW_STATE')) throw thrown;
        }
      }
      return begun;
    },
    list: async () => (await listReviews(db)).map(asReviewView),
    get: async (id) => {
      const uuid = reviewId(id);
      if ((await findReview(db, uuid)) === null) throw accessFailure('REVIEW_NOT_FOUND');
      return whole(db, uuid);
    },
    decide: async (by, id, holders, decision, note) => {
      // before a connection is held: it asks the database by another one
      const stewards = await rolesThat('people.manage');
      return transact(db, async (tx) => {
        const row = await mine(tx, by.actor, id);
        // whoever sees customers in clear is thought about, not ticked off
        if (row.shows_clear && holders.length !== 1) throw accessFailure('ONE_BY_ONE');
        const items = await reviewItems(tx, row.review_id);
        await lockChangesBy(tx, by.actor);
        await keepingAdministrators({ rolesWith: () => stewards }, tx, by.actor, async () => {
          for (const each of new Set(holders)) {
            const item = items.find(({ holder_id }) => holder_id === each);
            if (item === undefined) throw accessFailure('REVIEW_NOT_FOUND');
            if (isOwn(item, by.actor)) throw accessFailure('OWN_REQUEST');
            if (!(await decideItem(tx, row.review_id, each, { decision, by: whoActs(by.actor), note })))
              throw accessFailure('REVIEW_STATE', { detail: 'it was decided before' });
            if (decision === 'remove') await removeRole(tx, item.holder, row.role);
          }
        });
        await log(tx, by, decision, { review: id, role: row.role, holders });
        return await whole(tx, row.review_id);
      });
    },
    close: async (by, id) =>
      transact(db, async (tx) => {
        const row = await mine(tx, by.actor, id);
        const items = (await reviewItems(tx, row.review_id)).map(asReviewItem);
        const open = items.filter((each) => each.decision === null).length;
        if (open > 0) throw accessFailure('REVIEW_STATE', { detail: `${open} of ${items.length} are not decided` });
        const at = clock().toISOString();
        const closed = { ...asReviewView(row), overdue: false, closedBy: whoActs(by.actor), closedAt: at };
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

/** Somebody themselves, or a key or workload that they made. */
const isOwn = ({ holder_id, person }: ReviewItemRow, actor: Actor): boolean =>
  [whoActs(actor), actor.id].includes(holder_id) || person === whoActs(actor);

/** @throws ACCESS_REVIEW_NOT_FOUND */
function reviewId(id: string): Uuid {
  const uuid = parsePublicId('rvw', id);
  if (uuid === null) throw accessFailure('REVIEW_NOT_FOUND');
  return uuid;
}
