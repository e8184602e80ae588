/** Statements on broken glass, and on whoever looks at it afterwards. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { GrantRow } from './grants.ts';

export type GlassReviewRow = Readonly<{
  reviewer: string;
  verdict: 'justified' | 'unjustified';
  note: string;
  reviewed_at: Date;
}>;
export type GlassRow = Readonly<{ grant_id: Uuid; due_at: Date; overdue: boolean; review: GlassReviewRow | null }>;

/** @returns false when somebody has looked at it before */
export async function insertGlassReview(
  tx: Statements,
  { grant_id, requested_by, scope_hash }: GrantRow,
  by: Readonly<{ reviewer: string; verdict: 'justified' | 'unjustified'; note: string }>,
): Promise<boolean> {
  const inserted = await tx`
    insert into access.glass_reviews (grant_id, requested_by, scope_hash, reviewer, verdict, note)
    values (${grant_id}, ${requested_by}, ${scope_hash}, ${by.reviewer}, ${by.verdict}, ${by.note}) on conflict do nothing`;
  return inserted.count === 1;
}

/** When each has to be looked at, and whether it was; by the database's clock. */
export async function glassReviews(db: Statements, ids: readonly Uuid[]): Promise<GlassRow[]> {
  return db<GlassRow[]>`
    select grant_id, activated_at + interval '72 hours' as due_at,
      r.grant_id is null and activated_at < clock_timestamp() - interval '72 hours' as overdue,
      case when r.grant_id is not null then jsonb_build_object('reviewer', reviewer, 'verdict', verdict, 'note', r.note, 'reviewed_at', reviewed_at) end as review
    from access.grants left join access.glass_reviews r using (grant_id)
    where grant_id in (select unnest(${[...ids]}::uuid[])) and activated_at is not null`;
}
