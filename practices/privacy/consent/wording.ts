/** How a choice is worded, wherever it is shown: what is recorded as shown is made here too. */
import type { Say } from '../notice/languages.ts';
import type { Texts } from '../notice/facts.ts';
import type { PurposeState } from './consents.ts';
import type { Said } from './said.ts';

type Named = Pick<PurposeState, 'purpose' | 'title' | 'fields'>;

/** With the fields before it, where it is about these alone. */
export const choiceTitle = ({ purpose, title, fields }: Named, texts: Texts): string =>
  `${fields.length === 0 ? '' : `${fields.map((key) => texts[key] ?? key).join(', ')}: `}${texts[`purpose.${purpose}`] ?? title}`;

export const choiceRule = (choice: PurposeState['choice'], say: Say): string =>
  ({ consent: say('needsYes'), objection: say('untilNo'), group: say('allBelow') })[choice];

/** All of what somebody saw when they said it. */
export const choiceText = (state: PurposeState, texts: Texts, say: Say, answer: 'yes' | 'no'): string =>
  `${choiceTitle(state, texts)}. ${choiceRule(state.choice, say)}: ${say(answer)}`;

/** What an answer is, by what held before it. */
export const saidBy = ({ choice, state }: PurposeState, answer: 'yes' | 'no'): Said =>
  answer === 'yes' ? 'given' : choice === 'objection' ? 'objected' : state === 'given' ? 'withdrawn' : 'refused';
