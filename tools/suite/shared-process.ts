/**
 * Started by worker.ts: runs the test files that it is told, one after another, in this one process, and tells what
 * happens over the channel to it. What one file imports is there for the next: the whole system is a second of work.
 * Argument: the longest time of a test in ms.
 */
import { mock, run } from 'node:test';
import { inspect } from 'node:util';

const timeout = Number(process.argv[2]);
const [folder, surroundings] = [process.cwd(), { ...process.env }];

const tell = (type: string, data: object = {}): void => {
  process.send?.({ type, data });
};

process.on('message', (file: string) => void runFile(file));
process.on('disconnect', () => process.exit());

async function runFile(file: string): Promise<void> {
  const began = performance.now();
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
