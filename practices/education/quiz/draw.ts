/** Drawing from the pool: the same seed gives the same questions in the same order, on every server. */
import { createHash } from 'node:crypto';

import type { Question, Quiz } from './quiz.ts';

/** A question as it is shown: without what is right. `options` stand in the order of `shown`, indexes into the question's own. */
export type DrawnQuestion = Readonly<{
  id: string;
  kind: Question['kind'];
  asks: string;
  options: readonly string[];
  /** For `match`: what the options are put beside. */
  beside: readonly string[];
}>;

/**
 * @param seed  at least 16 random bytes as text; whoever has it can tell the questions, so it stays with the sitting
 * @param seen  questions of earlier tries, oldest first: others come before them, and of them the oldest
 */
export function drawQuestions(quiz: Quiz, seed: string, seen: readonly string[] = []): readonly DrawnQuestion[] {
  const order = shuffled(quiz.questions.length, `${seed}/pool`);
  const last = (at: number): number => seen.lastIndexOf(quiz.questions[at]?.id ?? '');
  const chosen = order.toSorted((a, b) => last(a) - last(b)).slice(0, quiz.draw);
  return chosen.map((at) => {
    const question = quiz.questions[at] as Question;
    const own = optionsOf(question);
    return {
      id: question.id,
      kind: question.kind,
      asks: question.asks,
      options: shownOrder(question, seed).map((index) => own[index] as string),
      beside: question.kind === 'match' ? question.pairs.map(([left]) => left) : [],
    };
  });
}

/** For each place on the screen, which of the question's own options stands there. */
export function shownOrder(question: Question, seed: string): readonly number[] {
  const count = optionsOf(question).length;
  // the lines of a mail stay a mail
  if (question.kind === 'cues') return Array.from({ length: count }, (_, at) => at);
  const order = shuffled(count, `${seed}/${question.id}`);
  // steps that stand right already ask nothing
  return question.kind === 'order' && order.every((own, at) => own === at) ? order.toReversed() : order;
}

function optionsOf(question: Question): readonly string[] {
  if ('answers' in question) return question.answers.map(({ says }) => says);
  return 'pairs' in question ? question.pairs.map(([, right]) => right) : question.lines;
}

/** Fisher and Yates, with SHA-256 of seed and a counter as dice; without bias, since what is too high is thrown again. */
export function shuffled(count: number, seed: string): readonly number[] {
  const order = Array.from({ length: count }, (_, at) => at);
  let thrown = 0;
  const below = (limit: number): number => {
    for (;;) {
      const roll = createHash('sha256').update(`${seed}/${thrown}`).digest().readUInt32BE(0);
      thrown += 1;
      if (roll < Math.floor(2 ** 32 / limit) * limit) return roll % limit;
    }
  };
  for (let at = count - 1; at > 0; at -= 1) {
    const other = below(at + 1);
    [order[at], order[other]] = [order[other] as number, order[at] as number];
  }
  return order;
}
