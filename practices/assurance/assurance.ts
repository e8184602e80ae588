/** Assurance as one object: runs, and everything around them. */
import { publicId, parsePublicId, type Uuid } from '#platform/ids';

import type { Audit } from '#platform/audit';
import type { Statements } from '#platform/db';

import { createEngagements, type Engagements, type EngagementNeeds } from './engagements/engagements.ts';
import { createExports, type Exports, type ExportNeeds } from './exports/export-as.ts';
import { assuranceFailure } from './failures.ts';
import { CONTROL_TESTS } from './families/index.ts';
import { createFeeds, type Feeds } from './findings/feeds.ts';
import { createFindings, type Findings, type Person } from './findings/findings.ts';
import { findingsOfRuns } from './findings/of-runs.ts';
import { createReports, type Reports } from './findings/reports.ts';
import { createSettle, type Settle } from './findings/settle.ts';
import { createPosture, type KillRate } from './posture/posture.ts';
import { createArms, type Arms } from './runs/arms.ts';
import { createRuns, type Runs, type RunsNeeds } from './runs/runs.ts';
import { createScans, type ScanNeeds, type Scans } from './scanners/scans.ts';
import type { Reach } from './severity.ts';
import { askToStop, findEvidence, findRun, listRuns, resultsOf, type RunRow } from './store/runs.ts';

export type AssuranceNeeds = Omit<RunsNeeds, 'onResults' | 'onTrouble' | 'audit'> &
  Readonly<{
    audit: Audit;
    arePeople: (tx: Statements) => Promise<boolean>;
    reach: () => Promise<Reach>;
    engagements: Pick<EngagementNeeds, 'isFit' | 'giveKey' | 'endKey' | 'plant' | 'shred' | 'openCases' | 'noteCase'>;
    scans: Pick<ScanNeeds, 'scanDays' | 'scanners' | 'target' | 'isThere'>;
    sbom: () => Promise<Uint8Array | null>;
    killRate: () => Promise<KillRate | null>;
    system: ExportNeeds['system'];
    signer: ExportNeeds['signer'];
  }>;

export type Assurance = Runs &
  Readonly<{
    findings: Findings;
    reports: Reports;
    feeds: Feeds;
    settle: Settle;
    posture: ReturnType<typeof createPosture>;
    arms: Arms;
    scans: Scans;
    engagements: Engagements;
    exports: Exports;
    /** Something is wrong that nobody asked about: a finding. */
    onTrouble: (rule: string, because: string) => Promise<void>;
    runs: () => Promise<RunView[]>;
    run: (id: string) => Promise<WholeRun>;
    stopRun: (by: Person, id: string) => Promise<WholeRun>;
    /** @throws ASSURANCE_NOT_FOUND */
    evidence: (hash: string) => Promise<Buffer>;
  }>;

export type RunView = ReturnType<typeof runView> & Readonly<{ pass: number; fail: number; invalid: number }>;
export type WholeRun = RunView &
  Readonly<{ current: string | null; wanted: readonly string[]; results: readonly ResultView[] }>;
type ResultView = ReturnType<typeof resultView>;

const LISTED = 50;

export function createAssurance(needs: AssuranceNeeds): Assurance {
  const { db, audit } = needs;
  const ofRuns = findingsOfRuns(needs);
  const runs = createRuns({
    ...needs,
    onResults: (runId, _results, state) => ofRuns.onResults(runId, state),
    onTrouble: async (rule, because) => {
      needs.log.error({ rule, because }, 'a run of control tests needs somebody to look');
      await ofRuns.onTrouble(rule, because);
    },
  });
  const feeds = createFeeds(needs);
  const findings = createFindings({ ...needs, lookAside: feeds.lookAside });
  const reports = createReports(needs);
  const sign: EngagementNeeds['sign'] = async (bytes) => {
    const signer = await needs.signer();
    return { signature: await signer.sign(bytes), publicKey: signer.publicKey };
  };
  const engagements = createEngagements({ ...needs, ...needs.engagements, sign }, reports);
  const scans = createScans({ ...needs, ...needs.scans }, { reports, armedNow: runs.armedNow, whyNot: runs.whyNot });
  const rowOf = async (id: string): Promise<RunRow> => {
    const uuid = parsePublicId('run', id);
    const row = uuid === null ? null : await findRun(db, uuid);
    if (row === null) throw assuranceFailure('NOT_FOUND');
    return row;
  };
  const wholeRun = async (id: string): Promise<WholeRun> => {
    const row = await rowOf(id);
    const results = await resultsOf(db, row.run_id);
    const counts = { pass: 0, fail: 0, invalid: 0 };
    for (const { verdict } of results) counts[verdict] += 1;
    const current = row.state === 'running' ? runs.progress().current : null;
    return { ...runView(row), ...counts, current, wanted: row.tests, results: results.map(resultView) };
  };
  return {
    ...runs,
    tick: async () => {
      await runs.tick();
      await findings.tick();
      await feeds.tick();
      await engagements.tick();
      await scans.tick();
    },
    onTrouble: ofRuns.onTrouble,
    findings,
    feeds,
    settle: createSettle({ ...needs, feeds }),
    reports,
    scans,
    engagements,
    posture: createPosture({ ...needs, tests: CONTROL_TESTS }),
    arms: createArms({
      ...needs,
      stop: (why) => {
        runs.stop(why);
        scans.halt();
      },
    }),
    close: async () => {
      await runs.close();
      await scans.close();
    },
    exports: createExports({ ...needs, tests: CONTROL_TESTS }),
    runs: async () => (await listRuns(db, LISTED)).map((row) => ({ ...runView(row), pass: row.pass, fail: row.fail, invalid: row.invalid })),
    run: wholeRun,
    stopRun: async (by, id) => {
      const { run_id: runId, state } = await rowOf(id);
      if (state !== 'running' || !(await askToStop(db, runId, `${by.actor.id} stopped it`))) throw assuranceFailure('WRONG_STATE');
      await audit.append({ action: 'assurance.run.stop', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { run: id } });
      if (runs.goesOn(runId)) runs.stop(`${by.actor.id} stopped it`);
      return wholeRun(id);
    },
    evidence: async (hash) => {
      const found = await findEvidence(db, hash);
      if (found === null) throw assuranceFailure('NOT_FOUND');
      return found.bytes;
    },
  };
} // prettier-ignore

const runId = (id: Uuid): string => publicId('run', id);

const runView = (row: RunRow) => ({
  id: runId(row.run_id),
  state: row.state,
  askedBy: row.asked_by,
  startedAt: row.started_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
  version: row.version,
  because: row.because,
  signature: row.signature,
  runnerKey: row.runner_key,
  tests: row.tests.length,
});

const resultView = (row: Awaited<ReturnType<typeof resultsOf>>[number]) => ({
  testId: row.test_id,
  at: row.at.toISOString(),
  verdict: row.verdict,
  prevented: row.prevented,
  detected: row.detected,
  recorded: row.recorded,
  because: row.because,
  evidence: row.evidence,
  durationMs: row.duration_ms,
  requests: row.requests,
});
