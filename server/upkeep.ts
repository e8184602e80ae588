/** What goes on beside the requests, in loops of its own. */
import type { Parts } from './parts.ts';

type UpkeepNeeds = Parts &
  Readonly<{
    mode: 'serve' | 'quarantine';
    /** Told of each round, once it is over. */
    onRound?: (round: UpkeepRound) => void;
  }>;
export type UpkeepRound = Readonly<{ loop: string; ms: number; done: boolean }>;
/** The loops that do what was asked for: they need not wait out their rest. */
const OF_WORKS = ['works', 'retention'] as const;

type Upkeep = { wake: () => void; stop: () => Promise<void> };

const STOP_SENDING_MS = 5000;
/** What fails in the same way again is said once in so long: a database that is away fails forty loops, some of them each second. */
const SAY_AGAIN_MS = 60_000;

/** What goes on beside the requests: taking in the log, long works, expiry. Each loop waits for its own last round. */
export function startUpkeep(needs: UpkeepNeeds): Upkeep {
  const {
    config,
    vault,
    retention,
    review,
    assurance,
    audit,
    canaries,
    access,
    usage,
    notices,
    reviews,
    resting,
    roleRequests,
    identity,
    mail,
    phishing,
    privacy,
    collection,
    backups,
    drills,
    education,
    intake,
    traffic,
    log,
  } = needs;
  // a restore proves what it restored; nothing may change that meanwhile
  if (needs.mode === 'quarantine') return { wake: () => {}, stop: () => Promise.resolve() };
  const state = { stopped: false };
  const sending = new AbortController();
  const asleep = new Map<string, () => void>();
  const rest = async (name: string, ms: number): Promise<void> =>
    new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        asleep.delete(name);
        resolve();
      };
      const timer = setTimeout(end, ms);
      asleep.set(name, end);
    });
  const loop = async (name: string, everyMs: number, work: () => Promise<unknown>, firstMs = 0): Promise<void> => {
    const said = { words: '', at: 0, times: 0 };
    if (firstMs > 0) await rest(name, firstMs);
    while (!state.stopped) {
      const began = performance.now();
      let done = false;
      try {
        await work();
        done = true;
        said.words = '';
      } catch (err) {
        const words = String(err);
        said.times = words === said.words ? said.times + 1 : 1;
        if (words !== said.words || began - said.at >= SAY_AGAIN_MS) {
          log.error({ err, loop: name, times: said.times }, 'upkeep failed; it is tried again');
          Object.assign(said, { words, at: began });
        }
      }
      needs.onRound?.({ loop: name, ms: performance.now() - began, done });
      if (state.stopped) return;
      await rest(name, everyMs);
    }
  };
  /** What any server may do for all, and those without jobs leave to the others: it is known of nothing that is in this process alone. */
  const job: typeof loop = async (...given) => (config.jobs === 'none' ? undefined : loop(...given));
  const wake = (): void => {
    for (const name of OF_WORKS) asleep.get(name)?.();
  };
  let told = '';
  const tellFindings = async (): Promise<void> => {
    const newest = await vault.newestWork('verify');
    if (newest?.state !== 'done' || newest.work_id === told) return;
    told = newest.work_id;
    const { ok, listed: _, log: problems, ...counts } = newest.result;
    if (ok !== true)
      log.error({ ...counts, problems }, 'the records are not what the log tells of: strongroom vault verify');
  };
  const loops = [
    loop('audit', 1000, audit.integrate),
    job('witnesses', 1000, audit.publish),
    job('schedule', 60_000, async () => {
      if ((await vault.beginDueWorks(config)).length > 0) wake();
      await tellFindings();
    }),
    loop('catalog', 1000, collection.catalog.refresh),
    loop('gate', 5000, collection.flush),
    job('works', 2000, () => vault.runWorks(() => state.stopped)),
    job('retention', 2000, () => retention.engine.work(() => state.stopped)),
    job('retention schedule', 60_000, async () => {
      if (await retention.engine.planWhenDue()) wake();
    }),
    job('review of fields', 3_600_000, review.lookWhenDue),
    job('expiry', 60_000, vault.sweep),
    job('grants', 30_000, access.grants.sweep),
    // an alarm is with people, and queued as mail, within a few seconds
    job('notices', 3000, async () => {
      while (!state.stopped && (await notices.fold()));
    }),
    job('reminders', 30_000, async () => {
      await notices.remind();
      await notices.digest();
    }),
    job('reviews', 600_000, reviews.calendar, 20_000),
    job('unused', 3_600_000, notices.tasks, 60_000),
    job('roles at rest', 3_600_000, resting.daily, 120_000),
    job('lent roles', 30_000, roleRequests.sweep),
    job('old notices', 3_600_000, notices.sweep),
    // it works out all that the policies permit, a second of work that the first requests need not wait behind
    job('usage', 10_000, usage.fold, 10_000),
    job('sessions', 3_600_000, identity.sweep),
    job('mail', 2000, () => (state.stopped ? Promise.resolve() : mail.sendDue(sending.signal))),
    job('old mail', 60_000, mail.sweep),
    job('attempts', 60_000, identity.sweepAttempts),
    loop('uses', 60_000, access.noteUses),
    job('volume', 60_000, access.volume.sweep),
    job('consents', 60_000, privacy.consents.expire),
    job('backups', 5000, backups.tick),
    job('drills', 30_000, drills.tick, 10_000),
    loop('traffic', 500, traffic.flush),
    // an alarm is of use while it happens
    job('detections', 1000, async () => {
      while (!state.stopped && (await traffic.takeIn()));
    }),
    loop('measures', 2000, traffic.refresh),
    loop('feeds', 5000, traffic.noteFeeds),
    loop('orders', 1000, traffic.runOrders),
    ...(['webhook', 'syslog'] as const).map((channel) => job(`words by ${channel}`, 2000, () => (state.stopped ? Promise.resolve() : traffic.sendDue(channel, sending.signal)))), // prettier-ignore
    job('slow scrapes', 60_000, traffic.lookForScrapes, 15_000),
    job('old events', 3_600_000, traffic.sweep, 30_000),
    job('deadlines of requests', 60_000, privacy.requests.alarm),
    job('declined corrections', 3_600_000, privacy.requests.forget, 30_000),
    job('phishing exercises', 5000, phishing.tick),
    job('old exercises', 600_000, phishing.sweep, 30_000),
    job('closed reports', 600_000, intake.desk.sweep, 30_000),
    job('sign-in codes', 2000, privacy.signIn.sendCodes),
    job('customers', 60_000, async () => {
      await privacy.signIn.sweep();
      await privacy.copyLinks.sweep();
    }),
    job(
      'seen',
      10_000,
      async () => {
        while (!state.stopped && (await privacy.seen.fold()));
      },
      10_000,
    ),
    loop('required training', 10_000, education.sync),
    loop('who is shut off', 10_000, education.watch, 2000),
    job('lapses', 600_000, education.guard, 5000),
    job('training reminders', 3_600_000, education.remind, 30_000),
    job('old changes', 3_600_000, education.sweep, 3_600_000),
    job('ended exercises', 5000, education.exercises.sweep),
    job('ended incident drills', 5000, education.drills.sweep),
    job('violations', 60_000, education.violations.sweep, 20_000),
    loop('canaries', 2000, canaries.refresh),
    job('control tests', 60_000, assurance.tick, 120_000),
    job('notice', 60_000, async () => {
      const drift = await privacy.notices.watch();
      if (drift.length > 0)
        log.error({ changes: drift.length }, 'the privacy notice is not what is enforced: strongroom privacy notice');
    }),
  ];
  return {
    wake,
    stop: async () => {
      state.stopped = true;
      for (const end of [...asleep.values()]) end();
      // a mail that is on its way may arrive; a mail server that does not answer keeps nobody from stopping
      backups.leaving();
      const timer = setTimeout(() => sending.abort(), STOP_SENDING_MS);
      await Promise.all(loops);
      clearTimeout(timer);
      await collection.flush().catch((err: unknown) => log.error({ err }, 'the last counts of the gate are lost'));
    },
  };
}
