/**
 * `npm test`: every test of the project on one shared PostgreSQL.
 *
 * `--only vault` keeps the files whose path contains the word; `--kind unit,program,database` keeps kinds (see
 * tools/suite/find.ts); `--skip word,word` leaves files out. Ends with one line, `N passed, N failed, N skipped`; exits 1
 * on a failure, 2 when fewer tests ran than there must be.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { sharedDatabase } from './suite/database.ts';
import { findTests, type Kind } from './suite/find.ts';
import { openRoom } from './suite/room.ts';
import { printTally, runSuite } from './suite/run-suite.ts';

/** Fewer tests than this and something was not found. Raise it as the suite grows; never lower it in silence. */
const AT_LEAST: Readonly<Record<Kind, number>> = { unit: 220, program: 100, database: 60 };

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    kind: { type: 'string', default: 'unit,program,database' },
    skip: { type: 'string', default: '' },
    root: { type: 'string', default: process.cwd() },
    'at-least': { type: 'string' },
    'timeout-ms': { type: 'string', default: '300000' },
  },
});

// programs that tests start, and each test file, begin in a third of the time
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/compile');

const room = await openRoom();
process.env['TMPDIR'] = room.folder;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const kinds = new Set(values.kind.split(','));
const skipped = values.skip.split(',').filter((word) => word !== '');
const files = findTests(values.root, values.only).filter(
  ({ kind, path }) => kinds.has(kind) && !skipped.some((word) => path.includes(word)),
);
const wholeSuite = values.only === '' && values.root === process.cwd();
const byKind = Object.entries(AT_LEAST).reduce((sum, [kind, count]) => sum + (kinds.has(kind) ? count : 0), 0);
const atLeast = values['at-least'] === undefined ? (wholeSuite ? byKind : 1) : Number(values['at-least']);

const database = files.some((file) => file.kind === 'database')
  ? await sharedDatabase(process.env['DATABASE_URL'])
  : null;
if (database !== null) {
  process.env['STRONGROOM_TEST_PG'] = database.url;
  print(`${files.length} test files on ${database.origin}`);
}
// tests speak to the shared server through #platform/testing only, never to whatever the caller's shell names
delete process.env['DATABASE_URL'];

try {
  const tally = await runSuite(
    files.map(({ path, kind, alone }) => ({ path, shared: kind === 'unit', alone })),
    { root: values.root, print, timeoutMs: Number(values['timeout-ms']) },
  );
  const ran = tally.passedCount + tally.failed.length + tally.skipped.length;
  if (ran < atLeast) print(`\nonly ${ran} tests ran, at least ${atLeast} must: some were not found`);
  printTally(tally, { root: values.root, print });
  process.exitCode = tally.failed.length > 0 ? 1 : ran < atLeast ? 2 : 0;
} finally {
  await database?.stop();
  await room.close();
}
