/**
 * The life of a grant: asked for → approved by others → activated by its holder → expired, used up or revoked.
 *
 * Every step is one transaction with the log's entry. An approval names the hash of the scope that was looked at.
 */
import { transact, type Statements } from '#platform/db';
import { parsePublicId, subjectIdText, uuidv7, type SubjectId } from '#platform/ids';

import { whoActs, type Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import type { Eligible } from '../policy-document.ts';
import { lockChangesBy } from '../still-there.ts';
import {
  activateGrant,
  approvedInReturn,
  countWaiting,
  endGrants,
  expireGrants,
  findGrant,
  grantHistory,
  grantsWithin,
  growEpoch,
  insertApproval,
  insertGrant,
  listGrants,
  moveGrant,
  spendReads,
  waitOn,
  type GrantRow,
  type GrantState,
  type HistoryRow,
} from '../store/grants.ts';
import { checkAsk, eligibleFor, neededFor, type GrantAsk } from './check-ask.ts';
import { SPECIAL_APPROVER, SPECIAL_NEEDED } from './eligible-faults.ts';
import { grantEvent, type By } from './grant-event.ts';
import { asGrantView, type GrantView } from './grant-view.ts';
import { makeUpRequest, type MadeUpAsk } from './made-up.ts';
import { isOfExercise, requireWithin } from './within.ts';
import { scopeHash, scopeText, type GrantKind } from './scope.ts';
import { grantId, holderId, type GrantSteps } from './steps.ts';

export type Grants = {
  /** What the actor's role may ask for. */
  eligibility: (actor: Actor) => Readonly<Record<GrantKind, Eligible | null>>;
  /** @throws ACCESS_NOT_ELIGIBLE, ACCESS_REQUEST_INVALID, ACCESS_REQUESTS_WAIT, ACCESS_GRANT_NOT_FOUND */
  request: (by: By, ask: GrantAsk) => Promise<GrantView>;
  /** @param hash of the scope that was looked at @throws ACCESS_GRANT_CHANGED, ACCESS_UNAUTHENTICATED, ACCESS_OWN_REQUEST, ACCESS_NOT_APPROVER, ACCESS_GRANT_STATE */
  approve: (by: By, id: string, hash: string) => Promise<GrantView>;
  deny: (by: By, id: string, note: string) => Promise<GrantView>;
  cancel: (by: By, id: string) => Promise<GrantView>;
  /** The clock starts. Only its holder, while it may still ask for such a grant. */
  activate: (by: By, id: string) => Promise<GrantView>;
  /** By its holder, or by whose role includes grants.revoke; holds at the very next read. */
  revoke: (by: By, id: string, note: string) => Promise<GrantView>;
  /** For other parts of the system, in their transaction: what runs for a time in a role ends now; broken glass goes on. @returns their ids */
  endIn: (tx: Statements, person: string, role: string, note: string) => Promise<readonly string[]>;
  /** For an exercise: somebody to be decided on, whom nobody but its learner is shown. */
  makeUp: (ask: MadeUpAsk) => Promise<void>;
  /** Where it is over: all that is about these customers alone, whoever holds it, also what still waits. */
  endOf: (tx: Statements, subjects: readonly SubjectId[], note: string) => Promise<void>;
  /** Those that the actor may see: its own, those it approves, or all. */
  list: (actor: Actor, filter: Readonly<{ states: readonly GrantState[] | null }>) => Promise<GrantView[]>;
  /** @throws ACCESS_GRANT_NOT_FOUND alike for what is not there and what the actor may not see */
  get: (actor: Actor, id: string) => Promise<GrantView & { history: readonly HistoryRow[] }>;
  /** Counts reads before anything is opened; 0 asks whether a grant still stands for one that was counted. @returns false when one of them has ended or has too few left: nothing is counted then */
  spend: (reads: ReadonlyMap<string, number>) => Promise<boolean>;
  /** Says of what ran out that it did. @returns how many */
  sweep: () => Promise<number>;
};

const A_DAY_SECONDS = 86_400;
const LISTED = 1000;
const SWEPT = 200;
const MOST_WAITING = 50;
const IN_RETURN_DAYS = 7;
const LIVING = ['pending', 'approved', 'activated'] as const;

export function createGrants(steps: GrantSteps): Grants {
  const { db, clock, catalog, audit, decide, documentOf, waitSeconds = A_DAY_SECONDS } = steps.needs;
  const { held, ownHeld, isVisible, logged, unlessSuspended } = steps;
  const mustDecide = async (tx: Statements, actor: Actor, row: GrantRow): Promise<void> => {
    await steps.mustBeAnother(tx, actor, row);
    if (row.state !== 'pending') throw stateFailure(row);
  };
  const move = async (tx: Statements, row: GrantRow, change: Parameters<typeof moveGrant>[2]): Promise<void> => {
    if (!(await moveGrant(tx, row.grant_id, change))) throw stateFailure(row);
  };

  return {
    eligibility: (actor) => {
      const { jit = null, breakGlass = null } = documentOf(actor).roles[actor.role]?.grants ?? {};
      return { jit, breakGlass };
    },
    request: async (by, ask) => {
      const { actor } = by;
      const eligible = eligibleFor(documentOf(actor), actor.role, 'jit');
      const scope = checkAsk(ask, eligible, catalog());
      requireWithin(decide, actor, scope.subjects);
      const id = uuidv7(clock().getTime());
      const text = scopeText(id, 'jit', scope);
      const work = async (tx: Statements): Promise<GrantView> => {
        // who approves sees the newest: one person must not bury what others ask for
        if ((await countWaiting(tx, whoActs(actor))) >= MOST_WAITING) throw accessFailure('REQUESTS_WAIT');
        const before = ask.extends === undefined ? null : await ownHeld(tx, actor, ask.extends);
        await insertGrant(tx, {
          grant_id: id,
          kind: 'jit',
          holder: holderId(actor),
          requested_by: whoActs(actor),
          role: actor.role,
          scope: text,
          scope_hash: Buffer.from(scopeHash(text), 'hex'),
          reads: scope.reads,
          seconds: scope.seconds,
          reason: ask.reason,
          incident: null,
          needed: neededFor(eligible, scope.classes),
          extends: before?.grant_id ?? null,
          exercise: isOfExercise(actor, scope.subjects),
          waitSeconds,
        });
        return await logged(tx, by, 'request', id);
      };
      return await unlessSuspended(() => transact(db, work));
    },
    approve: async (by, id, hash) =>
      transact(db, async (tx) => {
        const row = await held(tx, by.actor, id);
        if (row.scope_hash.toString('hex') !== hash) throw accessFailure('GRANT_CHANGED');
        await mustDecide(tx, by.actor, row);
        // one after the other, so that of two who approve each other's the second finds what the first did
        await lockChangesBy(tx, by.actor);
        // that is as good as one who approves their own
        if (await approvedInReturn(tx, row, whoActs(by.actor), IN_RETURN_DAYS))
          throw accessFailure('SEPARATED', { detail: 'who asks has approved a request of this approver lately' });
        const [approver, { role }] = [whoActs(by.actor), by.actor];
        if (!(await insertApproval(tx, row, { approver, role, hash: row.scope_hash })))
          throw accessFailure('GRANT_STATE', { detail: 'this approver has approved it before' });
        const roles = [...row.approvals.map((each) => each.role), role];
        if (isEnough(row, roles)) {
          await move(tx, row, { from: ['pending'], to: 'approved', by: approver });
          await waitOn(tx, row.grant_id, waitSeconds);
        }
        return await logged(tx, by, 'approve', row.grant_id);
      }),
    deny: async (by, id, note) =>
      transact(db, async (tx) => {
        const row = await held(tx, by.actor, id);
        await mustDecide(tx, by.actor, row);
        await move(tx, row, { from: ['pending'], to: 'denied', by: by.actor.id, note });
        return await logged(tx, by, 'deny', row.grant_id);
      }),
    cancel: async (by, id) =>
      transact(db, async (tx) => {
        const row = await ownHeld(tx, by.actor, id);
        await move(tx, row, { from: ['pending', 'approved'], to: 'cancelled', by: by.actor.id });
        return await logged(tx, by, 'cancel', row.grant_id);
      }),
    activate: async (by, id) => {
      const work = async (tx: Statements): Promise<GrantView> => {
        const row = await ownHeld(tx, by.actor, id);
        // the policies may have changed since it was approved
        if (row.role !== by.actor.role) throw accessFailure('NOT_ELIGIBLE');
        if (row.state !== 'approved') throw stateFailure(row);
        const { scope, approvals, reason } = asGrantView(row);
        const eligible = eligibleFor(documentOf(by.actor), by.actor.role, row.kind);
        checkAsk({ ...scope, case: undefined, reason }, eligible, catalog());
        const counted = approvals.filter(({ role }) => eligible.approvers.includes(role));
        if (counted.length < neededFor(eligible, scope.classes))
          throw accessFailure('NOT_ELIGIBLE', { detail: 'it takes other approvals by now: ask again' });
        requireWithin(decide, by.actor, scope.subjects);
        if (!(await activateGrant(tx, row.grant_id, by.actor.id))) throw stateFailure(row);
        await growEpoch(tx);
        return await logged(tx, by, 'activate', row.grant_id);
      };
      return await unlessSuspended(() => transact(db, work));
    },
    revoke: async (by, id, note) =>
      transact(db, async (tx) => {
        const row = await held(tx, by.actor, id);
        if (row.holder !== holderId(by.actor) && !decide({ actor: by.actor, action: 'grants.revoke' }).allow)
          throw accessFailure('DENIED');
        await move(tx, row, { from: ['activated'], to: 'revoked', by: by.actor.id, note });
        await growEpoch(tx);
        return await logged(tx, by, 'revoke', row.grant_id);
      }),
    endIn: async (tx, person, role, note) => {
      const ended = await endGrants(tx, { holder: parsePublicId('per', person), role, note });
      if (ended.length > 0) await growEpoch(tx);
      const views = ended.map(asGrantView);
      for (const view of views) await audit.appendIn(tx, grantEvent(null, 'revoke', view));
      return views.map(({ id }) => id);
    },
    makeUp: (ask) => makeUpRequest(steps, ask),
    endOf: async (tx, subjects, note) => {
      const ids = subjects.map(subjectIdText);
      for (const row of await grantsWithin(tx, ids)) {
        const ended = row.state === 'activated' ? 'revoked' : 'cancelled';
        if (!(await moveGrant(tx, row.grant_id, { from: LIVING, to: ended, by: 'system', note }))) continue;
        if (ended === 'revoked') await growEpoch(tx);
        await logged(tx, null, ended === 'revoked' ? 'revoke' : 'cancel', row.grant_id);
      }
    },
    list: async (actor, { states }) => {
      const all = decide({ actor, action: 'grants.read' }).allow || decide({ actor, action: 'grants.approve' }).allow;
      const rows = await listGrants(db, { holder: all ? null : holderId(actor), states, limit: LISTED });
      return rows.filter((row) => isVisible(actor, row)).map(asGrantView);
    },
    get: async (actor, id) => {
      const row = await findGrant(db, grantId(id));
      if (row === null || !isVisible(actor, row)) throw accessFailure('GRANT_NOT_FOUND');
      return { ...asGrantView(row), history: await grantHistory(db, row.grant_id) };
    },
    spend: async (reads) => {
      const asked = new Map([...reads].map(([id, count]) => [grantId(id), count]));
      try {
        await transact(db, async (tx) => {
          const spent = await spendReads(tx, asked);
          if (spent.length < asked.size) throw new TooFew();
          for (const { grant_id, state } of spent) if (state === 'used-up') await logged(tx, null, 'used-up', grant_id);
        });
        return true;
      } catch (thrown) {
        if (thrown instanceof TooFew) return false;
        throw thrown;
      }
    },
    sweep: async () =>
      transact(db, async (tx) => {
        const rows = await expireGrants(tx, SWEPT);
        for (const row of rows) await audit.appendIn(tx, grantEvent(null, 'expire', asGrantView(row)));
        return rows.length;
      }),
  };
}

/** Rolls back what other grants of the same read have counted. */
class TooFew extends Error {}

/** Special data needs two, one of them the dpo; the database holds it too. */
function isEnough(row: GrantRow, roles: readonly string[]): boolean {
  const special = asGrantView(row).scope.classes.includes('special');
  return (
    roles.length >= row.needed && (!special || (roles.length >= SPECIAL_NEEDED && roles.includes(SPECIAL_APPROVER)))
  );
}

const stateFailure = (row: GrantRow) => accessFailure('GRANT_STATE', { detail: `it is ${row.state}` });
