/**
 * `node bench/capacity.ts`: what a request costs on this machine, what that makes of up to a hundred million customers, and how long
 * they wait. Writes bench/results/capacity.json and its part of docs/scaling.md; `--from` works the same out of costs that were
 * measured before.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { measureCosts, type Costs } from './capacity/costs.ts';
import { USUAL, type Traffic } from './capacity/model.ts';
import { capacityText, putInto } from './capacity/words.ts';

const HELP = `node bench/capacity.ts [--quick] [--from costs.json] [--reads n] [--searches n] [--writes n] [--peak n]

  --quick     few customers and short rounds: a minute; results go to bench/out, docs stay as they are
  --from      costs that were measured before, such as bench/results/capacity.json: nothing is measured
  --reads, --searches, --writes   of each customer on a day (${USUAL.readsPerDay}, ${USUAL.searchesPerDay}, ${USUAL.writesPerDay})
  --peak      the busiest second over the mean of the day (${USUAL.peak})
  --json      costs as JSON, and nothing else
`;

const RESULTS = 'bench/results/capacity.json';

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({ options: { quick: flag, json: flag, help: flag, from: text, reads: text, searches: text, writes: text, peak: text } }); // prettier-ignore

if (values.help) process.stdout.write(HELP);
else {
  const own = (given: string | undefined, usual: number): number => (given === undefined ? usual : Number(given));
  const traffic: Traffic = { ...USUAL, readsPerDay: own(values.reads, USUAL.readsPerDay), searchesPerDay: own(values.searches, USUAL.searchesPerDay), writesPerDay: own(values.writes, USUAL.writesPerDay), peak: own(values.peak, USUAL.peak) }; // prettier-ignore
  const progress = (words: string): void => void process.stderr.write(`capacity: ${words}\n`);
  const costs = values.from === undefined
    ? await measureCosts({ people: values.quick ? 2000 : 50_000, seconds: values.quick ? 3 : 15, connections: 32, progress })
    : (JSON.parse(readFileSync(values.from, 'utf8')) as Costs); // prettier-ignore
  const words = capacityText(costs, traffic);
  process.stdout.write(values.json ? `${JSON.stringify(costs)}\n` : `${words}\n`);
  if (values.from === undefined) {
    const path = values.quick ? 'bench/out/capacity.json' : RESULTS;
    mkdirSync('bench/out', { recursive: true });
    writeFileSync(path, `${JSON.stringify(costs, null, 2)}\n`);
    if (!values.quick) putInto('docs/scaling.md', words);
  }
}
