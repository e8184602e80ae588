/**
 * Packets of an interface → events: tcpdump captures and writes pcap to us; we hold no privilege, it drops its own.
 *
 * While the sink is slow nothing is read, tcpdump waits, and the kernel drops: tcpdump counts that, is asked for it now and
 * then, and it is said as a gap. When tcpdump dies it is started again, and the time between is a gap.
 */
import type { ChildProcess, spawn as nodeSpawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

import { readWire, type WireParser } from '../formats/wire.ts';
import type { Counts } from '../formats/parser.ts';
import { droppedByKernel, tcpdumpArguments } from './tcpdump.ts';
import { createDelivery, pause, sumCounts, type Delivery, type Sensor } from './sensor.ts';

export type WireNeeds = Readonly<{
  interface: string;
  /** pcap-filter(7), as `not port 22`. */
  filter?: string;
  logName: string;
  clock: () => number;
  /** node:child_process's. */
  spawn: typeof nodeSpawn;
  /** What stands in front of the arguments: the program, or what runs it in a namespace. */
  command?: readonly string[];
  /** Whom tcpdump becomes once it has the interface; null: it is nobody special already. */
  user?: string | null;
  snapBytes?: number;
  /** `immediate`: each packet at once, at the cost of throughput. */
  delivery?: 'throughput' | 'immediate';
  /** How long after its first death it is started again; twice as long after each further one, a minute at most. */
  restartMs?: number;
  /** How often it is asked what was dropped, and time goes by for flows. */
  tickMs?: number;
  retryMs?: number;
}>;

const MOST_RESTART_MS = 60_000;
const KILL_MS = 2000;
const MOST_STDERR = 4096;
/** Nothing of this process's own settings; a PATH that no user may write to; figures in English. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** One life of tcpdump. */
type Life = {
  child: ChildProcess;
  parser: WireParser;
  stderr: string;
  dropped: number;
  droppedSinceMs: number;
  /** Before that a signal would end it. */ hasBegun: boolean;
};

export function captureWire(needs: WireNeeds): Sensor<null> {
  const { logName, clock, spawn, command = ['tcpdump'], restartMs = 1000, tickMs = 5000, retryMs = 1000 } = needs;
  const [program = 'tcpdump', ...before] = command;
  // throws for a name that is none, before anything runs
  const given = [...before, ...tcpdumpArguments(needs)];
  /** It is not started again. */
  let ending = new AbortController();
  /** The sink is not waited for any more. */
  let stopping = new AbortController();
  let running: Promise<void> | null = null;
  let life: Life | null = null;
  let delivery: Delivery<null> | null = null;
  let past: Counts = {};
  /** Since when nothing is captured; null: something is. */
  let blindFromMs: number | null = null;

  const begin = (): Life => {
    const child = spawn(program, given, { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT });
    const begun: Life = {
      child,
      parser: readWire({ logName, clock }),
      stderr: '',
      dropped: 0,
      droppedSinceMs: clock(),
      hasBegun: false,
    };
    child.on('error', () => delivery?.count('spawnFailures'));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      begun.stderr = (begun.stderr + text).slice(-MOST_STDERR);
    });
    return begun;
  };

  const tellDropped = async (of: Life, to: Delivery<null>): Promise<void> => {
    const now = droppedByKernel(of.stderr) ?? of.dropped;
    const more = now - of.dropped;
    const fromMs = of.droppedSinceMs;
    of.dropped = now;
    of.droppedSinceMs = clock();
    if (more <= 0) return;
    to.count('droppedByKernel', more);
    await to.deliver([to.gapEvent({ fromMs, toMs: clock(), why: `${more} packets dropped by the kernel` })], null);
  };

  const tick = async (of: Life, to: Delivery<null>): Promise<void> => {
    const events = of.parser.tick(clock());
    if (events.length > 0) await to.deliver(events, null);
    await tellDropped(of, to);
    // tcpdump writes its figures to stderr when it is asked like this; they are read at the next tick
    if (of.hasBegun) of.child.kill('SIGUSR1');
  };

  const live = async (of: Life, to: Delivery<null>): Promise<void> => {
    const gone = once(of.child, 'exit').catch(() => undefined);
    let turn: Promise<void> = Promise.resolve();
    const timer = setInterval(() => {
      turn = turn.then(() => tick(of, to));
    }, tickMs);
    try {
      for await (const bytes of of.child.stdout as Readable) {
        of.hasBegun = true;
        if (blindFromMs !== null) {
          const gap = { fromMs: blindFromMs, toMs: clock(), why: 'tcpdump was not there' };
          blindFromMs = null;
          await to.deliver([to.gapEvent(gap)], null);
        }
        const events = of.parser.feed(bytes);
        await turn;
        if (events.length > 0) await to.deliver(events, null);
      }
    } finally {
      clearInterval(timer);
      await gone;
      await turn;
    }
    const rest = of.parser.end();
    if (rest.length > 0) await to.deliver(rest, null);
    await tellDropped(of, to);
  };

  const run = async (to: Delivery<null>, signal: AbortSignal): Promise<void> => {
    for (let deaths = 0; !signal.aborted; deaths += 1) {
      const began = clock();
      try {
        // throws where the machine has no memory, or no file for a pipe
        life = begin();
        await live(life, to);
      } catch {
        to.count('readFailures');
      }
      past = sumCounts([past, life?.parser.counts() ?? {}]);
      life = null;
      if (signal.aborted) return;
      to.count('deaths');
      blindFromMs ??= clock();
      // one that lived for long is started again at once
      if (clock() - began > MOST_RESTART_MS) deaths = 0;
      await pause(Math.min(MOST_RESTART_MS, restartMs * 2 ** Math.min(deaths, 10)), signal);
    }
  };

  return {
    start: (sink) => {
      ending = new AbortController();
      stopping = new AbortController();
      blindFromMs = null;
      delivery = createDelivery({ logName, clock, sink, signal: stopping.signal, retryMs });
      running = run(delivery, ending.signal);
      return Promise.resolve();
    },
    stop: async () => {
      const child = life?.child;
      ending.abort();
      child?.kill('SIGTERM');
      const killing = setTimeout(() => {
        child?.kill('SIGKILL');
        stopping.abort();
      }, KILL_MS);
      await running;
      clearTimeout(killing);
      running = null;
    },
    health: () => ({
      state: running === null ? 'stopped' : life === null || delivery?.isFailing() === true ? 'waiting' : 'running',
      counts: sumCounts([past, life?.parser.counts() ?? {}, delivery?.counts() ?? {}]),
      aside: life?.parser.aside() ?? [],
      gaps: delivery?.gaps() ?? [],
    }),
  };
}
