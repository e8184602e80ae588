/**
 * Runs test files with `node:test` and prints as they end. Files that start programs or use the database have a process
 * each, one more at once than there are cores; those that need nothing but Node share one process per core, because starting
 * a process costs more than most of them do.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { run } from 'node:test';

import { createTally, type Tally, type TestEvent } from './tally.ts';

export type SuiteOptions = Readonly<{
  root: string;
  print: (line: string) => void;
  /** Longest time of one test. A file gets half as much again, then it is ended: a forgotten timer must not hang the run. */
  timeoutMs?: number;
}>;
export type SuiteFile = Readonly<{ path: string; shared: boolean }>;

type Hear = (event: TestEvent) => void;

const LONGEST = /assurance-planted|server\/mutants|changes\/segments/;

export async function runSuite(paths: readonly SuiteFile[], options: SuiteOptions): Promise<Tally> {
  const { root, print, timeoutMs = 300_000 } = options;
  const files = paths.map(({ path, shared }) => ({ path: resolve(root, path), shared }));
  const tally = createTally((file, one) => {
    const counts = [`${one.passed} passed`];
    if (one.failed > 0) counts.push(`${one.failed} FAILED`);
    if (one.skipped > 0) counts.push(`${one.skipped} skipped`);
    const mark = one.failed > 0 ? '✖' : '✔';
    print(`${mark} ${relative(root, file).padEnd(56)} ${one.seconds.toFixed(1).padStart(6)} s  ${counts.join(', ')}`);
  });
  const cores = Math.max(2, availableParallelism());
  const shared = files.filter((file) => file.shared).map(({ path }) => path);
  await Promise.all(
    Array.from({ length: cores }, async (_, nth) => {
      const own = shared.filter((_file, at) => at % cores === nth);
      if (own.length > 0) await runShared(own, root, timeoutMs, tally.hear);
    }),
  );
  const alone = files.filter((file) => !file.shared).map(({ path }) => path);
  // those that are by far the longest begin at once: the last ones end together
  alone.sort((a, b) => Number(LONGEST.test(a)) - Number(LONGEST.test(b)));
  const worker = async (next: () => string | undefined): Promise<void> => {
    for (let file = next(); file !== undefined; file = next()) await runAlone(file, root, timeoutMs, tally.hear);
  };
  // one more than cores: much of their time is spent waiting for programs to start, stop or be killed. That one begins at
  // the end, where those are that wait most: at the beginning stand browsers and benchmarks, which never wait. Two more
  // made the whole slower: all is then waited for by somebody who asks again and again
  const workers = Array.from({ length: cores }, () => worker(() => alone.shift()));
  await Promise.all([...workers, worker(() => alone.pop())]);
  return tally.finish(files.map(({ path }) => path));
}

async function runAlone(file: string, cwd: string, timeoutMs: number, hear: Hear): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs * 1.5);
  for await (const event of run({ files: [file], cwd, timeout: timeoutMs, signal })) hear(event);
}

async function runShared(files: readonly string[], cwd: string, timeoutMs: number, hear: Hear): Promise<void> {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const child = fork(new URL('./shared-process.ts', import.meta.url), [String(timeoutMs), ...files], {
    cwd,
    env,
    serialization: 'advanced',
    timeout: timeoutMs * 1.5,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let file: string | undefined;
  child.on('message', (event: TestEvent) => {
    file = (event.data as { file?: string }).file ?? file;
    hear(event);
  });
  // which file wrote it is known only by what was last heard of
  const write = (message: unknown): void =>
    hear({ type: 'test:stdout', data: { file: file ?? files[0], message: String(message) } });
  child.stdout?.on('data', write);
  child.stderr?.on('data', write);
  await ended(child);
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });

/** Skips with their reasons, failures with theirs, then exactly one plain line. */
export function printTally(tally: Tally, options: Readonly<{ root: string; print: (line: string) => void }>): void {
  const { root, print } = options;
  if (tally.skipped.length > 0) print('\nskipped:');
  for (const one of tally.skipped) print(`  - ${relative(root, one.file)}: ${one.name} (${one.reason})`);
  for (const one of tally.failed) {
    print(`\n✖ ${relative(root, one.file)}: ${one.name}\n${indent(one.reason)}`);
    if (one.output !== '') print(indent(`output of the file:\n${one.output}`));
  }
  print('');
  print(`${tally.passedCount} passed, ${tally.failed.length} failed, ${tally.skipped.length} skipped`);
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
