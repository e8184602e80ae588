/** A request or grant as it is told to people and programs. */
import { publicId } from '#platform/ids';

import type { ApprovalRow, GrantRow, GrantState } from '../store/grants.ts';
import { readScope, type GrantKind, type GrantScope } from './scope.ts';

export type GrantView = Readonly<{
  id: string;
  kind: GrantKind;
  state: GrantState;
  requestedBy: string;
  role: string;
  scope: GrantScope;
  /** SHA-256 of the exact scope: an approval names it. */
  scopeHash: string;
  reason: string;
  incident: string | null;
  extends: string | null;
  needed: number;
  approvals: readonly ApprovalRow[];
  requestedAt: string;
  /** Until then it waits for approvers, and once approved for its activation. */
  waitsUntil: string;
  activatedAt: string | null;
  until: string | null;
  readsUsed: number;
  changedBy: string;
  changedAt: string;
  note: string;
}>;

export function asGrantView(row: GrantRow): GrantView {
  return {
    id: publicId('grt', row.grant_id),
    kind: row.kind,
    state: row.state,
    requestedBy: row.requested_by,
    role: row.role,
    scope: readScope(row.scope),
    scopeHash: row.scope_hash.toString('hex'),
    reason: row.reason,
    incident: row.incident,
    extends: row.extends === null ? null : publicId('grt', row.extends),
    needed: row.needed,
    approvals: row.approvals,
    requestedAt: row.requested_at.toISOString(),
    waitsUntil: row.waits_until.toISOString(),
    activatedAt: row.activated_at?.toISOString() ?? null,
    until: row.until?.toISOString() ?? null,
    readsUsed: row.reads_used,
    changedBy: row.changed_by,
    changedAt: row.changed_at.toISOString(),
    note: row.note,
  };
}
