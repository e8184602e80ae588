/** Shapes of what the routes of assurance take and answer. */
import Type from 'typebox';

import { ARMED_KINDS } from '../runs/arms.ts';
import { FINDING_STATES, PRACTICES, SEVERITIES } from '../types.ts';
import { CLOSED } from './needs.ts';

export const NULLABLE = Type.Union([Type.String(), Type.Null()]);
const NUMBER_OR_NULL = Type.Union([Type.Number(), Type.Null()]);
export const SEVERITY = Type.Enum([...SEVERITIES]);
const PRACTICE = Type.Enum([...PRACTICES]);
const STANDS = Type.Enum(['proven', 'failed', 'unknown'], {
  description: 'unknown: never run, invalid, too old, or without what it rests on',
});
/** What people write: lines, and no control characters besides. */
export const words = (least: number, most: number) =>
  Type.String({ minLength: least, maxLength: most, pattern: String.raw`^[^\u0000-\u0008\u000b-\u001f\u007f\ufffd]*$` });
/** Of names in a query. */
export const NAME = String.raw`^[^%\u0000-\u001f\u007f\ufffd]*$`;
export const COUNT = Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'the version that was read' });
export const ID = Type.Object({ id: Type.String({ maxLength: 60 }) });
export const HASH = Type.Object({ hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) });

export const TEST = Type.Object({
  id: Type.String(),
  title: Type.String(),
  hypothesis: Type.String({ description: 'what holds where it passes' }),
  family: Type.String(),
  kind: Type.Enum(['observe', 'probe', 'attack', 'restore', 'chaos']),
  practice: PRACTICE,
  severity: SEVERITY,
  intervalHours: Type.Integer({ description: 'a result older than this proves nothing' }),
  maps: Type.Record(Type.String(), Type.Array(Type.String())),
  state: STANDS,
  because: Type.String(),
  at: NULLABLE,
  run: NULLABLE,
  evidence: Type.Array(Type.String({ description: 'SHA-256' })),
  prevented: NULLABLE,
  detected: NULLABLE,
  recorded: NULLABLE,
});
const RUN_MEMBERS = {
  id: Type.String({ description: 'run_…' }),
  state: Type.Enum(['running', 'done', 'stopped', 'refused', 'failed']),
  askedBy: Type.String(),
  startedAt: Type.String(),
  endedAt: NULLABLE,
  version: Type.String(),
  because: Type.String(),
  signature: NULLABLE,
  runnerKey: NULLABLE,
  tests: Type.Integer(),
  pass: Type.Integer(),
  fail: Type.Integer(),
  invalid: Type.Integer(),
};
export const RUN = Type.Object(RUN_MEMBERS);
export const WHOLE_RUN = Type.Object({
  ...RUN_MEMBERS,
  current: NULLABLE,
  wanted: Type.Array(Type.String()),
  results: Type.Array(
    Type.Object({
      testId: Type.String(),
      at: Type.String(),
      verdict: Type.Enum(['pass', 'fail', 'invalid']),
      prevented: Type.String(),
      detected: Type.String(),
      recorded: Type.String(),
      because: Type.String(),
      evidence: Type.Array(Type.String()),
      durationMs: Type.Integer(),
      requests: Type.Integer(),
    }),
  ),
});
export const SWITCH = Type.Object({ pulled: Type.Boolean(), by: NULLABLE, reason: Type.String(), at: NULLABLE });
export const ARM = Type.Object({
  id: Type.String({ description: 'arm_…' }),
  kinds: Type.Array(Type.String()),
  reason: Type.String(),
  until: Type.String(),
  state: Type.Enum(['proposed', 'armed', 'over']),
  proposedBy: Type.String(),
  proposedAt: Type.String(),
  approvedBy: NULLABLE,
  endedBy: NULLABLE,
});
export const ARM_BODY = Type.Object(
  {
    kinds: Type.Array(Type.Enum([...ARMED_KINDS]), { minItems: 1, maxItems: 2 }),
    days: Type.Integer({ minimum: 1, maximum: 365 }),
    reason: words(1, 2000),
  },
  CLOSED,
);

export const FINDING_MEMBERS = {
  id: Type.String({ description: 'fnd_…' }),
  fingerprint: Type.String(),
  rule: Type.String(),
  title: Type.String(),
  severity: SEVERITY,
  cvss: NULLABLE,
  exploited: Type.Boolean({ description: 'attackers are known to use it (KEV)' }),
  state: Type.Enum([...FINDING_STATES]),
  asset: Type.String(),
  place: Type.String(),
  parameter: NULLABLE,
  partVersion: NULLABLE,
  firstSeenAt: Type.String(),
  lastSeenAt: Type.String(),
  dueAt: Type.String(),
  overdue: Type.Boolean(),
  fixedAt: NULLABLE,
  owner: NULLABLE,
  source: Type.String(),
  testId: NULLABLE,
  acceptedUntil: NULLABLE,
  seen: Type.Integer(),
  reopened: Type.Integer(),
  version: Type.Integer(),
};
export const FINDING = Type.Object(FINDING_MEMBERS);
export const WHOLE_FINDING = Type.Object({
  ...FINDING_MEMBERS,
  description: Type.String(),
  reason: NULLABLE,
  anchor: NULLABLE,
  duplicateOf: NULLABLE,
  can: Type.Array(Type.String()),
  events: Type.Array(
    Type.Object({ seq: Type.Integer(), at: Type.String(), by: Type.String(), what: Type.String(), from: NULLABLE, to: NULLABLE, note: Type.String() }),
  ),
  acceptances: Type.Array(
    Type.Object({
      id: Type.String(), state: Type.Enum(['proposed', 'approved', 'refused', 'replaced']), until: Type.String(), control: Type.String(), reason: Type.String(),
      severity: SEVERITY, proposedBy: Type.String(), proposedAt: Type.String(), decidedBy: NULLABLE, decidedAt: NULLABLE,
    }),
  ),
}); // prettier-ignore
export const POSTURE = Type.Object({
  at: Type.String(),
  practices: Type.Array(
    Type.Object({ practice: PRACTICE, state: STANDS, proven: Type.Integer(), failed: Type.Integer(), unknown: Type.Integer(), provenAt: NULLABLE }),
  ),
  trend: Type.Array(Type.Object({ day: Type.String(), pass: Type.Integer(), fail: Type.Integer(), invalid: Type.Integer() })),
  killRate: Type.Union([Type.Object({ killed: Type.Integer(), mutants: Type.Integer(), at: Type.String(), version: Type.String() }), Type.Null()]),
  findings: Type.Object({
    open: Type.Integer(),
    overdue: Type.Integer(),
    accepted: Type.Integer(),
    bySeverity: Type.Array(
      Type.Object({ severity: SEVERITY, open: Type.Integer(), overdue: Type.Integer(), halfLifeDays: NUMBER_OR_NULL, fixed: Type.Integer() }),
    ),
    next: Type.Array(FINDING),
  }),
  switch: SWITCH,
  armed: Type.Array(Type.String(), { description: 'kinds of tests that need two people, and may run now: by an arming, or because STRONGROOM_ASSURANCE_ARMED says that nobody works here' }),
  arms: Type.Array(ARM),
}); // prettier-ignore
export const REPORT = Type.Object({
  id: Type.String({ description: 'rep_…' }),
  sha256: Type.String(),
  source: Type.String(),
  assets: Type.Array(Type.String()),
  loadedAt: Type.String(),
  loadedBy: Type.String(),
  findings: Type.Integer(),
  opened: Type.Integer(),
  reopened: Type.Integer(),
  retest: Type.Integer({ description: 'not seen again: wait for a retest' }),
});
export const SCANNER = Type.Object({
  name: Type.String(),
  says: Type.String(),
  kind: Type.Enum(['probe', 'attack']),
  state: Type.Enum(['never', 'not installed', 'no TLS', 'not armed', 'running', 'done', 'invalid'], {
    description: 'invalid: it did not reach its target, or did not end well; says nothing',
  }),
  because: Type.String(),
  program: NULLABLE,
  at: NULLABLE,
  report: NULLABLE,
  findings: Type.Integer(),
  opened: Type.Integer(),
});
export const ENGAGEMENT = Type.Object({
  id: Type.String({ description: 'eng_…' }),
  title: Type.String(),
  tester: Type.String(),
  scope: Type.String(),
  rules: Type.String(),
  sources: Type.Array(Type.String()),
  startsAt: Type.String(),
  until: Type.String(),
  state: Type.Enum(['proposed', 'approved', 'running', 'over']),
  proposedBy: Type.String(),
  approvedBy: NULLABLE,
  endedBy: NULLABLE,
  keys: Type.Integer(),
});
const FINDING_IDS = Type.Array(Type.String({ description: 'fnd_…' }));
export const SETTLED = Type.Object({
  statements: Type.Integer({ description: 'that were taken' }),
  notAffected: FINDING_IDS,
  retest: FINDING_IDS,
  reopened: FINDING_IDS,
  unmatched: Type.Integer({
    description: 'statements about what nobody found here: they are kept, and hold for what is found later',
  }),
  refused: Type.Array(Type.String({ description: 'why one was not taken' })),
});
export const FEEDS = Type.Object({
  feeds: Type.Array(
    Type.Object({
      feed: Type.Enum(['osv', 'kev', 'epss']), loadedAt: NULLABLE, asOf: NULLABLE, days: NUMBER_OR_NULL, state: Type.Enum(['fresh', 'stale', 'missing', 'future']),
      records: Type.Integer(), sha256: NULLABLE,
    }),
  ),
  parts: Type.Union([Type.Integer(), Type.Null()]),
  unnamed: Type.Integer(),
  affected: Type.Integer(),
  matchedAt: NULLABLE,
}); // prettier-ignore
