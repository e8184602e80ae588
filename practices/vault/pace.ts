/** How a long work goes over what is stored. */
import { setTimeout as sleep } from 'node:timers/promises';

export type Pace = Readonly<{
  /** Asked between two pages: a work that was stopped goes on at its cursor another time. */
  stopped: () => boolean;
  /** Whether it lets others through. A restore has nobody to let through: there a rest is only time that a drill is late by. */
  rests: boolean;
}>;

/** A pause as a share of the time since `began` (`performance.now()`), for a work that rests. */
export async function rest({ rests }: Pace, began: number, share: number): Promise<void> {
  if (rests) await sleep((performance.now() - began) * share);
}

/** Of a promise that is awaited later: by then it may have failed already, which is no unhandled failure. */
export function begun<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
