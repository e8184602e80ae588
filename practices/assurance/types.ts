/** What assurance speaks of: control tests, runs of them, their results, findings. Values only; who keeps them is elsewhere. */

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const PRACTICES = [
  'vault',
  'access',
  'traffic',
  'education',
  'backups',
  'collection',
  'privacy',
  'assurance',
] as const;
export type Practice = (typeof PRACTICES)[number];

/** Ids of other people's catalogues, none of their text. Which ids there are: maps/. */
export type Maps = Readonly<{
  /** OWASP ASVS 5.0.0, as `8.2.1`. */
  asvs?: readonly string[];
  /** OWASP WSTG 4.2, as `WSTG-ATHZ-02`. */
  wstg?: readonly string[];
  /** NIST CSF 2.0, as `PR.AA-05`. */
  csf?: readonly string[];
  /** NIST SP 800-53 r5, as OSCAL writes them: `ac-3`, `ac-6.9`. */
  sp80053?: readonly string[];
  /** ISO/IEC 27001:2022, Annex A, as `A.8.3`. */
  iso27001?: readonly string[];
  /** AICPA Trust Services Criteria, as `CC6.1`. */
  soc2?: readonly string[];
  /** CIS Controls 8.1, as `6.8`. */
  cis?: readonly string[];
  /** PCI DSS 4.0.1, as `7.2.1`. */
  pci?: readonly string[];
  /** MITRE ATT&CK Enterprise, as `T1078` or `T1110.003`. */
  attack?: readonly string[];
}>;

export type TestKind = 'observe' | 'probe' | 'attack' | 'restore' | 'chaos';

export type ControlTest = Readonly<{
  /** Family and number: `AUTHZ-03`. */
  id: string;
  family: string;
  title: string;
  /** What holds if the test passes, one sentence. */
  hypothesis: string;
  kind: TestKind;
  practice: Practice;
  /** A result older than this proves nothing. */
  intervalHours: number;
  /** Of the finding that a failure makes. */
  severity: Severity;
  maps: Maps;
}>;

export type Verdict = 'pass' | 'fail' | 'invalid';
/** `not-asked`: the test does not look at this. */
export type Answer = 'yes' | 'no' | 'not-asked';

export type Evidence = Readonly<{ /** SHA-256, lower-case hex */ hash: string; kind: string; sizeBytes: number }>;

export type Result = Readonly<{
  /** The run it is of. */
  run: string;
  testId: string;
  at: Date;
  verdict: Verdict;
  prevented: Answer;
  detected: Answer;
  recorded: Answer;
  because: string;
  evidence: readonly Evidence[];
  durationMs: number;
  requests: number;
}>;

export type Run = Readonly<{
  id: string;
  startedAt: Date;
  endedAt: Date;
  /** Who ran it: the runner's name. */
  runner: string;
  /** Of the product that was tested. */
  version: string;
  /** The runner's, over the results; base64. */
  signature: string;
  results: readonly Result[];
}>;

export const FINDING_STATES = [
  'new',
  'triaged',
  'in progress',
  'ready for retest',
  'verified fixed',
  'accepted',
  'not affected',
  'false positive',
  'duplicate',
] as const;
export type FindingState = (typeof FINDING_STATES)[number];

/** States in which nobody has to do anything: until a date for what is accepted. */
const CLOSED: ReadonlySet<FindingState> = new Set(['verified fixed', 'not affected', 'false positive', 'duplicate']);

export type Finding = Readonly<{
  id: string;
  /** fingerprint.ts, 64 hex digits. */
  fingerprint: string;
  rule: string;
  title: string;
  severity: Severity;
  /** A vector, as `CVSS:4.0/AV:N/…`. */
  cvss?: string;
  state: FindingState;
  asset: string;
  /** The logical place in the asset. */
  place: string;
  firstSeenAt: Date;
  lastSeenAt: Date;
  dueAt: Date;
  owner?: string;
  /** The tool, or `control test`. */
  source: string;
  testId?: string;
  acceptedUntil?: Date;
  /** Why it is accepted, not affected, false or a duplicate. */
  reason?: string;
}>;

/** What is accepted is open again when its date is over. */
export function isOpen(finding: Pick<Finding, 'state' | 'acceptedUntil'>, now: Date): boolean {
  if (finding.state === 'accepted') return finding.acceptedUntil === undefined || finding.acceptedUntil <= now;
  return !CLOSED.has(finding.state);
}
