/**
 * `npm run mutants`: plants every fault of practices/assurance/mutants, and writes down how many of them the control tests
 * have caught: the posture page says it. A few minutes.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { readMutants } from '#practices/assurance';

const FILE = fileURLToPath(new URL('../practices/assurance/mutants/killed.json', import.meta.url));

/** One is about the list itself, three ask that nothing fails without a mutant. */
const OTHERS = 4;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const mutants = (await readMutants()).length;
const ran = spawnSync(process.execPath, ['tools/test.ts', '--only', 'server/mutants/', '--timeout-ms', '900000'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
process.stdout.write(ran.stdout);
const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(ran.stdout.split('\n').findLast((line) => /^\d+ passed/.test(line)) ?? '') ?? []; // prettier-ignore
if (passed === undefined || Number(passed) + Number(failed) !== mutants + OTHERS) {
  process.stderr.write('it did not run to its end: nothing is written\n');
  process.exitCode = 1;
} else {
  const killed = mutants - Number(failed);
  writeFileSync(
    FILE,
    `${JSON.stringify({ killed, mutants, at: new Date().toISOString().slice(0, 10), version }, null, 2)}\n`,
  );
  process.stdout.write(`${killed} of ${mutants} killed\n`);
  process.exitCode = killed === mutants ? 0 : 1;
}
