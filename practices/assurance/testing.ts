/** Findings on a real database, with runs that are made up and a clock that is set. For tests. */
import { createHash } from 'node:crypto';

import type { Db } from '#platform/db';
import { publicId, uuidv7, type Uuid } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { createFeeds, type Feeds } from './findings/feeds.ts';
import { createFindings, type Findings, type Person } from './findings/findings.ts';
import { findingsOfRuns, type OfRuns } from './findings/of-runs.ts';
import { createSettle, type Settle } from './findings/settle.ts';
import { createReports, type Reports } from './findings/reports.ts';
import { insertResult, insertRun, keepEvidence, endRun, type RunState } from './store/runs.ts';
import type { Verdict } from './types.ts';

export type Logged = Readonly<{ action: string; detail?: Readonly<Record<string, unknown>> }>;
export type FindingsWorld = Readonly<{
  db: Db;
  clock: () => Date;
  /** Sets the clock. */
  at: (iso: string) => void;
  later: (days: number) => void;
  logged: Logged[];
  alarms: string[];
  findings: Findings;
  reports: Reports;
  feeds: Feeds;
  settle: Settle;
  ofRuns: OfRuns;
  by: (name: string) => Person;
  /** A run with these results, taken in. */
  run: (results: Readonly<Record<string, Verdict>>, more?: Readonly<{ state?: RunState; evidence?: 'kept' | 'none' | 'gone'; prevented?: 'yes' | 'no' }>) => Promise<Uuid>;
  parts: { list: Uint8Array | null };
  people: { some: boolean };
}>; // prettier-ignore

export async function findingsWorld(t: Parameters<typeof freshDatabase>[0]): Promise<FindingsWorld> {
  const migrated = [{ schema: 'assurance', folder: new URL('./sql/', import.meta.url) }];
  const { db } = await freshDatabase(t, { migrated });
  let now = new Date('2026-11-27T03:00:00Z');
  const clock = (): Date => new Date(now);
  const [logged, alarms]: [Logged[], string[]] = [[], []];
  const audit = { appendIn: async (_tx: unknown, event: Logged) => ({ index: BigInt(logged.push(event)) }) } as never;
  const log = { error: (_about: unknown, says: string) => void alarms.push(says) } as never;
  const people = { some: true };
  const parts: FindingsWorld['parts'] = { list: null };
  const reach = () => Promise.resolve({ dataClass: 'personal', subjects: 10, exposure: 'internet' } as const);
  const needs = { db, audit, clock, log, reach, arePeople: () => Promise.resolve(people.some), sbom: () => Promise.resolve(parts.list) };
  const ofRuns = findingsOfRuns(needs);
  const feeds = createFeeds(needs);
  return {
    db, clock, logged, alarms, ofRuns, parts, people,
    at: (iso) => void (now = new Date(iso)),
    later: (days) => void (now = new Date(now.getTime() + days * 86_400_000)),
    findings: createFindings({ ...needs, lookAside: feeds.lookAside }),
    reports: createReports(needs),
    feeds,
    settle: createSettle({ ...needs, feeds }),
    by: (name) => ({ actor: { kind: 'staff', id: name, role: 'security' }, person: name, requestId: 'asked-1' }),
    run: async (results, { state = 'done', evidence = 'kept', prevented = 'no' } = {}) => {
      const runId = uuidv7(now.getTime());
      await insertRun(db, { run_id: runId, asked_by: 'assurance', tests: Object.keys(results), started_at: now, version: '0.1.0' });
      for (const [n, [testId, verdict]] of Object.entries(results).entries()) {
        const bytes = JSON.stringify({ testId, runId });
        const hash = createHash('sha256').update(bytes).digest('hex');
        const kept = { hash, kind: 'transcript', sizeBytes: bytes.length, bytes };
        if (evidence === 'kept') await keepEvidence(db, kept);
        await insertResult(db, runId, n + 1, {
          run: publicId('run', runId), testId, at: now.toISOString(), verdict, prevented: verdict === 'pass' ? 'yes' : prevented, detected: verdict === 'pass' ? 'yes' : 'no',
          recorded: 'not-asked', because: `${testId} ${verdict}`, evidence: evidence === 'none' ? [] : [kept], durationMs: 5, requests: 2,
        });
      }
      await endRun(db, runId, { state, because: '', signature: 'c2ln', at: now });
      if (state === 'done' || state === 'stopped') await ofRuns.onResults(runId, state);
      return runId;
    },
  };
} // prettier-ignore
