/** Requests of somebody whom an exercise alone lets ask: they are about its customers, and nobody is bothered with them. */
import { parseSubjectId } from '#platform/ids';

import type { Actor, Decide } from '../decide.ts';
import { refusal } from '../refusal.ts';

/** @throws ACCESS_DENIED where it is allowed for other customers alone */
export function requireWithin(decide: Decide, actor: Actor, subjects: readonly string[]): void {
  const { within } = decide({ actor, action: 'grants.request' });
  if (within === null) return;
  const outside = subjects.map(parseSubjectId).find((each) => each === null || !within.has(each));
  if (outside === undefined) return;
  throw refusal(decide({ actor, action: 'grants.request', ...(outside === null ? {} : { subject: outside }) }));
}

/** All of it is about customers of the actor's own exercise. */
export function isOfExercise({ training }: Pick<Actor, 'training'>, subjects: readonly string[]): boolean {
  const own = training?.exercise;
  return (
    own !== undefined &&
    subjects.length > 0 &&
    subjects.map(parseSubjectId).every((each) => each !== null && own.has(each))
  );
}
