/**
 * Runs test files with `node:test` and prints as they end: in a few processes that take one file after another. Those that
 * need nothing but Node come first, one at a time for each core; files that start programs or use the database one more.
 */
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';

import { createTally, type Tally } from './tally.ts';
import { createWorker } from './worker.ts';

export type SuiteOptions = Readonly<{
  root: string;
  print: (line: string) => void;
  /** Longest time of one test; a file gets half as much again. */
  timeoutMs?: number;
}>;
export type SuiteFile = Readonly<{ path: string; shared: boolean; alone: boolean }>;

const LONGEST = /assurance-planted|server\/mutants|changes\/segments/;

export async function runSuite(paths: readonly SuiteFile[], options: SuiteOptions): Promise<Tally> {
  const { root, print, timeoutMs = 300_000 } = options;
  const files = paths.map((each) => ({ ...each, path: resolve(root, each.path) }));
  const tally = createTally((file, one) => {
    const counts = [`${one.passed} passed`];
    if (one.failed > 0) counts.push(`${one.failed} FAILED`);
    if (one.skipped > 0) counts.push(`${one.skipped} skipped`);
    const mark = one.failed > 0 ? '✖' : '✔';
    print(`${mark} ${relative(root, file).padEnd(56)} ${one.seconds.toFixed(1).padStart(6)} s  ${counts.join(', ')}`);
  });
  const cores = Math.max(2, availableParallelism());
  const worker = async (next: () => SuiteFile | undefined): Promise<void> => {
    const runs = createWorker({ cwd: root, timeoutMs, hear: tally.hear });
    for (let file = next(); file !== undefined; file = next()) await runs.run(file.path, file.alone);
    await runs.end();
  };
  const quick = files.filter((file) => file.shared);
  await Promise.all(Array.from({ length: cores }, () => worker(() => quick.shift())));
  const rest = files.filter((file) => !file.shared);
  // those that are by far the longest begin at once: the last ones end together
  rest.sort((a, b) => Number(LONGEST.test(a.path)) - Number(LONGEST.test(b.path)));
  // one more than cores: much of their time is spent waiting for programs to start, stop or be killed. That one begins at
  // the end, where those are that wait most: at the beginning stand browsers and benchmarks, which never wait. Two more
  // made the whole slower: all is then waited for by somebody who asks again and again
  const workers = Array.from({ length: cores }, () => worker(() => rest.shift()));
  await Promise.all([...workers, worker(() => rest.pop())]);
  return tally.finish(files.map(({ path }) => path));
}

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
