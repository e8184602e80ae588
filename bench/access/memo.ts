/** What is remembered: how often it helps, and that it stays small. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { decideWith, openEngine, starterDocument } from '#practices/access';

import { spreadOf } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import { questions } from './questions.ts';

/** Half-way through the load the policies are changed: all is forgotten. */
const VERSIONS = 2;
const MOST = 2_000;
/** Questions past the first are this many times as many as may be remembered. */
const TIMES = 3;

async function measure({ sizes, progress }: Bench): Promise<Measured> {
  const asked = questions();
  progress(`${sizes.decisions} questions`);
  let [hits, misses, entries] = [0, 0, 0];
  for (let version = 0; version < VERSIONS; version += 1) {
    const engine = openEngine(starterDocument());
    for (let n = 0; n < sizes.decisions / VERSIONS; n += 1) decideWith(engine, 'bench', asked.next());
    const counts = engine.counts();
    hits += counts.hits;
    misses += counts.misses;
    entries = Math.max(entries, counts.entries);
    engine.close();
  }
  const rate = hits / (hits + misses);

  progress('more different questions than may be remembered');
  const most = Math.min(MOST, sizes.coldQuestions);
  const engine = openEngine(starterDocument(), { most });
  const question = asked.usual();
  const fill = (from: number, to: number): number => {
    for (let n = from; n < to; n += 1) {
      // no catalogue has so many collections: it is the facts that are many
      const collection = { ...question.collection, name: `collection_${n}` };
      decideWith(engine, 'bench', { ...question, collection });
    }
    return usedMib();
  };
  const before = usedMib();
  const full = fill(0, most);
  const later = Array.from({ length: 3 }, (_, n) => fill(most * (1 + n * TIMES), most * (1 + (n + 1) * TIMES)));
  const held = engine.counts().entries;
  engine.close();
  return await Promise.resolve({
    sides: [
      { name: 'answered from memory', unit: 'of all', spread: spreadOf([rate]) },
      { name: `heap with ${most} remembered`, unit: 'MiB', spread: spreadOf([full]) },
      { name: `the same after ${TIMES * 3} times as many more`, unit: 'MiB', spread: spreadOf(later) },
    ],
    goals: [
      goal('answered from memory', spreadOf([rate]), { atLeast: 0.999 }),
      goal('remembered, of the most that may be', spreadOf([held / most]), { atMost: 1 }),
      goal('times the heap when it was full first', spreadOf(later.map((mib) => mib / full)), { atMost: 1.1 }),
    ],
    figures: [
      { name: 'questions', value: hits + misses, unit: '' },
      { name: 'different ones remembered at most', value: entries, unit: '' },
      { name: 'heap of one', value: Math.max(0, ((full - before) * 2 ** 20) / most), unit: 'bytes' },
    ],
  });
}

/** Heap in use after a collection, in MiB. */
function usedMib(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

export const memo: Row = {
  name: 'decide-memo',
  title: 'What is remembered of decisions',
  how: [
    'The load of `decide`, from an empty memory on, with one change of policies half-way: how many were answered from memory.',
    'Then an engine that may remember few, and ten times as many different questions: how many it holds, and the heap after a collection.',
  ],
  measure,
};
