/**
 * `npm run check`: everything that needs neither a database nor another program, in under 30 s. Prints each step with
 * its time, what a red one said, and fails when any is red. `--no-tests`: for whoever runs all tests next, as CI does.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { lint } from './lint.ts';
import { run } from './run.ts';
import { runSteps, type Step } from './steps.ts';

const BUDGET_SECONDS = 30;
const { values: asked } = parseArgs({ options: { 'no-tests': { type: 'boolean', default: false } } });

function command(name: string, program: string, ...args: readonly string[]): Step {
  return {
    name,
    work: async () => {
      const ran = await run(program, args);
      return { ok: ran.code === 0, said: `${ran.stdout}${ran.stderr}` };
    },
  };
}

/** The linter knows every type already, and says what the compiler would: a compiler beside it would do the same work again. */
const lintStep: Step = {
  name: 'types, lint and walls',
  work: async () => {
    const { faults, filesRead } = await lint(process.cwd());
    const said = faults.map((one) => `${one.path}:${one.line} ${one.code}: ${one.message}`).join('\n');
    return { ok: faults.length === 0, said: `${said}\n${filesRead} files read` };
  },
};

/** The longest first, so that the short ones fill the second core. */
const STEPS: readonly Step[] = [
  ...(asked['no-tests'] ? [] : [command('unit tests', process.execPath, 'tools/test.ts', '--kind', 'unit')]),
  lintStep,
  command('generated documents', process.execPath, 'tools/docs.ts', '--check'),
  command('dead exports', 'knip'),
  command('map', process.execPath, 'tools/check-map.ts'),
  command('format', 'oxfmt', '--check'),
];

const started = performance.now();
const red = await runSteps(STEPS, { print: (line) => console.log(line), atOnce: Math.max(2, availableParallelism()) });
const seconds = (performance.now() - started) / 1000;
if (seconds > BUDGET_SECONDS)
  console.log(`\nthe check took ${seconds.toFixed(0)} s, its budget is ${BUDGET_SECONDS} s`);
console.log(`\n${STEPS.length - red.length} of ${STEPS.length} steps green in ${seconds.toFixed(1)} s`);
process.exitCode = red.length === 0 ? 0 : 1;
