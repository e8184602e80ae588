/** Findings as they are shown, and as exports take them. */
import { publicId } from '#platform/ids';

import type { AcceptanceRow, FindingEventRow, FindingRow } from '../store/findings.ts';
import type { Finding } from '../types.ts';
import { canOf, OPEN } from './states.ts';
import { findingId } from './take-in.ts';

export type FindingView = ReturnType<typeof viewOf>;
export type WholeFinding = ReturnType<typeof wholeOf>;

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

export function viewOf(row: FindingRow, now: Date) {
  return {
    id: findingId(row.finding_id),
    fingerprint: row.fingerprint,
    rule: row.rule,
    title: row.title,
    severity: row.severity,
    cvss: row.cvss,
    exploited: row.exploited,
    state: row.state,
    asset: row.asset,
    place: row.place,
    parameter: row.parameter,
    partVersion: row.part_version,
    firstSeenAt: row.first_seen_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    overdue: OPEN.includes(row.state) && row.due_at <= now,
    fixedAt: iso(row.fixed_at),
    owner: row.owner,
    source: row.source,
    testId: row.test_id,
    acceptedUntil: iso(row.accepted_until),
    seen: row.seen,
    reopened: row.reopened,
    version: row.version,
  };
}

export function wholeOf(
  row: FindingRow,
  { events, acceptances, now }: Readonly<{ events: readonly FindingEventRow[]; acceptances: readonly AcceptanceRow[]; now: Date }>,
) {
  return {
    ...viewOf(row, now),
    description: row.description,
    reason: row.reason,
    anchor: row.anchor,
    duplicateOf: row.duplicate_of === null ? null : findingId(row.duplicate_of),
    can: canOf(row, acceptances.some(({ state }) => state === 'proposed')),
    events: events.map(({ seq, at, by, what, from_state, to_state, note }) => ({ seq, at: at.toISOString(), by, what, from: from_state, to: to_state, note })),
    acceptances: acceptances.map((each) => ({
      id: publicId('acc', each.acceptance_id), state: each.state, until: each.until.toISOString(), control: each.control, reason: each.reason, severity: each.severity,
      proposedBy: each.proposed_by, proposedAt: each.proposed_at.toISOString(), decidedBy: each.decided_by, decidedAt: iso(each.decided_at),
    })),
  };
} // prettier-ignore

export function exportedOf(row: FindingRow): Finding {
  return {
    id: findingId(row.finding_id),
    fingerprint: row.fingerprint,
    rule: row.rule,
    title: row.title,
    severity: row.severity,
    ...(row.cvss === null ? {} : { cvss: row.cvss }),
    state: row.state,
    asset: row.asset,
    place: row.parameter === null ? row.place : `${row.place} (${row.parameter})`,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    dueAt: row.due_at,
    ...(row.owner === null ? {} : { owner: row.owner }),
    source: row.source,
    ...(row.test_id === null ? {} : { testId: row.test_id }),
    ...(row.accepted_until === null ? {} : { acceptedUntil: row.accepted_until }),
    ...(row.reason === null ? {} : { reason: row.reason }),
  };
}
