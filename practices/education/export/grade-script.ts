/**
 * Drawing and grading in the package: the rules of quiz/draw.ts and quiz/grade.ts, without a seed, since nobody grades it
 * again. What is right is in the package for it: whoever opens the files can read it.
 */
export const GRADE_SCRIPT = String.raw`'use strict';
globalThis.strongroomGrade = (() => {
  const below = (limit) => {
    const [thrown] = crypto.getRandomValues(new Uint32Array(1));
    return thrown < Math.floor(2 ** 32 / limit) * limit ? thrown % limit : below(limit);
  };
  const shuffled = (all) => {
    const order = [...all];
    for (let at = order.length - 1; at > 0; at -= 1) {
      const other = below(at + 1);
      [order[at], order[other]] = [order[other], order[at]];
    }
    return order;
  };
  const optionsOf = ({ answers, pairs, lines }) =>
    answers !== undefined ? answers.map(({ says }) => says) : pairs !== undefined ? pairs.map(([, right]) => right) : lines;
  /** Each with the order in which its own options stand on the screen. */
  const draw = ({ questions, draw: count }) =>
    shuffled(questions).slice(0, count).map((question) => {
      const own = optionsOf(question).map((_, at) => at);
      // the lines of a mail stay a mail
      if (question.kind === 'cues') return { question, order: own };
      const order = shuffled(own);
      // steps that stand right already ask nothing
      return { question, order: question.kind === 'order' && order.every((each, at) => each === at) ? order.reverse() : order };
    });
  /** own: indexes into the question's own options; for order and match one for each place. */
  const isRight = ({ kind, answers, lines, pairs, cues }, own) => {
    // one line too many is a careful reader; all lines is none
    if (kind === 'cues') return cues.every((cue) => own.includes(cue)) && own.length <= cues.length + 1;
    if (kind === 'order' || kind === 'match') return own.length === (lines ?? pairs).length && own.every((index, at) => index === at);
    return answers.every(({ right }, at) => right === own.includes(at));
  };
  const whyOf = ({ answers, because }) => (answers === undefined ? [because] : answers.map((each) => each.says + (/[.?!…]$/.test(each.says) ? ' ' : ': ') + each.because));
  return { draw, isRight, optionsOf, whyOf };
})();
`;
