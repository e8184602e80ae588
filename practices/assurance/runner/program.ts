/**
 * What a server starts as its runner: it loads the control tests and nothing else of the system, since each run starts one.
 * Argument: the version of the server.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// beside the code itself, as server/main.ts has it
enableCompileCache(join(import.meta.dirname, '../../../node_modules/.cache/compile'));
try {
  const { runner } = await import('./runner.ts');
  await runner(process.stdin, process.stdout, process.argv[2] ?? '', () => new Date(), () => process.exit(1)); // prettier-ignore
} catch (thrown) {
  // of what is thrown only what the log would say: what PostgreSQL says may quote a row
  const { describeError } = await import('#platform/log');
  process.stderr.write(`${String((describeError(thrown) as { message: string }).message)}\n`);
  process.exitCode = 1;
}
