/**
 * Runs test files with `node:test`, one process each, and prints as they end.
 */
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { run } from 'node:test';

import { createTally, type Tally } from './tally.ts';

export type SuiteOptions = Readonly<{ root: string; print: (line: string) => void; timeoutMs?: number }>;

export async function runSuite(paths: readonly string[], options: SuiteOptions): Promise<Tally> {
  const { root, print, timeoutMs = 180_000 } = options;
  const files = paths.map((path) => resolve(root, path));
  const tally = createTally((file, one) => {
    const counts = [`${one.passed} passed`];
    if (one.failed > 0) counts.push(`${one.failed} FAILED`);
    if (one.skipped > 0) counts.push(`${one.skipped} skipped`);
    const mark = one.failed > 0 ? '✖' : '✔';
    print(`${mark} ${relative(root, file).padEnd(56)} ${one.seconds.toFixed(1).padStart(6)} s  ${counts.join(', ')}`);
  });
  const concurrency = Math.max(2, availableParallelism());
  for await (const event of run({ files, concurrency, timeout: timeoutMs, cwd: root })) tally.hear(event);
  return tally.finish(files);
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
