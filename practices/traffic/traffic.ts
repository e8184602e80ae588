/** Wires traffic: sensors write events, detections look at them, alerts become cases, cases have consequences. */
import { hash } from 'node:crypto';

import type { Audit } from '#platform/audit';
import type { Secret } from '#platform/crypto';
import { transact, type Db, type Statements, type Tx } from '#platform/db';
import type { SubjectId } from '#platform/ids';
import type { Network } from '#platform/networks';

import { openCountries, type CountryOf } from './behaviour/addresses.ts';
import { createBehaviours, type Behaviours } from './behaviour/compose.ts';
import { createCarryOut, type CarryOutNeeds } from './cases/carry-out.ts';
import { createCases, type Cases, type CasesNeeds } from './cases/cases.ts';
import { createDeliver } from './cases/deliver.ts';
import { createPlaybooks } from './cases/playbooks.ts';
import { createTakeIn } from './cases/take-in.ts';
import { ownHoneyDetector } from './detect/own-honey.ts';
import { createNaming } from './detect/naming.ts';
import { reconcileOf } from './detect/own-wire.ts';
import { createRuleShelf, type RuleShelf } from './detect/rule-shelf.ts';
import { createScrapeLook } from './detect/scrape.ts';
import { createWatch, type Watch } from './detect/watch.ts';
import { createHoney, type Honey } from './guard/honey.ts';
import { createInspector } from './inspect/index.ts';
import { createInspection, type InspectionHealth, type RequestInspection } from './inspect/inspection.ts';
import type { InspectMode } from './inspect/inspect.ts';
import { createMeasures, type Measures } from './guard/measures.ts';
import { createPlaybookShelf, type PlaybookShelf } from './guard/playbook-shelf.ts';
import { trafficSealing } from './record/block.ts';
import { createLive, type LiveView } from './record/live.ts';
import { createRecorder, type Recorder, type RecorderNeeds } from './record/recorder.ts';
import { createSearch } from './record/search.ts';
import type { DeclaredFeed } from './sensors/declared-feeds.ts';
import { createFeeds, type FeedsNeeds } from './sensors/feeds.ts';
import { createInspectionSensor, engineProblem, INSPECTION, type InspectionSensor } from './sensors/inspections.ts';
import { createRequestSensor, OWN, type RequestSensor } from './sensors/requests.ts';
import { actorDays, sweepActorDays, type ActorDid } from './store/actors.ts';
import { holdCursor, holdsTurn, sweepMinutes, turnPartitions } from './store/blocks.ts';
import { countAlerts, sweepCases } from './store/cases.ts';
import { readBaseline, writeBaseline } from './store/baselines.ts';
import { sweepRollups } from './store/rollups.ts';
import { sweepDeliveries, sweepMeasures } from './store/measures.ts';
import { sweepSuppressions } from './store/rules.ts';
import { beginSensor, endSensor, listOwn, sweepSensors, touchSensor } from './store/sensors.ts';
import { forgetSubject } from './store/touches.ts';

export type TrafficNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'append' | 'appendIn'>;
  clock: () => Date;
  /** Of this server; the same after a restart, so that a gap is seen. */
  node: string;
  /** 32 bytes that seal events. */
  key: Uint8Array;
  version: string;
  fetch: typeof fetch;
  webhook: Readonly<{ url: string; secret: Secret<string> }> | null;
  syslog: string | null;
  protectedNetworks: readonly Network[];
  keep: Readonly<{ eventDays: number; caseDays: number }>;
  feeds: readonly DeclaredFeed[];
  /** Of requests that look like attacks. */
  inspect: InspectMode;
  countCustomers: () => Promise<number>;
  living: RecorderNeeds['living'];
  onTrouble: (what: string, detail: Readonly<Record<string, unknown>>) => void;
}> &
  Pick<CarryOutNeeds, 'revokeKey' | 'revokedAt' | 'endSessions' | 'stepUp'> &
  Pick<CasesNeeds, 'ownerOf'> &
  Pick<FeedsNeeds, 'spawn' | 'captureUser'>;

export type Traffic = Readonly<{
  requests: RequestSensor;
  inspection: RequestInspection;
  inspections: InspectionSensor;
  recorder: Recorder;
  cases: Cases;
  rules: RuleShelf;
  measures: Measures;
  honey: Honey;
  playbooks: PlaybookShelf;
  search: ReturnType<typeof createSearch>;
  live: (minutes: number) => Promise<LiveView & Readonly<{ inspection: InspectionHealth }>>;
  /** What somebody of this system did, by day and purpose; of a key, since when it is revoked. */
  actor: (id: string, days: number) => Promise<{ days: ActorDid[]; revokedAt: string | null }>;
  /** Alerts of a time that more left the machines than the log tells of. */
  unlogged: (from: Date, to: Date) => Promise<number>;
  sensors: ReturnType<typeof createLive>['sensors'];
  health: () => Readonly<{ watch: ReturnType<Watch['health']>; requests: ReturnType<RequestSensor['health']> }>;
  /** In the transaction that erases a customer. */
  forget: (tx: Statements, subjectId: SubjectId) => Promise<void>;
  begin: () => Promise<void>;
  /** Each on its own loop. */
  flush: () => Promise<void>;
  takeIn: () => Promise<boolean>;
  lookForScrapes: () => Promise<void>;
  runOrders: () => Promise<void>;
  sendDue: (channel: 'webhook' | 'syslog', stop: AbortSignal) => Promise<void>;
  noteFeeds: () => Promise<void>;
  refresh: () => Promise<void>;
  sweep: () => Promise<void>;
  /** After the last request. */
  close: () => Promise<void>;
}>;

/** Touches outlive the blocks: a scrape is measured against half a year. */
const TOUCH_DAYS = 200;
/** Of a server that was not heard of for longer nobody asks, and its place in a log is long gone. */
const SENSOR_DAYS = 30;
const BASELINE = 'behaviours';
/** Of the thread that serves everybody, for one request. */
const INSPECT_MS = 20;

export function createTraffic(needs: TrafficNeeds): Traffic {
  const { db, audit, clock, node, onTrouble } = needs;
  const sealing = trafficSealing(needs.key);
  // of several servers at midnight one makes the day, the others wait for it
  const turn = () => transact(db, (tx) => turnPartitions(tx, needs.keep.eventDays));
  const recorder = createRecorder({ db, sealing, clock, living: needs.living, makePartitions: turn });
  const honey = createHoney({ db, audit, clock, living: needs.living });
  const requests = createRequestSensor({
    recorder,
    clock,
    node,
    isHoney: honey.isHoney,
    begins: 'off',
    onFull: () => onTrouble('events of requests are dropped: more come than can be written', {}),
  });
  const inspection = createInspection({ mode: needs.inspect, inspector: () => createInspector({ budgetMs: INSPECT_MS }), onTrouble });
  const inspections = createInspectionSensor({ recorder, clock, node, health: inspection.health });
  const measures = createMeasures({ db, audit, clock, protectedNetworks: needs.protectedNetworks, ownerOf: needs.ownerOf });
  const orders = createCarryOut({ db, sealing, clock, measures, revokeKey: needs.revokeKey, revokedAt: needs.revokedAt, endSessions: needs.endSessions, stepUp: needs.stepUp, onTrouble });
  const cases = createCases({ db, audit, sealing, clock, carryOut: orders.carryOut, ownerOf: needs.ownerOf });
  const deliver = createDeliver({ db, sealing, clock, fetch: needs.fetch, webhook: needs.webhook, syslog: needs.syslog, version: needs.version, onTrouble });
  const playbooks = createPlaybooks({ sealing, clock });
  const takeIn = createTakeIn({
    audit,
    sealing,
    clock,
    onNews: async (tx, news) => {
      await playbooks.onNews(tx, news);
      await deliver.onNews(tx, news);
    },
    onRefused: (rule, code) => onTrouble('an alert could not be kept', { rule, code }),
  });
  const rules = createRuleShelf({ db, audit, clock });
  const naming = createNaming();
  let countryOf: CountryOf | null = null;
  // of hashes in memory: a stranger cannot choose names that fall together
  const salt = hash('sha256', needs.key, 'buffer').readUInt32BE(0);
  let behaviours: Behaviours | null = null;
  const watch = createWatch({
    db,
    sealing,
    clock,
    node,
    recent: recorder.recent,
    onTurn: rules.onTurn,
    mark: async () => `${await rules.mark()} ${JSON.stringify(await listOwn(db))}`,
    detectors: async () => {
      behaviours = createBehaviours({ countryOf: (countryOf ??= openCountries()), salt, reconcile: reconcileOf(await listOwn(db)) });
      behaviours.learn(await readBaseline(db, BASELINE));
      return [await rules.detector(), behaviours, ownHoneyDetector(honey)];
    },
    onAlerts: async (tx, alerts, find) => {
      await takeIn.take(tx, await naming(tx, alerts, find), find, () => rules.noteSuspended(tx));
    },
    onUnopened: (block) => onTrouble('a block of events cannot be opened', { block }),
    onStumble: (kind, times) => onTrouble('a detection stumbled over events', { kind, times }),
  });
  const scrapes = createScrapeLook({
    db,
    clock,
    countCustomers: needs.countCustomers,
    onAlerts: (tx: Tx, alerts) => takeIn.take(tx, alerts, () => undefined),
  });
  const live = createLive({ db, clock });
  const feeds = createFeeds({
    ...needs,
    recorder,
    // one at a time makes cases
    onAlert: (alert) =>
      transact(db, async (tx) => {
        await holdCursor(tx, 'wait');
        await takeIn.take(tx, [alert], () => undefined);
      }),
  });

  return {
    requests,
    inspection,
    inspections,
    recorder,
    cases,
    rules,
    measures,
    honey,
    playbooks: createPlaybookShelf({ db, audit }),
    search: createSearch({ db, sealing, clock }),
    live: async (minutes) => ({ ...(await live.live(minutes)), inspection: inspection.health() }),
    actor: async (id, days) => ({
      days: await actorDays(db, id, days),
      revokedAt: id.startsWith('key_') ? await needs.revokedAt(id) : null,
    }),
    unlogged: (from, to) => countAlerts(db, 'behaviour.unlogged-data', from, to),
    sensors: live.sensors,
    health: () => ({ watch: watch.health(), requests: requests.health() }),
    forget: forgetSubject,
    begin: async () => {
      await turn();
      await Promise.all([measures.refresh(), honey.refresh()]);
      const before = await beginSensor(db, OWN.log_name, node);
      // it did not say goodbye: what it had not written then is lost, and that is said rather than passed over
      if (before?.running === true) await recorder.record(OWN.log_name, node, { events: [], gaps: 1, problem: `the server was stopped hard; what was not written since ${before.seen_at.toISOString()} is lost` });
      if (needs.inspect !== 'off') {
        await beginSensor(db, INSPECTION.log_name, node);
        await recorder.record(INSPECTION.log_name, node, { events: [], problem: engineProblem(inspection.health()) });
      }
      requests.turn('on');
      await feeds.start();
    },
    flush: async () => {
      await requests.flush();
      await inspections.flush();
    },
    takeIn: watch.takeIn,
    lookForScrapes: scrapes.look,
    runOrders: orders.runDue,
    sendDue: deliver.sendDue,
    noteFeeds: async () => {
      await touchSensor(db, OWN.log_name, node);
      // switched off, it is no sensor: one that was killed before must not look alive
      if (needs.inspect !== 'off') await touchSensor(db, INSPECTION.log_name, node);
      await feeds.note();
    },
    refresh: async () => {
      await measures.refresh();
      await honey.refresh();
    },
    sweep: async () => {
      await turn();
      await sweepMinutes(db, TOUCH_DAYS);
      await sweepActorDays(db, TOUCH_DAYS);
      await sweepRollups(db);
      await sweepCases(db, needs.keep.caseDays);
      await sweepMeasures(db, needs.keep.caseDays);
      await sweepDeliveries(db);
      await sweepSuppressions(db, needs.keep.caseDays);
      await sweepSensors(db, SENSOR_DAYS);
      // what a server learned that took in once is old
      const learned = behaviours;
      if (learned !== null)
        await transact(db, async (tx) => {
          if (await holdsTurn(tx, node)) await writeBaseline(tx, BASELINE, learned.baselines());
        });
    },
    close: async () => {
      await feeds.stop();
      await requests.flush();
      await inspections.flush();
      await watch.stop();
      await endSensor(db, OWN.log_name, node);
      await endSensor(db, INSPECTION.log_name, node);
      inspection.close();
    },
  };
} // prettier-ignore
