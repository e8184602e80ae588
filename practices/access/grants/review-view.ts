/** A review as it is told to people and programs. */
import { publicId } from '#platform/ids';

import type { ReviewItemRow, ReviewRow } from '../store/reviews.ts';

export type OnOverdue = 'suspend' | 'alert';
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
  /** What that means: who was not decided on sees nothing above internal in clear, or people are told. */
  onOverdue: OnOverdue;
  extendedBy: string | null;
  extendedAt: string | null;
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

export const asReviewView = (row: ReviewRow): ReviewView => ({
  id: publicId('rvw', row.review_id),
  role: row.role,
  owner: row.owner,
  showsClear: row.shows_clear,
  beganBy: row.began_by,
  beganAt: row.began_at.toISOString(),
  dueAt: row.due_at.toISOString(),
  overdue: row.overdue,
  onOverdue: row.on_overdue,
  extendedBy: row.extended_by,
  extendedAt: row.extended_at?.toISOString() ?? null,
  closedBy: row.closed_by,
  closedAt: row.closed_at?.toISOString() ?? null,
});
export const asReviewItem = (row: ReviewItemRow): ReviewItemView => ({
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
