/** Assurance with what it needs of the others: somebody to attack, a process to do it, a role of the database to steal with. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import { type Db, type DbAddress } from '#platform/db';
import type { HttpServer } from '#platform/http';
import type { Log } from '#platform/log';
import { createCanarySet, createRuns, runnerProcess, type CanarySet, type Runs } from '#practices/assurance';
import { createDetector, type Catalog } from '#practices/collection';

import { createStages } from './assurance-stage.ts';
import type { DeskNeeds } from './canary-desk.ts';
import { VERSION } from './version.ts';

export type AssuranceParts = Readonly<{
  audit: Audit;
  config: Config;
  db: Db;
  address: DbAddress;
  log: Log;
  clock: () => Date;
  canaries: CanarySet;
  parts: DeskNeeds['parts'];
  catalog: () => Catalog;
  http: () => HttpServer;
  standing: DeskNeeds['standing'];
  stall: DeskNeeds['stall'];
  isIncidentOpen: () => Promise<boolean>;
  onResults: Parameters<typeof createRuns>[0]['onResults'];
  onTrouble: Parameters<typeof createRuns>[0]['onTrouble'];
}>;

const PROGRAM = fileURLToPath(new URL('main.ts', import.meta.url));
/** Of its own text a transcript is full; an address or a card in it is somebody's. */
const SURE = 0.9;
const PERSONAL: ReadonlySet<string> = new Set(['email', 'iban', 'payment-card', 'national-id', 'passport', 'phone']);
const MADE_UP = /@canary\.invalid$|^\+4930231251|^0000999999/;

export function openAssurance(needs: AssuranceParts): Runs {
  const { config, db, log, clock } = needs;
  const detector = createDetector();
  const stages = createStages(needs);
  return createRuns({
    db, clock, audit: needs.audit, log, version: VERSION,
    everyHours: config.assuranceHours,
    isArmed: config.assuranceArmed === 'always',
    isIncidentOpen: needs.isIncidentOpen,
    setStage: stages.set,
    sweepStage: stages.sweep,
    startRunner: () =>
      runnerProcess(spawn(process.execPath, [...process.execArgv, '--max-semi-space-size=4', PROGRAM, 'assurance', 'runner'], { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: '/usr/bin:/bin' } })),
    personalIn: (text) => {
      const found = detector.detectText(text);
      return found.find(({ type, confidence, start, end }) => PERSONAL.has(type) && confidence >= SURE && !MADE_UP.test(text.slice(start, end)))?.type ?? null;
    },
    onResults: needs.onResults,
    onTrouble: needs.onTrouble,
  });
} // prettier-ignore

export { createCanarySet };
