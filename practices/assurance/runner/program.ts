/**
 * What a server starts as its runner: it loads the control tests and nothing else of the system, since each run starts one.
 * Argument: the version of the server.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// beside the code itself, as server/main.ts has it
enableCompileCache(join(import.meta.dirname, '../../../node_modules/.cache/compile'));
const { runner } = await import('./runner.ts');
await runner(process.stdin, process.stdout, process.argv[2] ?? '', () => new Date(), () => process.exit(1)); // prettier-ignore
