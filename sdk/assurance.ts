/** Assurance: control tests and their runs, what is proven, findings, what comes from other tools and goes to others. */
import type { Body, Reply } from './contract.ts';
import type { CallOptions, Body as Content, Transport } from './transport.ts';

export type ControlTest = Reply<'listControlTests', '200'>['tests'][number];
export type Posture = Reply<'getPosture', '200'>;
export type ControlRun = Reply<'listRuns', '200'>['runs'][number];
export type WholeRun = Reply<'getRun', '200'>;
export type Arm = Reply<'listArms', '200'>['arms'][number];
export type Finding = Reply<'listFindings', '200'>['findings'][number];
export type WholeFinding = Reply<'getFinding', '200'>;
export type TakenReport = Reply<'listTakenReports', '200'>['reports'][number];
export type AdvisoryFeeds = Reply<'getFeeds', '200'>;
export type FindingChange = Body<'changeFinding'>;
export type FindingAsk = Readonly<{
  state?: Finding['state'] | 'open' | 'all';
  severity?: Finding['severity'];
  /** A tool, `control test`, `advisories`. */
  source?: string;
  test?: string;
  /** `next` of the page before. */
  after?: string;
  limit?: number;
}>;
export type Engagement = Reply<'listEngagements', '200'>['engagements'][number];
export type WholeEngagement = Reply<'getEngagement', '200'>;
/** A scanner that looks at this system, where it is installed. */
export type Scanner = Reply<'listScanners', '200'>['scanners'][number];
/** What became of VEX statements. */
export type SettledVex = Reply<'takeVex', '200'>;
export type FeedName = 'osv' | 'kev' | 'epss';
export type AssuranceExport = 'oscal-assessment-results' | 'oscal-poam' | 'sarif' | 'cyclonedx' | 'navigator';

export type Assurance = {
  tests: (options?: CallOptions) => Promise<Readonly<{ tests: readonly ControlTest[] }>>;
  posture: (options?: CallOptions) => Promise<Posture>;
  /** @param tests ids or families; none: all that may run now */
  begin: (tests?: readonly string[], options?: CallOptions) => Promise<Readonly<{ id: string }>>;
  runs: (options?: CallOptions) => Promise<Readonly<{ runs: readonly ControlRun[] }>>;
  run: (id: string, options?: CallOptions) => Promise<WholeRun>;
  stop: (id: string, options?: CallOptions) => Promise<WholeRun>;
  /** The bytes; who uses them hashes them again. */
  evidence: (hash: string, options?: CallOptions) => Promise<Uint8Array>;
  pullSwitch: (reason: string, options?: CallOptions) => Promise<Posture['switch']>;
  releaseSwitch: (options?: CallOptions) => Promise<Posture['switch']>;
  arms: (options?: CallOptions) => Promise<Readonly<{ arms: readonly Arm[] }>>;
  proposeArm: (ask: Body<'proposeArm'>, options?: CallOptions) => Promise<Arm>;
  approveArm: (id: string, options?: CallOptions) => Promise<Arm>;
  endArm: (id: string, options?: CallOptions) => Promise<Arm>;
  findings: (ask?: FindingAsk, options?: CallOptions) => Promise<Reply<'listFindings', '200'>>;
  finding: (id: string, options?: CallOptions) => Promise<WholeFinding>;
  change: (id: string, change: FindingChange, options?: CallOptions) => Promise<WholeFinding>;
  proposeAcceptance: (id: string, ask: Body<'proposeAcceptance'>, options?: CallOptions) => Promise<WholeFinding>;
  approveAcceptance: (id: string, ask: Body<'approveAcceptance'>, options?: CallOptions) => Promise<WholeFinding>;
  refuseAcceptance: (id: string, ask: Body<'refuseAcceptance'>, options?: CallOptions) => Promise<WholeFinding>;
  reports: (options?: CallOptions) => Promise<Readonly<{ reports: readonly TakenReport[] }>>;
  /** What another tool wrote, as it is. @param about `format`: left out, it is seen from the report; `asset`: where the report does not say */
  takeReport: (
    report: Content,
    about?: Readonly<{ format?: string; asset?: string }>,
    options?: CallOptions,
  ) => Promise<TakenReport>;
  feeds: (options?: CallOptions) => Promise<AdvisoryFeeds>;
  /** In place of the one before. */
  loadFeed: (feed: FeedName, content: Content, options?: CallOptions) => Promise<AdvisoryFeeds>;
  /** What somebody reported from outside: a new finding. */
  note: (ask: Body<'noteFinding'>, options?: CallOptions) => Promise<WholeFinding>;
  engagements: (options?: CallOptions) => Promise<Readonly<{ engagements: readonly Engagement[] }>>;
  engagement: (id: string, options?: CallOptions) => Promise<WholeEngagement>;
  proposeEngagement: (ask: Body<'proposeEngagement'>, options?: CallOptions) => Promise<Engagement>;
  approveEngagement: (id: string, options?: CallOptions) => Promise<Engagement>;
  endEngagement: (id: string, options?: CallOptions) => Promise<Engagement>;
  /** Shown once. */
  engagementKey: (id: string, role: string, options?: CallOptions) => Promise<Reply<'giveEngagementKey', '201'>>;
  engagementReport: (id: string, options?: CallOptions) => Promise<Reply<'reportEngagement', '200'>>;
  takeEngagementReport: (
    id: string,
    report: Content,
    about?: Readonly<{ format?: string; asset?: string }>,
    options?: CallOptions,
  ) => Promise<TakenReport>;
  scanners: (options?: CallOptions) => Promise<Readonly<{ scanners: readonly Scanner[] }>>;
  /** @param names none: all that can run here */
  scan: (names?: readonly string[], options?: CallOptions) => Promise<Readonly<{ scanners: readonly string[] }>>;
  stopScans: (options?: CallOptions) => Promise<void>;
  /** VEX, as somebody published it: OpenVEX, CycloneDX. */
  takeVex: (content: Content, options?: CallOptions) => Promise<SettledVex>;
  export: (name: AssuranceExport, options?: CallOptions) => Promise<Readonly<Record<string, unknown>>>;
  /** The auditor's archive, as it streams. */
  bundle: (options?: CallOptions) => Promise<ReadableStream<Uint8Array>>;
};

/** A feed of one ecosystem is read and matched while its sender waits. */
const UPLOAD_MS = 300_000;

export function createAssurance({ json, stream }: Transport): Assurance {
  const at = (...path: string[]): string => `/v1/assurance/${path.map(encodeURIComponent).join('/')}`;
  const read = <T>(path: string, options?: CallOptions, query?: Readonly<Record<string, string>>): Promise<T> =>
    json({ method: 'GET', path, ...(query === undefined ? {} : { query }), does: 'read' }, options);
  const change = <T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown, options?: CallOptions): Promise<T> =>
    json({ method, path, ...(body === undefined ? {} : { json: body }), does: 'change' }, options);
  const upload = <T>(method: 'POST' | 'PUT', path: string, body: Content, options: CallOptions = {}, query: Readonly<Record<string, string>> = {}): Promise<T> =>
    json({ method, path, query, body, headers: { 'content-type': 'application/octet-stream' }, does: 'change' }, { timeoutMs: UPLOAD_MS, ...options });
  return {
    tests: (options) => read(at('tests'), options),
    posture: (options) => read(at('posture'), options),
    begin: (tests = [], options) => change('POST', at('runs'), { tests }, options),
    runs: (options) => read(at('runs'), options),
    run: (id, options) => read(at('runs', id), options),
    stop: (id, options) => change('POST', at('runs', id, 'stop'), undefined, options),
    evidence: async (hash, options) => {
      const response = await stream({ method: 'GET', path: at('evidence', hash), does: 'read', accept: 'application/octet-stream' }, options);
      return new Uint8Array(await response.arrayBuffer());
    },
    pullSwitch: (reason, options) => change('PUT', at('switch'), { reason }, options),
    releaseSwitch: (options) => change('DELETE', at('switch'), undefined, options),
    arms: (options) => read(at('arms'), options),
    proposeArm: (ask, options) => change('POST', at('arms'), ask, options),
    approveArm: (id, options) => change('POST', at('arms', id, 'approve'), undefined, options),
    endArm: (id, options) => change('POST', at('arms', id, 'end'), undefined, options),
    findings: (ask = {}, options) =>
      read(at('findings'), options, Object.fromEntries(Object.entries(ask).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]))),
    finding: (id, options) => read(at('findings', id), options),
    change: (id, ask, options) => change('POST', at('findings', id, 'change'), ask, options),
    proposeAcceptance: (id, ask, options) => change('POST', at('findings', id, 'acceptance'), ask, options),
    approveAcceptance: (id, ask, options) => change('POST', at('findings', id, 'acceptance', 'approve'), ask, options),
    refuseAcceptance: (id, ask, options) => change('POST', at('findings', id, 'acceptance', 'refuse'), ask, options),
    reports: (options) => read(at('reports'), options),
    takeReport: (report, about = {}, options) => upload('POST', at('reports'), report, options, about as Record<string, string>),
    feeds: (options) => read(at('feeds'), options),
    loadFeed: (feed, content, options) => upload('PUT', at('feeds', feed), content, options),
    note: (ask, options) => change('POST', at('findings'), ask, options),
    engagements: (options) => read(at('engagements'), options),
    engagement: (id, options) => read(at('engagements', id), options),
    proposeEngagement: (ask, options) => change('POST', at('engagements'), ask, options),
    approveEngagement: (id, options) => change('POST', at('engagements', id, 'approve'), undefined, options),
    endEngagement: (id, options) => change('POST', at('engagements', id, 'end'), undefined, options),
    engagementKey: (id, role, options) => change('POST', at('engagements', id, 'keys'), { role }, options),
    engagementReport: (id, options) => read(at('engagements', id, 'report'), options),
    takeEngagementReport: (id, report, about = {}, options) => upload('POST', at('engagements', id, 'reports'), report, options, about as Record<string, string>),
    scanners: (options) => read(at('scanners'), options),
    scan: (names = [], options) => change('POST', at('scans'), { scanners: names }, options),
    stopScans: (options) => change('DELETE', at('scans'), undefined, options),
    takeVex: (content, options) => upload('POST', at('vex'), content, options),
    export: (name, options) => read(at('exports', name), options),
    bundle: async (options) => {
      const response = await stream({ method: 'GET', path: at('exports', 'bundle.zip'), does: 'read', accept: 'application/zip' }, options);
      return response.body ?? new Blob([]).stream();
    },
  };
} // prettier-ignore
