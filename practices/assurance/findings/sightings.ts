/**
 * What a sighting does to a finding: pure. A sighting is one time that a test, a tool or an advisory says it is there.
 *
 * INVARIANT: seeing something never makes it less: no deadline moves later, no severity falls, nothing closes.
 */
import { dueAt, judge, type Reach } from '../severity.ts';
import { SEVERITIES, type FindingState, type Severity } from '../types.ts';
import type { FindingRow } from '../store/findings.ts';
import { OPEN, versionsIn } from './states.ts';

export type Sighting = Readonly<{
  fingerprint: string;
  rule: string;
  title: string;
  description: string;
  severity: Severity;
  cvss: string | null;
  asset: string;
  place: string;
  parameter: string | null;
  /** Of the part; null: it has none. */
  version: string | null;
  exploited: boolean;
  source: string;
  testId: string | null;
}>;

/** One that comes back within this keeps its first day: it was not mended. */
const REOPEN_DAYS = 90;
const DAY_MS = 86_400_000;

export type Seen = Readonly<{
  row: FindingRow;
  what: 'opened' | 'seen again' | 'reopened' | 'came back' | 'acceptance ended' | 'worse';
  note: string;
}>;

/** With whom it reaches here; a severity without a vector stays as its tool says it. */
export function ratedBy({ cvss, severity }: Pick<Sighting, 'cvss' | 'severity'>, reach: Reach): Readonly<{ severity: Severity; because: string }> {
  const judged = cvss === null ? null : judge(cvss, reach);
  return judged ?? { severity, because: '' };
} // prettier-ignore

const isWorse = (one: Severity, other: Severity): boolean => SEVERITIES.indexOf(one) < SEVERITIES.indexOf(other);
const earlier = (one: Date, other: Date): Date => (one <= other ? one : other);

export const newRow = (sighting: Sighting, id: FindingRow['finding_id'], at: Date): FindingRow => ({
  finding_id: id,
  fingerprint: sighting.fingerprint,
  rule: sighting.rule,
  title: sighting.title,
  description: sighting.description,
  severity: sighting.severity,
  cvss: sighting.cvss,
  state: 'new',
  asset: sighting.asset,
  place: sighting.place,
  parameter: sighting.parameter,
  part_version: sighting.version,
  exploited: sighting.exploited,
  judged: false,
  first_seen_at: at,
  last_seen_at: at,
  due_at: dueAt(sighting.severity, at, sighting.exploited ? 'kev' : 'not known'),
  fixed_at: null,
  owner: null,
  source: sighting.source,
  test_id: sighting.testId,
  accepted_until: null,
  reason: null,
  anchor: null,
  told_at: null,
  duplicate_of: null,
  seen: 1,
  reopened: 0,
  version: 1,
});

/** What was said of some versions holds for this one. */
export const isCovered = ({ anchor }: Pick<FindingRow, 'anchor'>, { version }: Pick<Sighting, 'version'>): boolean =>
  version === null || anchor === null || versionsIn(anchor).includes(version);

/** @param original of what is a duplicate: where that one stands; null: it is none */
export function seenAgain(row: FindingRow, sighting: Sighting, at: Date, original: FindingState | null): Seen {
  const worse = !row.judged && isWorse(sighting.severity, row.severity);
  const listed = sighting.exploited && !row.exploited;
  // a report had the words of a control test before the test found anything: from now on it is the test's
  const isTaken = sighting.testId !== null && row.test_id === null;
  const severity = worse ? sighting.severity : row.severity;
  const base: FindingRow = {
    ...row,
    severity,
    title: sighting.title,
    description: sighting.description === '' ? row.description : sighting.description,
    cvss: sighting.cvss ?? row.cvss,
    part_version: sighting.version ?? row.part_version,
    exploited: row.exploited || sighting.exploited,
    last_seen_at: at > row.last_seen_at ? at : row.last_seen_at,
    due_at: earlier(
      worse ? earlier(row.due_at, dueAt(severity, row.first_seen_at, 'not known')) : row.due_at,
      // three days from when it is known here that it is used
      listed ? dueAt(severity, at, 'kev') : row.due_at,
    ),
    // a deadline that moved may be missed anew
    told_at: worse || listed ? null : row.told_at,
    seen: row.seen + 1,
    ...(isTaken ? { source: sighting.source, test_id: sighting.testId } : {}),
  };
  const again = (what: Seen['what'], changed: Partial<FindingRow>, note: string): Seen => ({ row: { ...base, ...changed }, what, note });
  const reopen = (what: Seen['what'], note: string): Seen =>
    again(what, { state: 'new', fixed_at: null, accepted_until: null, reason: null, anchor: null, duplicate_of: null, reopened: row.reopened + 1, told_at: null }, note);
  const otherVersion = (): Seen => {
    const { what, note, row: open } = reopen('reopened', `what was said was said of ${row.anchor ?? ''}; here is ${sighting.version ?? ''}`);
    // of the version it was said of it still holds
    return { what, note, row: { ...open, anchor: row.anchor } };
  };
  // what people said of it they said of a report
  if (isTaken && !OPEN.includes(row.state) && row.state !== 'verified fixed') return reopen('reopened', 'a control test found it');
  switch (row.state) {
    case 'new':
    case 'triaged':
    case 'in progress':
      return again(worse || listed ? 'worse' : 'seen again', {}, listed ? 'attackers are known to use it' : worse ? `it is ${severity} now` : '');
    case 'ready for retest':
      return again('came back', { state: 'in progress' }, 'it was seen again: it is not mended');
    case 'verified fixed': {
      const gone = row.fixed_at ?? row.last_seen_at;
      const isSoon = at.getTime() - gone.getTime() <= REOPEN_DAYS * DAY_MS;
      const { row: open } = reopen('reopened', '');
      const fresh = { ...open, first_seen_at: at, due_at: dueAt(severity, at, base.exploited ? 'kev' : 'not known') };
      return { row: isSoon ? open : fresh, what: 'reopened', note: isSoon ? `within ${REOPEN_DAYS} days: its first day stays` : '' };
    }
    case 'accepted':
      // what two people accepted was not this
      return worse || listed || (row.accepted_until ?? at) <= at
        ? reopen('acceptance ended', worse || listed ? 'it is worse than what was accepted' : 'its day is over')
        : again('seen again', {}, '');
    case 'not affected':
      return isCovered(row, sighting) ? again('seen again', {}, '') : otherVersion();
    case 'duplicate':
      return original !== null && !OPEN.includes(original) && original !== 'accepted'
        ? reopen('reopened', 'what it was a duplicate of is closed, and it is still seen')
        : again('seen again', {}, '');
    case 'false positive':
    default:
      return again('seen again', {}, '');
  }
} // prettier-ignore
