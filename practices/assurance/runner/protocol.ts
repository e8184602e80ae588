/**
 * What server and runner say to each other, a line of JSON each: the server its world and what was asked of its desk, the
 * runner what it sees. The runner signs all its results with a key that it made itself; the server has written down its
 * public half before the first test.
 */
import type { World } from '../kit/world.ts';
import type { TestResult } from './run-tests.ts';

/** The first line of a runner's input. */
export type Order = Readonly<{ world: World }>;
export type ToRunner =
  | Readonly<{ reply: number; value: unknown }>
  | Readonly<{ reply: number; failed: string }>
  | Readonly<{ stop: true }>;
export type FromRunner =
  | Readonly<{ key: string }>
  | Readonly<{ ask: number; name: string; args: readonly unknown[] }>
  | Readonly<{ begun: string }>
  | Readonly<{ result: TestResult }>
  | Readonly<{ done: true; signature: string }>;

/** What is signed: the run, and each result with the hashes of its evidence, in the order they came. */
export const signedText = (run: string, results: readonly TestResult[]): string =>
  JSON.stringify({
    schema: 'strongroom/assurance-results/1',
    run,
    results: results.map(({ evidence, ...result }) => ({ ...result, evidence: evidence.map(({ hash }) => hash) })),
  });
