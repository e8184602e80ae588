/** What is looked for: texts that were made up for this run alone. A yes, a country or a round date is found anywhere. */
import type { Canary } from './world.ts';

const LEAST = 8;

export const canaryTexts = (canaries: readonly Pick<Canary, 'values'>[]): readonly string[] => [
  ...new Set(canaries.flatMap(({ values }) => Object.values(values)).filter((text) => isOwn(text))),
];

/** The mark stands in every made-up text (server/canary-desk.ts): where it is not, none of them is. */
export const hasMark = (text: string): boolean => /canary/i.test(text);

export const isOwn = (text: string): boolean => text.length >= LEAST && hasMark(text);
