/** How duties stand, for those who look after training: in which states one is done, to come, or too late. */
import type { TrainingDuty } from '@strongroom/sdk';

type State = TrainingDuty['state'];

export const STANDINGS: readonly (readonly [string, readonly State[]])[] = [
  ['done', ['passed', 'exempt']],
  // open as long as their day has not come, whether it was passed once or never
  ['due soon', ['due']],
  ['to do', ['assigned', 'revoked']],
  ['overdue', ['grace']],
  ['lapsed', ['lapsed']],
];

export const isDone = (state: State): boolean => state === 'passed' || state === 'exempt';

/** Every standing, with how many of these are in it. */
export const standingsOf = (states: readonly State[]): { label: string; value: number }[] =>
  STANDINGS.map(([label, its]) => ({ label, value: states.filter((state) => its.includes(state)).length }));
