/**
 * Started by worker.ts: runs the test files that it is told, one after another, in this one process, and tells what
 * happens over the channel to it. What one file imports is there for the next: the whole system is a second of work.
 * Argument: the longest time of a test in ms.
 */
import asyncHooks from 'node:async_hooks';
import { inspect } from 'node:util';

// node:test follows each promise, to say which test a stray error came from: an await then takes seventeen times as long,
// in the server under test too. Here an error that nobody caught fails the file instead, which says enough
const { createHook } = asyncHooks;
const followsNothing = { enable: () => followsNothing, disable: () => followsNothing };
asyncHooks.createHook = () => followsNothing;
const { mock, run } = await import('node:test');
asyncHooks.createHook = createHook;

const timeout = Number(process.argv[2]);
const [folder, surroundings] = [process.cwd(), { ...process.env }];

const tell = (type: string, data: object = {}): void => {
  process.send?.({ type, data });
};

let running = '';
const stray = (thrown: unknown): void => {
  const details = { error: plain({ error: thrown instanceof Error ? thrown : new Error(inspect(thrown)) }) };
  tell('test:fail', { file: running, name: 'an error that nobody caught', details });
};
process.on('uncaughtException', stray).on('unhandledRejection', stray);
process.on('message', (file: string) => void runFile(file));
process.on('disconnect', () => process.exit());

async function runFile(file: string): Promise<void> {
  const began = performance.now();
  running = file;
  process.title = `tests of ${file}`;
  // a run ends when nothing is left that keeps the process: what a file forgot to close is told by its time
  process.channel?.unref();
  for await (const { type, data } of run({ files: [file], isolation: 'none', timeout, cwd: folder })) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const { name, skip, todo, details } = data;
    tell(type, { file, name, skip, todo, details: { type: details.type, error: plain(details) } });
  }
  tell('test:summary', { file, duration_ms: performance.now() - began });
  asBefore();
  process.channel?.ref();
  tell('ended');
}

function asBefore(): void {
  mock.reset();
  mock.timers.reset();
  process.chdir(folder);
  process.exitCode = undefined;
  for (const name of Object.keys(process.env)) if (!(name in surroundings)) delete process.env[name];
  Object.assign(process.env, surroundings);
}

/** What crosses the channel: an error of a class of ours would arrive as an empty object. */
function plain(details: object): object | undefined {
  const error = 'error' in details ? (details.error as Error & { failureType?: string }) : undefined;
  if (error === undefined) return undefined;
  const thrown = error.cause ?? error;
  const cause = thrown instanceof Error ? Object.assign(new Error(thrown.message), { stack: thrown.stack }) : thrown;
  return { failureType: error.failureType, cause: thrown instanceof Error ? cause : inspect(thrown) };
}
