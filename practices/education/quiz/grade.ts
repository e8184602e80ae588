/** Grading: places on the screen, by the sitting's seed back to the question's own options. */
import { drawQuestions, shownOrder } from './draw.ts';
import type { Question, Quiz } from './quiz.ts';

export type GradedQuestion = Readonly<{ id: string; right: boolean; because: readonly string[] }>;
export type Grade = Readonly<{ right: number; of: number; passed: boolean; questions: readonly GradedQuestion[] }>;

/**
 * @param answers for each question that was drawn a list of places on the screen, from 0: `single` one, `multi` and `cues`
 * a set, `order` the places as they come after each other, `match` for each left side the place of its right one
 * @returns null when these are no answers to these questions
 */
export function gradeAnswers(quiz: Quiz, seed: string, seen: readonly string[], answers: unknown): Grade | null {
  const drawn = drawQuestions(quiz, seed, seen);
  if (!Array.isArray(answers) || answers.length !== drawn.length) return null;
  const questions: GradedQuestion[] = [];
  for (const [at, { id, options }] of drawn.entries()) {
    const places: unknown = answers[at];
    if (!arePlaces(places, options.length)) return null;
    const question = quiz.questions.find((each) => each.id === id) as Question;
    const order = shownOrder(question, seed);
    const own = places.map((place) => order[place] as number);
    questions.push({ id, right: isRight(question, own), because: whyOf(question, order) });
  }
  const right = questions.filter((each) => each.right).length;
  return { right, of: questions.length, passed: right >= neededOf(quiz, questions.length), questions };
}

/** How many of these have to be right. 0.8 of 5 is 4, and not 4.000000000000001 */
export const neededOf = ({ mastery }: Pick<Quiz, 'mastery'>, of: number): number =>
  Math.ceil(Number((mastery * of).toFixed(6)));

const arePlaces = (given: unknown, count: number): given is readonly number[] =>
  Array.isArray(given) &&
  given.length <= count &&
  given.every((each) => Number.isInteger(each) && each >= 0 && each < count) &&
  new Set(given).size === given.length;

function isRight(question: Question, own: readonly number[]): boolean {
  if (question.kind === 'cues') {
    // one line too many is a careful reader; all lines is none
    return question.cues.every((cue) => own.includes(cue)) && own.length <= question.cues.length + 1;
  }
  if (question.kind === 'order') return own.length === question.lines.length && own.every((index, at) => index === at);
  if (question.kind === 'match') return own.length === question.pairs.length && own.every((index, at) => index === at);
  return question.answers.every(({ right }, at) => right === own.includes(at));
}

/** One for each answer, in the order in which they were shown. */
const whyOf = (question: Question, order: readonly number[]): readonly string[] =>
  'answers' in question
    ? // an answer that is a question, or a sentence, has its own mark at its end
      order
        .map((own) => question.answers[own] as (typeof question.answers)[number])
        .map(({ says, because }) => `${says}${/[.?!…]$/.test(says) ? '' : ':'} ${because}`)
    : [question.because];
