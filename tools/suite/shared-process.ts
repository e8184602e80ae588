/**
 * Started by run-suite.ts: runs its test files in this one process and tells what happens over the channel to it.
 * Arguments: the longest time of a test in ms, then the files.
 */
import { run } from 'node:test';
import { inspect } from 'node:util';

const [timeout, ...files] = process.argv.slice(2);
const seconds = new Map<string, number>();

const tell = (type: string, data: object): void => {
  process.send?.({ type, data });
};

for await (const { type, data } of run({ files, isolation: 'none', timeout: Number(timeout), cwd: process.cwd() })) {
  if (type !== 'test:pass' && type !== 'test:fail') continue;
  const { file, name, skip, todo, details, nesting } = data;
  if (file !== undefined && nesting === 0) seconds.set(file, (seconds.get(file) ?? 0) + details.duration_ms);
  tell(type, { file, name, skip, todo, details: { type: details.type, error: plain(details) } });
}
// one process knows no end of a file: all of them ended
for (const file of files) tell('test:summary', { file, duration_ms: seconds.get(file) ?? 0 });
process.disconnect();

/** What crosses the channel: an error of a class of ours would arrive as an empty object. */
function plain(details: object): object | undefined {
  const error = 'error' in details ? (details.error as Error & { failureType?: string }) : undefined;
  if (error === undefined) return undefined;
  const thrown = error.cause ?? error;
  const cause = thrown instanceof Error ? Object.assign(new Error(thrown.message), { stack: thrown.stack }) : thrown;
  return { failureType: error.failureType, cause: thrown instanceof Error ? cause : inspect(thrown) };
}
