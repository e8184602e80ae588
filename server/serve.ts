/** Runs the server until it is told to stop; what was answered for is then in the database. */
import { configFailure, processConfig } from '#platform/config';
import { createLog } from '#platform/log';

import { composeSystem } from './compose.ts';

export async function serve(): Promise<void> {
  const config = processConfig();
  const log = createLog(config.logLevel);
  const system = await composeSystem(config, log);
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    system.close().then(
      () => process.exit(0),
      (err: unknown) => {
        log.error({ err }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
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
