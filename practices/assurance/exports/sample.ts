/** A small system with runs and findings of all kinds, for tests. */
import type { ControlTest, Finding, FindingState, Result, Run, Severity, Verdict } from '../types.ts';
import { FINDING_STATES } from '../types.ts';
import type { Exported } from './exported.ts';

export const now = new Date('2026-11-27T03:00:00.120Z');
const before = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);

export const controlTest = (id: string, more: Partial<ControlTest> = {}): ControlTest => ({
  id,
  family: id.split('-')[0] ?? '',
  title: `Test ${id}`,
  hypothesis: `What ${id} says holds.`,
  kind: 'attack',
  practice: 'access',
  intervalHours: 24,
  severity: 'high',
  maps: { asvs: ['8.2.1', '8.2.2'], sp80053: ['ac-3', 'ac-6.9'], csf: ['PR.AA-05'], attack: ['T1078'] },
  ...more,
});

export const result = (testId: string, verdict: Verdict, more: Partial<Result> = {}): Result => ({
  run: 'run-1',
  testId,
  at: before(1),
  verdict,
  prevented: verdict === 'pass' ? 'yes' : 'no',
  detected: 'not-asked',
  recorded: 'yes',
  because: `${testId} ${verdict}`,
  evidence: [{ hash: 'a'.repeat(64), kind: 'exchange', sizeBytes: 12 }],
  durationMs: 10,
  requests: 2,
  ...more,
});

export const run = (id: string, results: readonly Result[], more: Partial<Run> = {}): Run => ({
  id,
  startedAt: before(1),
  endedAt: before(0.5),
  runner: 'runner-1',
  version: '0.1.0',
  signature: 'c2lnbmVk',
  results: results.map((each) => ({ ...each, run: id })),
  ...more,
});

export const finding = (n: number, state: FindingState, severity: Severity, more: Partial<Finding> = {}): Finding => ({
  id: `finding-${n}`,
  fingerprint: n.toString(16).padStart(64, '0'),
  rule: `AUTHZ-0${n}`,
  title: `Finding ${n}`,
  severity,
  state,
  asset: 'strongroom',
  place: 'GET /v1/records/{id}',
  firstSeenAt: before(100),
  lastSeenAt: before(1),
  dueAt: before(-100),
  source: 'runner-1',
  testId: `AUTHZ-0${n}`,
  ...more,
});

export function sample(): Exported {
  const tests = [
    controlTest('AUTHZ-01'),
    controlTest('AUTHZ-02', {
      maps: { asvs: ['8.2.2', '8.10.1'], sp80053: ['ac-6.9'], attack: ['T1078', 'T1110.003'] },
    }),
    controlTest('AUDIT-01', { maps: { sp80053: ['au-9'], asvs: ['16.4.2'] }, intervalHours: 2 }),
    controlTest('CHAOS-01', { maps: {} }),
  ];
  const old = run('run-0', [result('AUTHZ-01', 'fail', { at: before(30) }), result('AUDIT-01', 'pass', { at: before(30) })], { startedAt: before(31), endedAt: before(30), runner: 'runner-0' }); // prettier-ignore
  const newest = run('run-1', [result('AUTHZ-01', 'pass'), result('AUTHZ-02', 'fail', { evidence: [] }), result('CHAOS-01', 'invalid')]); // prettier-ignore
  const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;
  return {
    system: { id: 'installation-1', name: 'Strongroom of Example', version: '0.1.0' },
    tests,
    runs: [old, newest],
    findings: FINDING_STATES.map((state, n) => finding(n + 1, state, severities[n % 5] as Severity, { reason: 'because', ...(state === 'accepted' ? { acceptedUntil: before(-50) } : {}), ...(n === 0 ? { cvss: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N' } : {}), ...(n === 1 ? { source: 'sqlmap' } : {}) })), // prettier-ignore
    now,
  };
}
