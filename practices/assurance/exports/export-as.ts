/** One of the exports, of what stands in the database. */
import type { Audit } from '#platform/audit';
import type { Db } from '#platform/db';
import { publicId } from '#platform/ids';

import { exportedOf } from '../findings/views.ts';
import { listFindings } from '../store/findings.ts';
import { evidenceListed, findEvidence, listRuns, newestResults, resultsOf, type CountedRun } from '../store/runs.ts';
import { FINDING_STATES, SEVERITIES, type ControlTest, type Result, type Run } from '../types.ts';
import { attackLayer } from './attack-layer.ts';
import { auditBundle } from './bundle.ts';
import { declarations } from './declarations.ts';
import type { Exported } from './exported.ts';
import { oscalPoam } from './oscal-poam.ts';
import { oscalResults } from './oscal-results.ts';
import { sarifLog } from './sarif-log.ts';

const DOCUMENTS = {
  'oscal-assessment-results': oscalResults,
  'oscal-poam': oscalPoam,
  sarif: sarifLog,
  cyclonedx: declarations,
  navigator: attackLayer,
} as const satisfies Readonly<Record<string, (exported: Exported) => unknown>>;

export type DocumentName = keyof typeof DOCUMENTS;
export const DOCUMENT_NAMES = Object.keys(DOCUMENTS) as readonly DocumentName[];

export type ExportNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Pick<Audit, 'prove' | 'verifierKey'>;
  tests: readonly ControlTest[];
  system: Exported['system'];
  signer: () => Promise<Readonly<{ sign: (bytes: Uint8Array) => Promise<Uint8Array>; publicKey: string }>>;
}>;
export type Exports = Readonly<{
  /** null: nothing stands that it could be made of. */
  document: (name: DocumentName) => Promise<object | null>;
  bundle: () => Promise<AsyncGenerator<Buffer>>;
}>;

const RUNS = 30;
const FINDINGS = 50_000;

export function createExports({ db, clock, audit, tests, system, signer }: ExportNeeds): Exports {
  const gathered = async (): Promise<{ exported: Exported; rows: readonly CountedRun[] }> => {
    // only what was signed counts; the oldest first, so that the newest of a test is the last
    const standing = [...new Set((await newestResults(db)).map(({ run_id }) => run_id))];
    const rows = (await listRuns(db, RUNS, standing)).filter(({ state }) => state === 'done' || state === 'stopped').toReversed();
    const runs: Run[] = [];
    for (const row of rows) runs.push(await runOf(db, row));
    const findings = await listFindings(db, { states: FINDING_STATES, severities: SEVERITIES, source: null, testId: null, after: null, most: FINDINGS });
    return { exported: { system, tests, runs, findings: findings.map(exportedOf), now: clock() }, rows };
  };
  return {
    document: async (name) => DOCUMENTS[name]((await gathered()).exported),
    bundle: async () => {
      const { exported, rows } = await gathered();
      const { sign, publicKey } = await signer();
      return auditBundle({
        exported, sign, publicKey, logKeys: audit.verifierKey,
        readEvidence: async (hash) => (await findEvidence(db, hash))?.bytes ?? null,
        proofs: proofsOf(rows, audit),
      });
    },
  };
} // prettier-ignore

/** That the log named the runner's key before its results, and its signature after them. */
async function* proofsOf(rows: readonly CountedRun[], audit: ExportNeeds['audit']): AsyncGenerator<string> {
  for (const index of rows.flatMap(({ key_index, end_index }) => [key_index, end_index]))
    if (index !== null) yield await audit.prove(Number(index), { withEntry: true });
}

async function runOf(db: Db, row: CountedRun): Promise<Run> {
  const rows = await resultsOf(db, row.run_id);
  const listed = new Map((await evidenceListed(db, rows.flatMap(({ evidence }) => evidence))).map((each) => [each.hash, each]));
  const results = rows.map((each): Result => ({
    run: publicId('run', row.run_id), testId: each.test_id, at: each.at, verdict: each.verdict,
    prevented: each.prevented as Result['prevented'], detected: each.detected as Result['detected'], recorded: each.recorded as Result['recorded'],
    because: each.because, durationMs: each.duration_ms, requests: each.requests,
    evidence: each.evidence.map((hash) => ({ hash, kind: listed.get(hash)?.kind ?? 'gone', sizeBytes: listed.get(hash)?.size_bytes ?? 0 })),
  }));
  return { id: publicId('run', row.run_id), startedAt: row.started_at, endedAt: row.ended_at ?? row.started_at, runner: 'strongroom-runner', version: row.version, signature: row.signature ?? '', results };
} // prettier-ignore
