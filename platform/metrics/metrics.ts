/**
 * The numbers, and what may be said of each.
 *
 * INVARIANT: every label takes its value from a list that the code declares; whatever is in none is `other`. No path, no
 * id, no name of a person or customer can become a series, whoever sends what.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is asked of the system at a scrape, at most every few seconds; a name may have one label with few values. */
export type Readings = ReadonlyMap<
  string,
  Readonly<{ help: string; label?: string; values: Readonly<Record<string, number>> }>
>;

export type Metrics = Readonly<{
  /** A route that the server declares: its pattern may be said from now on. */
  declareRoute: (pattern: string) => void;
  request: (of: Readonly<{ method: string; route: string; status: number; ms: number }>) => void;
  decision: (action: string, allowed: boolean) => void;
  /** A batch of the log: how many entries, how long, and whether it is durable. */
  batch: (of: Readonly<{ entries: number; ms: number; durable: boolean }>) => void;
  /** A round of one of the loops beside the requests. */
  round: (of: Readonly<{ loop: string; ms: number; done: boolean }>) => void;
  /** In Prometheus' text format. */
  text: () => Promise<string>;
  contentType: string;
}>;

export type MetricsNeeds = Readonly<{
  version: string;
  practices: readonly string[];
  actions: readonly string[];
  readings: () => Promise<Readings>;
  now: () => Date;
}>;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ENTRIES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000];
/** Loops and routes are declared by the code; a number beyond any that it declares. */
const MOST_DECLARED = 2000;

export function createMetrics(needs: MetricsNeeds): Metrics {
  const register = new Registry();
  const registers = [register];
  const routes = new Set<string>();
  const oneOf = (known: ReadonlySet<string>, value: string): string => (known.has(value) ? value : 'other');
  const [methods, actions, practices] = [METHODS, needs.actions, needs.practices].map((each) => new Set<string>(each)) as [Set<string>, Set<string>, Set<string>]; // prettier-ignore
  const loops = new Set<string>();

  collectDefaultMetrics({ register });
  new Gauge({ name: 'strongroom_info', help: 'Version of the program', labelNames: ['version'], registers }).set({ version: needs.version }, 1); // prettier-ignore
  const requests = new Counter({ name: 'strongroom_http_requests_total', help: 'Answers by pattern of the route and class of the status', labelNames: ['practice', 'method', 'route', 'status'], registers }); // prettier-ignore
  const requestSeconds = new Histogram({ name: 'strongroom_http_request_seconds', help: 'From the request to the end of its answer', labelNames: ['practice', 'method', 'route'], buckets: SECONDS, registers }); // prettier-ignore
  const decisions = new Counter({ name: 'strongroom_decisions_total', help: 'What the policies said', labelNames: ['action', 'decision'], registers }); // prettier-ignore
  const entries = new Counter({ name: 'strongroom_log_entries_total', help: 'Entries this process put into the log in batches', labelNames: ['outcome'], registers }); // prettier-ignore
  const batchEntries = new Histogram({ name: 'strongroom_log_batch_entries', help: 'Entries in one statement', buckets: ENTRIES, registers }); // prettier-ignore
  const batchSeconds = new Histogram({ name: 'strongroom_log_batch_seconds', help: 'Until a batch was durable, or failed', buckets: SECONDS, registers }); // prettier-ignore
  const rounds = new Counter({ name: 'strongroom_loop_rounds_total', help: 'Rounds of the loops beside the requests', labelNames: ['loop', 'outcome'], registers }); // prettier-ignore
  const roundSeconds = new Gauge({ name: 'strongroom_loop_last_seconds', help: 'How long the last round took', labelNames: ['loop'], registers }); // prettier-ignore
  const roundDone = new Gauge({ name: 'strongroom_loop_last_done_timestamp_seconds', help: 'When a round was last done well', labelNames: ['loop'], registers }); // prettier-ignore
  const readingsWell = new Gauge({ name: 'strongroom_readings_well', help: '1 when the readings below are of this scrape', registers }); // prettier-ignore
  const gauges = new Set<string>();
  // one without a label says 0 when it is only reset, which is an answer
  const forget = (): void => {
    for (const name of gauges) register.removeSingleMetric(name);
    gauges.clear();
  };

  const read = async (): Promise<void> => {
    try {
      const readings = await needs.readings();
      forget();
      for (const [name, { help, label, values }] of readings) {
        const gauge = new Gauge({ name, help, ...(label === undefined ? {} : { labelNames: [label] }), registers });
        gauges.add(name);
        for (const [of, value] of Object.entries(values)) {
          if (label === undefined) gauge.set(value);
          else gauge.set({ [label]: of }, value);
        }
      }
      readingsWell.set(1);
    } catch {
      // what was read before would look like now; why is in the log of whoever failed
      forget();
      readingsWell.set(0);
    }
  };
  let scraping: Promise<string> | null = null;

  return {
    contentType: register.contentType,
    declareRoute: (pattern) => void (routes.size < MOST_DECLARED && routes.add(pattern)),
    request: ({ method, route, status, ms }) => {
      const of = {
        practice: oneOf(practices, /^\/v1\/([a-z]+)/.exec(route)?.[1] ?? ''),
        method: oneOf(methods, method),
        route: oneOf(routes, route),
      };
      requests.inc({ ...of, status: status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'other' });
      requestSeconds.observe(of, ms / 1000);
    },
    decision: (action, allowed) => decisions.inc({ action: oneOf(actions, action), decision: allowed ? 'allowed' : 'denied' }), // prettier-ignore
    batch: ({ entries: count, ms, durable }) => {
      entries.inc({ outcome: durable ? 'durable' : 'failed' }, count);
      batchEntries.observe(count);
      batchSeconds.observe(ms / 1000);
    },
    round: ({ loop, ms, done }) => {
      if (loops.size < MOST_DECLARED) loops.add(loop);
      const of = { loop: oneOf(loops, loop) };
      rounds.inc({ ...of, outcome: done ? 'done' : 'failed' });
      roundSeconds.set(of, ms / 1000);
      if (done) roundDone.set(of, needs.now().getTime() / 1000);
    },
    // those who ask at once get one answer: a scrape costs the same, however many ask
    text: () => {
      scraping ??= read()
        .then(() => register.metrics())
        .finally(() => (scraping = null));
      return scraping;
    },
  };
}
