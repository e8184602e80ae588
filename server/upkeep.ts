/** What goes on beside the requests, in loops of its own. */
import type { Parts } from './parts.ts';

type UpkeepNeeds = Parts &
  Readonly<{
    mode: 'serve' | 'quarantine';
    /** Told of each round, once it is over. */
    onRound?: (round: UpkeepRound) => void;
  }>;
export type UpkeepRound = Readonly<{ loop: string; ms: number; done: boolean }>;
type Upkeep = { wake: () => void; stop: () => Promise<void> };

const STOP_SENDING_MS = 5000;

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
    traffic,
    log,
  } = needs;
  // a restore proves what it restored; nothing may change that meanwhile
  if (needs.mode === 'quarantine') return { wake: () => {}, stop: () => Promise.resolve() };
  const state = { stopped: false };
  const sending = new AbortController();
  const wakers = new Set<() => void>();
  const rest = async (ms: number): Promise<void> =>
    new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        wakers.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      wakers.add(end);
    });
  const loop = async (name: string, everyMs: number, work: () => Promise<unknown>, firstMs = 0): Promise<void> => {
    if (firstMs > 0) await rest(firstMs);
    while (!state.stopped) {
      const began = performance.now();
      let done = false;
      try {
        await work();
        done = true;
      } catch (err) {
        log.error({ err, loop: name }, 'upkeep failed; it is tried again');
      }
      needs.onRound?.({ loop: name, ms: performance.now() - began, done });
      if (state.stopped) return;
      await rest(everyMs);
    }
  };
  const wake = (): void => {
    for (const each of [...wakers]) each();
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
    loop('witnesses', 1000, audit.publish),
    loop('schedule', 60_000, async () => {
      if ((await vault.beginDueWorks(config)).length > 0) wake();
      await tellFindings();
    }),
    loop('catalog', 1000, collection.catalog.refresh),
    loop('gate', 5000, collection.flush),
    loop('works', 2000, () => vault.runWorks(() => state.stopped)),
    loop('retention', 2000, () => retention.engine.work(() => state.stopped)),
    loop('retention schedule', 60_000, async () => {
      if (await retention.engine.planWhenDue()) wake();
    }),
    loop('review of fields', 3_600_000, review.lookWhenDue),
    loop('expiry', 60_000, vault.sweep),
    loop('grants', 30_000, access.grants.sweep),
    // an alarm is with people, and queued as mail, within a few seconds
    loop('notices', 3000, async () => {
      while (!state.stopped && (await notices.fold()));
    }),
    loop('reminders', 30_000, async () => {
      await notices.remind();
      await notices.digest();
    }),
    loop('reviews', 600_000, reviews.calendar, 20_000),
    loop('unused', 3_600_000, notices.tasks, 60_000),
    loop('roles at rest', 3_600_000, resting.daily, 120_000),
    loop('lent roles', 30_000, roleRequests.sweep),
    loop('old notices', 3_600_000, notices.sweep),
    // it works out all that the policies permit, a second of work that the first requests need not wait behind
    loop('usage', 10_000, usage.fold, 10_000),
    loop('sessions', 3_600_000, identity.sweep),
    loop('mail', 2000, () => (state.stopped ? Promise.resolve() : mail.sendDue(sending.signal))),
    loop('old mail', 60_000, mail.sweep),
    loop('attempts', 60_000, identity.sweepAttempts),
    loop('uses', 60_000, access.noteUses),
    loop('volume', 60_000, access.volume.sweep),
    loop('consents', 60_000, privacy.consents.expire),
    loop('backups', 5000, backups.tick),
    loop('drills', 30_000, drills.tick, 10_000),
    loop('traffic', 500, traffic.flush),
    // an alarm is of use while it happens
    loop('detections', 1000, async () => {
      while (!state.stopped && (await traffic.takeIn()));
    }),
    loop('measures', 2000, traffic.refresh),
    loop('feeds', 5000, traffic.noteFeeds),
    loop('orders', 1000, traffic.runOrders),
    loop('words to others', 2000, () => (state.stopped ? Promise.resolve() : traffic.sendDue(sending.signal))),
    loop('slow scrapes', 60_000, traffic.lookForScrapes, 15_000),
    loop('old events', 3_600_000, traffic.sweep, 30_000),
    loop('deadlines of requests', 60_000, privacy.requests.alarm),
    loop('declined corrections', 3_600_000, privacy.requests.forget, 30_000),
    loop('phishing exercises', 5000, phishing.tick),
    loop('old exercises', 600_000, phishing.sweep, 30_000),
    loop('sign-in codes', 2000, privacy.signIn.sendCodes),
    loop('customers', 60_000, async () => {
      await privacy.signIn.sweep();
      await privacy.copyLinks.sweep();
    }),
    loop(
      'seen',
      10_000,
      async () => {
        while (!state.stopped && (await privacy.seen.fold()));
      },
      10_000,
    ),
    loop('required training', 10_000, education.sync),
    loop('who is shut off', 10_000, education.watch, 2000),
    loop('lapses', 600_000, education.guard, 5000),
    loop('training reminders', 3_600_000, education.remind, 30_000),
    loop('old changes', 3_600_000, education.sweep, 3_600_000),
    loop('ended exercises', 5000, education.exercises.sweep),
    loop('ended incident drills', 5000, education.drills.sweep),
    loop('canaries', 2000, canaries.refresh),
    loop('control tests', 60_000, assurance.tick, 120_000),
    loop('notice', 60_000, async () => {
      const drift = await privacy.notices.watch();
      if (drift.length > 0)
        log.error({ changes: drift.length }, 'the privacy notice is not what is enforced: strongroom privacy notice');
    }),
  ];
  return {
    wake,
    stop: async () => {
      state.stopped = true;
      wake();
      // a mail that is on its way may arrive; a mail server that does not answer keeps nobody from stopping
      const timer = setTimeout(() => sending.abort(), STOP_SENDING_MS);
      await Promise.all(loops);
      clearTimeout(timer);
      await collection.flush().catch((err: unknown) => log.error({ err }, 'the last counts of the gate are lost'));
    },
  };
}
