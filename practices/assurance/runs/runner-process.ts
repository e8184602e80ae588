/** The other end of a runner's pipe. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { isFailure } from '#platform/failure';

import { isDeskName } from '../kit/desk.ts';
import type { World } from '../kit/world.ts';
import type { FromRunner, ToRunner } from '../runner/protocol.ts';
import type { TestResult } from '../runner/run-tests.ts';

/** What to start, with the version of the server as its argument. */
export const RUNNER_PROGRAM = fileURLToPath(new URL('../runner/program.ts', import.meta.url));

export type RunnerHandlers = Readonly<{
  ask: (name: string, args: readonly unknown[]) => Promise<unknown>;
  begun: (testId: string) => void;
  result: (result: TestResult) => Promise<void>;
}>;
export type RunnerProcess = Readonly<{
  /** Public key of the runner, SPKI in base64. */
  key: Promise<string>;
  /** @returns its signature over all results */
  go: (world: World, handlers: RunnerHandlers) => Promise<string>;
  /** After the test that it is at. */
  stop: () => void;
  close: () => Promise<void>;
}>;

/** Longest wait for one that does not begin. */
const BEGIN_MS = 30_000;
/** For one that was told to stop, until it is killed. */
const STOP_MS = 90_000;

/** What a runner is reached by: a process of ours, or a socket that somebody else starts one behind. */
type Pipe = Readonly<{ stdin: Writable; stdout: Readable; ended: Promise<unknown>; kill: () => void }>;

export function runnerProcess(child: ChildProcess): RunnerProcess {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('a runner has a pipe each way');
  const ended = once(child, 'exit').catch(() => undefined);
  return runnerOver({ stdin, stdout, ended, kill: () => void child.kill('SIGKILL') });
}

/** One that runs as another account: whoever listens there starts it for each connection, and it ends with that. */
export function runnerBehind(socket: Socket): RunnerProcess {
  const ended = once(socket, 'close').catch(() => undefined);
  return runnerOver({ stdin: socket, stdout: socket, ended, kill: () => void socket.destroy() });
}

function runnerOver({ stdin, stdout, ended, kill }: Pipe): RunnerProcess {
  stdin.on('error', () => undefined);
  const say = (line: ToRunner | { world: World }): void => void stdin.write(`${JSON.stringify(line)}\n`);
  const reading = createInterface({ input: stdout });
  // one that is not there, or was cut off, has no end of its own
  stdout.once('close', () => reading.close());
  const lines = reading[Symbol.asyncIterator]();
  const next = async (): Promise<FromRunner> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the runner ended before it was done');
    return JSON.parse(value) as FromRunner;
  };
  let killer: NodeJS.Timeout | undefined;
  const key = (async () => {
    const timer = setTimeout(kill, BEGIN_MS);
    const first = await next().finally(() => clearTimeout(timer));
    if (!('key' in first)) throw new Error('the runner did not say who it is');
    return first.key;
  })();
  key.catch(() => undefined);
  return {
    key,
    go: async (world, { ask, begun, result }) => {
      say({ world });
      for (;;) {
        const told = await next();
        if ('done' in told) return told.signature;
        if ('begun' in told) begun(told.begun);
        else if ('result' in told) await result(told.result);
        else if ('ask' in told) {
          const { ask: id, name, args } = told;
          if (!isDeskName(name)) say({ reply: id, failed: 'there is no such service' });
          else
            void ask(name, args).then(
              (value) => say({ reply: id, value: value ?? null }),
              (thrown: unknown) => say({ reply: id, failed: isFailure(thrown) ? thrown.code : 'it broke off' }),
            );
        }
      }
    },
    stop: () => {
      say({ stop: true });
      killer ??= setTimeout(kill, STOP_MS);
    },
    close: async () => {
      clearTimeout(killer);
      stdin.end();
      const timer = setTimeout(kill, 2000);
      await ended;
      clearTimeout(timer);
    },
  };
}
