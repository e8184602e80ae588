/** `strongroom health`: asks the server of this machine whether requests may be sent to it; for containers and units. */
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

import { processConfig, type Config } from '#platform/config';

import { FLAG, readArguments, TEXT } from './command-arguments.ts';

const USAGE = `strongroom health: is the server here ready? (docs/deploy.md)

  health              asks /health/ready at STRONGROOM_PORT: 0 when requests may be sent, 1 when not
  health --live       asks /health/live: does the process answer, whatever its database does
  health --wait 120   asks until it is so, for at most so many seconds: for a start that waits
  health --while 123  not well as soon as there is no process 123 any more: a server that died is not waited for
  health --json       {"well","status","path"}

  Reads the settings of the server. Exit codes: 0 well, 1 not, 2 usage.
`;

/** As long as the server itself waits for its database, and a little more. */
const ASK_MS = 4000;
const EVERY_MS = 500;
const MOST_WAIT_SECONDS = 86_400;

export async function healthCommand(args: readonly string[]): Promise<number> {
  const asked = readQuestion(args);
  if (asked === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (asked.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const config = processConfig();
  const path = asked.live ? '/health/live' : '/health/ready';
  const until = performance.now() + asked.waitSeconds * 1000;
  let status: number | null = null;
  let gone = false;
  for (;;) {
    status = await ask(config, path);
    // looked at after the answer: another server may answer at this port, and that is why this one died
    gone = asked.process !== null && !isThere(asked.process);
    if (status === 200 || gone || performance.now() >= until) break;
    await sleep(EVERY_MS);
  }
  const well = status === 200 && !gone;
  const words = well ? 'well' : `not well: ${gone ? 'its process has ended' : status === null ? 'nothing answers' : `it answers ${status}`}`; // prettier-ignore
  process.stdout.write(asked.json ? `${JSON.stringify({ well, status, path })}\n` : `${words}\n`);
  return well ? 0 : 1;
}

function readQuestion(args: readonly string[]) {
  const values = readArguments(args, {
    live: FLAG,
    json: FLAG,
    help: FLAG,
    wait: { ...TEXT, default: '0' },
    while: TEXT,
  })?.values;
  if (values === undefined) return null;
  const waitSeconds = /^\d{1,5}$/.test(values.wait) ? Number(values.wait) : Number.NaN;
  // empty: the manager of services knows of no process any more
  const process = values.while === undefined ? null : /^\d{0,10}$/.test(values.while) ? Number(values.while) : Number.NaN; // prettier-ignore
  return waitSeconds <= MOST_WAIT_SECONDS && !Number.isNaN(process) ? { ...values, waitSeconds, process } : null;
}

function isThere(id: number): boolean {
  try {
    // 0 would be our own group
    return id > 0 && process.kill(id, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** @returns the status of the answer; null when nothing answers */
function ask({ host, port, tlsCert }: Config, path: string): Promise<number | null> {
  // an address that means all of them is no place to go to
  const to = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return new Promise((resolve) => {
    const request = (tlsCert === null ? plain : secure)(
      // the certificate names the address that others use; nothing is sent, and nothing but a status is taken
      { host: to, port, path, timeout: ASK_MS, agent: false, rejectUnauthorized: false },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? null);
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
    request.end();
  });
}
