/** How a choice is worded, wherever it is shown: what is recorded as shown is made here too. */
import type { Say } from '../notice/languages.ts';
import type { Texts } from '../notice/facts.ts';
import type { PurposeState } from './consents.ts';
import type { Said } from './said.ts';

type Named = Pick<PurposeState, 'purpose' | 'title' | 'fields'>;

/** With the fields before it, where it is about these alone. */
export function choiceTitle({ purpose, title, fields }: Named, texts: Texts, say: Say): string {
  const named = texts[`purpose.${purpose}`] ?? title;
  return fields.length === 0
    ? named
    : say('ofFields', { fields: fields.map((key) => texts[key] ?? key).join(', '), purpose: named });
}

/** What a no to a group ends: the choices below it. */
export const membersOf = (group: PurposeState, all: readonly PurposeState[]): readonly PurposeState[] =>
  all.filter(({ purpose, choice }) => choice !== 'group' && purpose.startsWith(`${group.purpose}.`));

/** @param all of which the members of a group are */
export function choiceRule(state: PurposeState, texts: Texts, say: Say, all: readonly PurposeState[] = []): string {
  if (state.choice === 'consent') return say('needsYes');
  if (state.choice === 'objection') return say('untilNo');
  return say('allBelow', { members: membersOf(state, all).map((each) => choiceTitle(each, texts, say)).join(', ') }); // prettier-ignore
}

/** All of what somebody saw when they said it. */
export const choiceText = (state: PurposeState, texts: Texts, say: Say, answer: 'yes' | 'no', all: readonly PurposeState[] = []): string =>
  say('shownChoice', { title: choiceTitle(state, texts, say), rule: choiceRule(state, texts, say, all), answer: say(answer) }); // prettier-ignore

/** What an answer is, by what held before it. */
export const saidBy = ({ choice, state }: PurposeState, answer: 'yes' | 'no'): Said =>
  answer === 'yes' ? 'given' : choice === 'objection' ? 'objected' : state === 'given' ? 'withdrawn' : 'refused';
