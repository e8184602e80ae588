/** Assurance with what it needs of the others: somebody to attack, a process to do it, a role of the database to steal with. */
import { spawn } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import { type Db, type DbAddress } from '#platform/db';
import type { HttpServer } from '#platform/http';
import type { Log } from '#platform/log';
import { createAssurance, publishedKills, RUNNER_PROGRAM, runnerBehind, runnerProcess, type Assurance, type CanarySet, type DataClass } from '#practices/assurance'; // prettier-ignore
import { createDetector, type Catalog } from '#practices/collection';
import { countSubjects, openIdentity, type Foundation } from '#practices/vault';

import { createStages } from './assurance-stage.ts';
import { engagementDesk } from './engagement-desk.ts';
import { isThere, scanTarget } from './scan-target.ts';
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
  chaos: DeskNeeds['chaos'];
  isIncidentOpen: () => Promise<boolean>;
  foundation: Foundation;
}>;

const PARTS_LIST = fileURLToPath(new URL('../package-lock.json', import.meta.url));
/** Of its own text a transcript is full; an address or a card in it is somebody's. */
const SURE = 0.9;
const PERSONAL: ReadonlySet<string> = new Set(['email', 'iban', 'payment-card', 'national-id', 'passport', 'phone']);
const MADE_UP = /@canary\.invalid$|^\+4930231251|^0000999999/;

export function openAssurance(needs: AssuranceParts): Assurance {
  const { config, db, log, clock } = needs;
  const detector = createDetector();
  const stages = createStages(needs);
  return createAssurance({
    db, clock, audit: needs.audit, log, version: VERSION,
    arePeople: (tx) => needs.parts().identity.people.areThere(tx),
    reach: async () => ({ dataClass: highestOf(needs.catalog()), subjects: await countSubjects(db), exposure: config.publicUrl === null ? 'network' : 'internet' }),
    engagements: engagementDesk(needs),
    scans: { scanDays: config.assuranceScanDays, scanners: config.assuranceScanners, target: () => scanTarget(config, needs.http()), isThere },
    sbom: () => readFile(PARTS_LIST).catch((thrown: NodeJS.ErrnoException) => {
      // an installation that was packed without it
      if (thrown.code === 'ENOENT') return null;
      throw thrown;
    }),
    killRate: publishedKills,
    system: { id: needs.foundation.installation, name: 'Strongroom', version: VERSION },
    signer: () => bundleSigner(needs.foundation),
    everyHours: config.assuranceHours,
    isArmed: config.assuranceArmed === 'always',
    isIncidentOpen: needs.isIncidentOpen,
    setStage: stages.set,
    sweepStage: stages.sweep,
    startRunner: () => config.assuranceRunner === null ? ownRunner() : runnerBehind(connect(config.assuranceRunner)),
    personalIn: (text) => {
      const found = detector.detectText(text);
      return found.find(({ type, confidence, start, end }) => PERSONAL.has(type) && confidence >= SURE && !MADE_UP.test(text.slice(start, end)))?.type ?? null;
    },
  });
} // prettier-ignore

/** A process of this server's account: it is given no settings, and keeps to it by itself. */
const ownRunner = () =>
  runnerProcess(spawn(process.execPath, [...process.execArgv, '--max-semi-space-size=4', RUNNER_PROGRAM, VERSION], { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: '/usr/bin:/bin' } })); // prettier-ignore

const CLASSES = ['public', 'internal', 'personal', 'sensitive', 'special'] as const;
/** Art. 9 GDPR has a class of its own here; a severity knows it as sensitive. */
const REACHED: Readonly<Record<(typeof CLASSES)[number], DataClass>> = { public: 'public', internal: 'internal', personal: 'personal', sensitive: 'sensitive', special: 'sensitive' }; // prettier-ignore

/** Of anything that is held here. */
function highestOf(catalog: Catalog): DataClass {
  const found = [...catalog.collections.values()].flatMap(({ fields }) => [...fields.values()].map((field) => CLASSES.indexOf(field.class)));
  return REACHED[CLASSES[Math.max(0, ...found)] ?? 'public'];
} // prettier-ignore

/** What signs an auditor's bundle: a key of this installation, the same on every server. */
async function bundleSigner(foundation: Foundation) {
  const der = await openIdentity(foundation, 'assurance/bundle', () =>
    generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }),
  );
  const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  return {
    sign: (bytes: Uint8Array) => Promise.resolve(sign(null, bytes, key)),
    publicKey: createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString(),
  };
}
