/**
 * Breaking glass: a person who is on call sees what they must, at once and without approval. An alarm says so while it
 * happens, and another person looks at it within 72 hours; until then, after those, whoever broke it gets no grant at all.
 *
 * INVARIANT: only people, in a session: nobody answers for a key. Everything else holds as for any grant: named
 * subjects, a number of reads, an end; of everybody else, data stays as masked as it was.
 */
import type { Statements } from '#platform/db';
import { transact } from '#platform/db';
import { uuidv7 } from '#platform/ids';

import { whoActs, type Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import { inSession } from '../identity/sessions.ts';
import { glassReviews, insertGlassReview, type GlassRow } from '../store/glass.ts';
import { activateGrant, growEpoch, insertGrant, listGrants, moveGrant, type GrantRow } from '../store/grants.ts';
import { checkAsk, eligibleFor, type GrantAsk } from './check-ask.ts';
import type { By } from './grant-event.ts';
import { asGrantView, type GrantView } from './grant-view.ts';
import { grantIdText } from './held.ts';
import { scopeHash, scopeText } from './scope.ts';
import type { GrantSteps } from './steps.ts';

export type GlassAsk = GrantAsk & Readonly<{ incident: string }>;
export type GlassVerdict = 'justified' | 'unjustified';
export type GlassView = GrantView &
  Readonly<{
    review: Readonly<{
      dueAt: string;
      overdue: boolean;
      reviewer: string | null;
      verdict: GlassVerdict | null;
      note: string | null;
    }>;
  }>;

export type Glass = {
  /** @throws ACCESS_SESSION_NEEDED, ACCESS_NOT_ELIGIBLE, ACCESS_REQUEST_INVALID, ACCESS_SUSPENDED */
  break: (by: By, ask: GlassAsk) => Promise<GrantView>;
  /** Newest first; those that the actor may see. */
  list: (actor: Actor) => Promise<GlassView[]>;
  /** By another person of a role that looks at it, once it has ended. @throws ACCESS_OWN_REQUEST, ACCESS_NOT_APPROVER, ACCESS_GRANT_STATE */
  review: (by: By, id: string, verdict: GlassVerdict, note: string) => Promise<GrantView>;
};
/** Somebody must know while it happens. */
export type OnGlass = (grant: GrantView) => void;

export function createGlass(steps: GrantSteps, onGlass: OnGlass): Glass {
  const { db, clock, catalog, documentOf } = steps.needs;
  return {
    break: async (by, ask) => {
      const { actor } = by;
      const { person } = inSession(actor);
      const scope = checkAsk(ask, eligibleFor(documentOf(actor), actor.role, 'breakGlass'), catalog());
      if (ask.incident.trim() === '') throw accessFailure('REQUEST_INVALID', { detail: 'an incident is needed' });
      const id = uuidv7(clock().getTime());
      const text = scopeText(id, 'breakGlass', scope);
      const broken = await steps.unlessSuspended(() =>
        transact(db, async (tx) => {
          await insertGrant(tx, {
            grant_id: id,
            kind: 'breakGlass',
            holder: person,
            requested_by: whoActs(actor),
            role: actor.role,
            scope: text,
            scope_hash: Buffer.from(scopeHash(text), 'hex'),
            reads: scope.reads,
            seconds: scope.seconds,
            reason: ask.reason,
            incident: ask.incident,
            needed: 0,
            extends: null,
            exercise: false,
            waitSeconds: 60,
          });
          await moveGrant(tx, id, { from: ['pending'], to: 'approved', by: actor.id, note: 'glass was broken' });
          await activateGrant(tx, id, actor.id);
          await growEpoch(tx);
          return await steps.logged(tx, by, 'break-glass', id);
        }),
      );
      onGlass(broken);
      return broken;
    },
    list: async (actor) => {
      const rows = await listGrants(db, { holder: null, states: null, kinds: ['breakGlass'], limit: 1000 });
      const seen = rows.filter((row) => steps.isVisible(actor, row));
      const reviews = await glassReviews(db, seen.map(({ grant_id }) => grant_id)); // prettier-ignore
      return seen.flatMap((row) => asGlassView(row, reviews));
    },
    review: async (by, id, verdict, note) =>
      transact(db, async (tx: Statements) => {
        const row = await steps.held(tx, by.actor, id);
        if (row.kind !== 'breakGlass') throw accessFailure('GRANT_NOT_FOUND');
        await steps.mustBeAnother(tx, by.actor, row);
        if (row.state === 'activated')
          throw accessFailure('GRANT_STATE', { detail: 'it is still active: revoke it first' });
        if (!(await insertGlassReview(tx, row, { reviewer: whoActs(by.actor), verdict, note })))
          throw accessFailure('GRANT_STATE', { detail: 'somebody has looked at it before' });
        return await steps.logged(tx, by, `glass-${verdict}`, row.grant_id);
      }),
  };
}

function asGlassView(row: GrantRow, reviews: readonly GlassRow[]): GlassView[] {
  const found = reviews.find(({ grant_id }) => grant_id === row.grant_id);
  if (found === undefined) return [];
  const { review } = found;
  return [
    {
      ...asGrantView(row),
      id: grantIdText(row.grant_id),
      review: {
        dueAt: found.due_at.toISOString(),
        overdue: found.overdue,
        reviewer: review?.reviewer ?? null,
        verdict: review?.verdict ?? null,
        note: review?.note ?? null,
      },
    },
  ];
}
