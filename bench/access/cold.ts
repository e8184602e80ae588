/** Decisions that nobody has asked for before: what the first one costs after a start or a change of policies. */
import { createAnswers, decideWith, openEngine, starterDocument } from '#practices/access';

import { ratioOf, spreadOf } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import { cedarAlone } from './cedar-alone.ts';
import { questions, type Question } from './questions.ts';

const OURS = 'strongroom, first time';
const CEDAR = 'cedar-wasm alone';
/** 2 ms was the goal where one call of cedar-wasm took up to 0.85 ms. */
const AT_MOST_TIMES = 2 / 0.85;
const TURNS = 3;

async function measure({ sizes, progress }: Bench): Promise<Measured> {
  const asked = questions();
  const different = new Map<string, Question>();
  for (let n = 0; n < sizes.coldQuestions; n += 1) {
    const question = n % 2 === 0 ? asked.usual() : asked.any();
    const { actor, action, purpose, collection, restricted } = question;
    different.set(`${actor.role} ${action} ${purpose} ${collection.name} ${restricted}`, question);
  }
  const list = [...different.values()];
  const bare = cedarAlone();
  const [ours, theirs]: [number[], number[]] = [[], []];
  const rounds = Math.min(sizes.rounds, 7);
  for (let round = -1; round < rounds; round += 1) {
    progress(`round ${round + 2} of ${rounds + 1}, ${list.length} questions`);
    const both = [p99OfBest(list, firstTime), p99OfBest(list, () => ({ once: bare, done: () => undefined }))] as const;
    // the first round warms up
    if (round < 0) continue;
    ours.push(both[0]);
    theirs.push(both[1]);
  }
  return await Promise.resolve({
    sides: [
      { name: `${OURS}, p99`, unit: 'ms', spread: spreadOf(ours) },
      { name: `${CEDAR}, p99`, unit: 'ms', spread: spreadOf(theirs) },
    ],
    goals: [goal(`times ${CEDAR}, p99`, ratioOf(ours, theirs), { atMost: AT_MOST_TIMES })],
    figures: [{ name: 'different questions', value: list.length, unit: '' }],
  });
}

type Turn = Readonly<{ once: (question: Question) => unknown; done: () => void }>;

function firstTime(): Turn {
  const engine = openEngine(starterDocument(), { answers: createAnswers() });
  return { once: (question) => decideWith(engine, 'bench', question).allow, done: () => engine.close() };
}

/** @returns milliseconds: of each question the best of three turns, so that what is late is a question and not a neighbour */
function p99OfBest(list: readonly Question[], begin: () => Turn): number {
  const best = list.map(() => Number.POSITIVE_INFINITY);
  for (let turn = 0; turn < TURNS; turn += 1) {
    const { once, done } = begin();
    list.forEach((question, n) => {
      const began = performance.now();
      once(question);
      best[n] = Math.min(best[n] as number, performance.now() - began);
    });
    done();
  }
  return best.toSorted((a, b) => a - b)[Math.floor(best.length * 0.99)] as number;
}

export const cold: Row = {
  name: 'decide-cold',
  title: 'A decision that was never made before',
  how: [
    `A new engine for each round, as after a start or a change of policies; each of the different questions once; of three such turns each question's best. The first one of a role and action also parses the policies that can meet it; a refusal also finds out why, and what would help.`,
    'cedar-wasm alone: all policies parsed ahead, the same questions, one call each, with every fact that the schema asks for.',
  ],
  measure,
};
