/**
 * What Cedar answered, under all that could have changed the answer: who asks by which policies, the resource, each fact
 * that one of those policies looks at, and how the purpose stands to the purposes that they name. Most purposes stand
 * alike to most policies, and a draft changes few policies: what was asked in the same words is not asked again.
 *
 * INVARIANT: an answer is a pure function of its key, in any document and for ever. One with errors is not kept.
 */
import type { CedarAnswer } from './cedar.ts';
import { covers } from './facts.ts';

export type Answers = Readonly<{
  /** @returns what is known under the key, or what `ask` answers now */
  once: (key: string, ask: () => CedarAnswer) => CedarAnswer;
}>;

/** @param most answers, then all are forgotten: the policies that hold and a few drafts of them mostly ask the same */
export function createAnswers(most = 60_000): Answers {
  const known = new Map<string, CedarAnswer>();
  return {
    once: (key, ask) => {
      const before = known.get(key);
      if (before !== undefined) return before;
      const answer = ask();
      // what could not be answered is asked again
      if (answer.errors.length > 0) return answer;
      if (known.size >= most) known.clear();
      known.set(key, answer);
      return answer;
    },
  };
}

/** Of all engines: content names the policies. */
export const ANSWERS = createAnswers();

/**
 * How a purpose stands to each of the named ones: it is the same, lies below it, or neither. Policies can see nothing else
 * of it: it has no attributes, nothing else has its type, and what it lies in is its own name.
 */
export const standing = (purpose: string, named: readonly string[]): string =>
  named.map((each) => (each === purpose ? '=' : covers(each, purpose) ? '<' : '-')).join('');
