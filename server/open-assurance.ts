/** Assurance with what it needs of the others: somebody to attack, a process to do it, a role of the database to steal with. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import { type Db, type DbAddress } from '#platform/db';
import type { HttpServer } from '#platform/http';
import { publicId, recordIdText, type Uuid } from '#platform/ids';
import type { Log } from '#platform/log';
import { createCanarySet, createRuns, dropReader, leftReaders, runnerProcess, type CanarySet, type Runs, type RunnerKey, type Stage, type World } from '#practices/assurance'; // prettier-ignore
import { createDetector, type Catalog, type CollectionSpec } from '#practices/collection';

import { pageOfLiving } from '#practices/vault';

import { readerRole } from './assurance-database.ts';
import { createCanaryDesk, RUN_MINUTES, type DeskNeeds } from './canary-desk.ts';
import { VERSION } from './version.ts';

type Needs = Readonly<{
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
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const OPENAPI = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));
const SOME = 500;
/** Two for each test, and some to read many of. */
const MOST_CANARIES = 160;
const SPARE_CANARIES = 24;
/** Of its own text a transcript is full; an address or a card in it is somebody's. */
const SURE = 0.9;
const PERSONAL: ReadonlySet<string> = new Set(['email', 'iban', 'payment-card', 'national-id', 'passport', 'phone']);
const MADE_UP = /@canary\.invalid$|^\+4930231251|^0000999999/;

export function openAssurance(needs: Needs): Runs {
  const { config, db, address, log, clock, canaries } = needs;
  const detector = createDetector();
  return createRuns({
    db, clock, audit: needs.audit, log, version: VERSION,
    everyHours: config.assuranceHours,
    isArmed: config.assuranceArmed === 'always',
    isIncidentOpen: needs.isIncidentOpen,
    setStage: (runId, tests) => setStage(needs, runId, tests),
    sweepStage: () => sweepStage(needs),
    startRunner: () =>
      runnerProcess(spawn(process.execPath, ['--max-semi-space-size=4', PROGRAM, 'assurance', 'runner'], { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: '/usr/bin:/bin' } })),
    personalIn: (text) => {
      const found = detector.detectText(text);
      return found.find(({ type, confidence, start, end }) => PERSONAL.has(type) && confidence >= SURE && !MADE_UP.test(text.slice(start, end)))?.type ?? null;
    },
    onResults: needs.onResults,
    onTrouble: needs.onTrouble,
  });

  async function sweepStage(of: Needs): Promise<void> {
    const { vault } = of.parts();
    const left = await canaries.left();
    if (left.length > 0) {
      await vault.canaries.shred(left);
      await canaries.gone(left);
    }
  }

  async function setStage(of: Needs, runId: Uuid, tests: readonly string[]): Promise<Stage> {
    const { access, audit, identity } = of.parts();
    const made: { keys: string[]; people: string[] } = { keys: [], people: [] };
    const collection = whichCollection(of.catalog(), config.assuranceCollection);
    const { desk, plant, mendAll } = createCanaryDesk({
      parts: of.parts,
      collection: collection.name,
      runId,
      planted: (subjects) => canaries.add(runId, subjects),
      made: async (what, id) => void made[what].push(id),
      standing: of.standing,
      stall: of.stall,
    });
    const role = await readerRole(db, address, `strongroom_run_${runId.replaceAll('-', '').slice(-12)}`);
    const close = async (): Promise<void> => {
      await mendAll();
      await role.drop();
      const logged = (action: string) => (tx: Parameters<typeof audit.appendIn>[0], id: string): Promise<unknown> =>
        audit.appendIn(tx, { action, actor: { kind: 'system', id: 'assurance' }, outcome: 'done', detail: { id } });
      const living = new Set((await access.listKeys()).filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id));
      for (const id of made.keys) if (living.has(id)) await access.revokeKey(id, (tx) => logged('access.key.revoke')(tx, id));
      const admin = await access.systemActor('assurance', (await access.rolesThat('people.manage'))[0] ?? '');
      for (const id of made.people) if (admin !== null) await identity.people.disable(admin, id, 'revoke', logged('access.person.disable'));
      const left = await canaries.of(runId);
      await of.parts().vault.canaries.shred(left);
      await canaries.gone(left);
    };
    try {
      const planted = await plant(Math.min(MOST_CANARIES, SPARE_CANARIES + 2 * tests.length));
      const keys: RunnerKey[] = [];
      const by = await access.systemActor('assurance', 'auditor');
      for (const name of by === null ? [] : access.roles(by)) keys.push(await desk.key(name));
      const keyOf = async (wanted: { role: string; minutes: number; classes?: readonly string[] }): Promise<RunnerKey> => {
        const { id, key } = await access.createCanaryKey(wanted, (tx, each) => audit.appendIn(tx, { action: 'access.key.create', actor: { kind: 'system', id: 'assurance' }, outcome: 'done', detail: { key: each, role: wanted.role } }));
        made.keys.push(id);
        return { id, key, role: wanted.role };
      };
      const reader = keys.some((each) => each.role === 'application') ? 'application' : (keys[0]?.role ?? '');
      const { vault } = of.parts();
      const world: World = {
        run: publicId('run', runId),
        tests,
        ...addressesOf(config, of.http()),
        ca: config.tlsCert === null ? null : await readFile(config.tlsCert, 'utf8'),
        keys,
        ended: await keyOf({ role: reader, minutes: -1 }),
        narrow: await keyOf({ role: reader, minutes: RUN_MINUTES, classes: ['internal'] }),
        collection: { name: collection.name, fields: [...collection.fields.values()].map(({ name, type, class: of, purposes }) => ({ name, type, class: of, purposes: purposes.map(({ id }) => id) })) },
        purposes: [...of.catalog().purposes.keys()],
        consentPurposes: [...collection.fields.values()].flatMap(({ purposes }) => purposes.filter(({ requiresConsent }) => requiresConsent).map(({ id }) => id)),
        canaries: planted,
        outside: await somebody(),
        logKeys: audit.verifierKey,
        database: role.url,
        databaseWhy: role.why,
        home: config.home,
        root: ROOT,
        openapi: OPENAPI,
      };
      return { world, desk, close };

      async function somebody(): Promise<string | null> {
        const page = await pageOfLiving(db, null, SOME);
        for (const subject of page.filter((each) => !canaries.isCanary(each))) {
          const [record] = await vault.recordsOf(subject, { after: null, limit: 1 });
          if (record !== undefined) return recordIdText(record);
        }
        return null;
      }
    } catch (thrown) {
      await close().catch((err: unknown) => log.error({ err }, 'what a run had made could not be taken away'));
      throw thrown;
    }
  }
} // prettier-ignore

/** Roles of the database that a killed server left. */
export async function dropLeftReaders(db: Db): Promise<void> {
  for (const name of await leftReaders(db)) await dropReader(db, name);
}

/** The collection that holds most of a person; or the one that the settings name. */
function whichCollection(catalog: Catalog, named: string | null): CollectionSpec {
  const all = [...catalog.collections.values()];
  const found = named === null ? all.toSorted((a, b) => b.fields.size - a.fields.size)[0] : catalog.collections.get(named);
  if (found === undefined) throw new Error('there is no collection to plant canaries in');
  return found;
} // prettier-ignore

/** Over loopback, whatever name others know this server by. */
function addressesOf({ tlsCert }: Config, http: HttpServer): { url: string } {
  const at = http.addresses().find((each) => typeof each === 'object');
  if (at === undefined || typeof at === 'string') throw new Error('the server does not listen');
  const host = at.family === 'IPv6' ? (at.address === '::' ? '127.0.0.1' : `[${at.address}]`) : at.address === '0.0.0.0' ? '127.0.0.1' : at.address;
  return { url: `${tlsCert === null ? 'http' : 'https'}://${host}:${at.port}` };
} // prettier-ignore

export { createCanarySet };
