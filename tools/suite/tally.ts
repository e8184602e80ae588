/**
 * Turns the events of `node:test` into counts, and refuses what only looks green: a file without tests, a file that
 * ended before its tests did.
 */
import { inspect } from 'node:util';

export type TestEvent = Readonly<{ type: string; data: unknown }>;
export type Failed = Readonly<{ file: string; name: string; reason: string; output: string }>;
export type Skipped = Readonly<{ file: string; name: string; reason: string }>;
export type FileTally = { passed: number; failed: number; skipped: number; finished: boolean; seconds: number };
export type Tally = Readonly<{
  files: ReadonlyMap<string, FileTally>;
  failed: readonly Failed[];
  skipped: readonly Skipped[];
  passedCount: number;
}>;

type Data = {
  /** Where the test stands in the source: in a part of a test file, that part. */
  file?: string;
  /** The file that was run. */
  entryFile?: string;
  name?: string;
  skip?: string | boolean;
  todo?: string | boolean;
  message?: string;
  duration_ms?: number;
  details?: { type?: string; error?: Error & { cause?: unknown } };
};

export type Tallier = Readonly<{ hear: (event: TestEvent) => void; finish: (expected: readonly string[]) => Tally }>;

/** @param onFile   called once for each file that reported its own summary */
export function createTally(onFile: (file: string, tally: FileTally) => void = () => {}): Tallier {
  const files = new Map<string, FileTally>();
  const failed: Failed[] = [];
  const skipped: Skipped[] = [];
  const output = new Map<string, string>();
  let passedCount = 0;

  const tallyOf = (file: string): FileTally => {
    const known = files.get(file) ?? { passed: 0, failed: 0, skipped: 0, finished: false, seconds: 0 };
    files.set(file, known);
    return known;
  };

  const hearTest = (file: string, outcome: 'pass' | 'fail', data: Data): void => {
    // a suite is its tests; an event named after the file is the process, which `finish` judges by its summary
    if (data.name === file && outcome === 'pass') return;
    const suiteBroke = data.details?.type === 'suite' && subtestFailed(data);
    if (data.details?.type === 'suite' && (outcome === 'pass' || suiteBroke)) return;
    const tally = tallyOf(file);
    const name = data.name === file ? 'the file itself' : (data.name ?? 'without a name');
    if (outcome === 'fail' && (data.todo === undefined || data.todo === false)) {
      tally.failed++;
      failed.push({ file, name, reason: reasonOf(data), output: output.get(file) ?? '' });
    } else if (data.skip !== undefined && data.skip !== false) {
      tally.skipped++;
      skipped.push({ file, name, reason: typeof data.skip === 'string' && data.skip !== '' ? data.skip : 'no reason' });
    } else if (data.todo !== undefined && data.todo !== false) {
      tally.skipped++;
      skipped.push({ file, name, reason: 'todo' });
    } else {
      tally.passed++;
      passedCount++;
    }
  };

  return {
    hear: ({ type, data: raw }) => {
      const data = raw as Data;
      const file = data.entryFile ?? data.file;
      if (file === undefined) return;
      if (type === 'test:pass') hearTest(file, 'pass', data);
      if (type === 'test:fail') hearTest(file, 'fail', data);
      if (type === 'test:stdout' || type === 'test:stderr') {
        output.set(file, ((output.get(file) ?? '') + (data.message ?? '')).slice(-8000));
      }
      if (type === 'test:summary') {
        const tally = tallyOf(file);
        tally.finished = true;
        tally.seconds = (data.duration_ms ?? 0) / 1000;
        onFile(file, tally);
      }
    },
    finish: (expected) => {
      for (const file of expected) {
        const tally = tallyOf(file);
        const none = tally.passed + tally.failed + tally.skipped === 0;
        if (tally.failed > 0 || (tally.finished && !none)) continue;
        tally.failed++;
        const reason = none ? 'the file ran no test' : 'the process ended before its tests did';
        failed.push({ file, name: 'the file itself', reason, output: output.get(file) ?? '' });
      }
      return { files, failed, skipped, passedCount };
    },
  };
}

function subtestFailed(data: Data): boolean {
  return (data.details?.error as { failureType?: string } | undefined)?.failureType === 'subtestsFailed';
}

function reasonOf(data: Data): string {
  const error = data.details?.error;
  const cause = error?.cause ?? error;
  if (cause instanceof Error) return cause.stack ?? cause.message;
  return cause === undefined ? 'failed without a reason' : inspect(cause);
}
