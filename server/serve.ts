/**
 * Runs the server until it is told to stop. Then it is not ready any more, goes on for a while so that balancers see it, refuses
 * new connections, answers what is under way, hands back what it had begun, and ends with 0. What was answered for is then
 * in the database.
 */
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { configFailure, processConfig } from '#platform/config';
import { createLog } from '#platform/log';

import { composeSystem } from './compose.ts';

/** Ctrl-C reaches a process twice, from the terminal and from npm: that is one. */
const SAME_MS = 1000;
/** Of what is under way nothing takes longer but what waits for a database that neither answers nor ends its connections. */
const LONGEST_STOP_MS = 45_000;

export async function serve(): Promise<void> {
  const config = processConfig();
  const log = createLog(config.logLevel);
  const system = await composeSystem(config, log);
  let stoppingAt: number | null = null;
  const stop = async (signal: 'SIGTERM' | 'SIGINT'): Promise<void> => {
    if (stoppingAt !== null) {
      if (performance.now() - stoppingAt < SAME_MS) return;
      log.warn({ signal }, 'told again: it ends at once');
      process.exit(128 + constants.signals[signal]);
    }
    stoppingAt = performance.now();
    log.info({ signal, drainSeconds: config.drainSeconds }, 'stopping');
    system.drain();
    try {
      await sleep(config.drainSeconds * 1000);
      const closed = system.close();
      // the embedded one is on this machine, and may have much to write before it ends
      const late = config.databaseUrl === null ? closed : sleep(LONGEST_STOP_MS, 'late' as const, { ref: false });
      if ((await Promise.race([closed, late])) === 'late') throw new Error('what is under way does not end');
    } catch (err) {
      log.error({ err }, 'did not stop cleanly');
      process.exit(1);
    }
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  const url = await system.http.listen({ host: config.host, port: config.port }).catch(async (cause: unknown) => {
    await system.close();
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw configFailure('LISTEN', { detail: `${config.host}:${config.port} cannot be listened on (${code})`, cause });
  });
  log.info({ url, home: config.home }, 'strongroom is open');
  // to somebody who looks on, never into a log that others keep; it lies in the home too
  if (system.firstLink !== null && process.stdout.isTTY)
    process.stdout.write(
      `\nThe first administrator comes in once, within 24 hours, by this link:\n  ${url}/console/welcome#${system.firstLink}\n\n`,
    );
}
