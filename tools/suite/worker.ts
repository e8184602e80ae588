/** A process for test files, which takes one after another; where one has spoiled it, the next gets a new one. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import type { TestEvent } from './tally.ts';

export type Worker = Readonly<{
  /** Comes back when the file has ended, or its process, or its time. @param alone in a process that ran none before */
  run: (file: string, alone: boolean) => Promise<void>;
  end: () => Promise<void>;
}>;
export type WorkerOptions = Readonly<{
  cwd: string;
  /** Longest time of one test. A file gets half as much again: a forgotten timer must not hang the run. */
  timeoutMs: number;
  hear: (event: TestEvent) => void;
}>;

/** Files of one process: what they leave in memory ends with it. */
const FILES = 25;

export function createWorker({ cwd, timeoutMs, hear }: WorkerOptions): Worker {
  let child: ChildProcess | null = null;
  let left = 0;
  let file = '';

  const start = (): ChildProcess => {
    const begun = fork(new URL('./shared-process.ts', import.meta.url), [String(timeoutMs)], {
      cwd,
      // this process may be inside a test itself
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    // which file wrote it is known only by which one runs
    const write = (message: unknown): void => hear({ type: 'test:stdout', data: { file, message: String(message) } });
    begun.stdout?.on('data', write);
    begun.stderr?.on('data', write);
    left = FILES;
    return begun;
  };
  const end = async (): Promise<void> => {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    if (ending.connected) ending.disconnect();
    await once(ending, 'exit');
  };
  const runIn = async (runs: ChildProcess): Promise<void> => {
    const done = Promise.withResolvers<void>();
    const heard = (event: TestEvent): void => {
      if (event.type === 'ended') done.resolve();
      else hear(event);
    };
    const gone = (): void => {
      left = 0;
      done.resolve();
    };
    const timer = setTimeout(() => {
      const error = new Error(`it did not end in ${timeoutMs * 1.5} ms`);
      hear({ type: 'test:fail', data: { file, name: file, details: { error } } });
      runs.kill('SIGKILL');
    }, timeoutMs * 1.5);
    runs.on('message', heard).once('exit', gone).once('error', gone);
    runs.send(file, (failed) => failed && gone());
    await done.promise;
    clearTimeout(timer);
    runs.off('message', heard).off('exit', gone).off('error', gone);
  };

  return {
    run: async (path, alone) => {
      if (alone) await end();
      file = path;
      child ??= start();
      await runIn(child);
      left -= 1;
      if (left <= 0) await end();
    },
    end,
  };
}
