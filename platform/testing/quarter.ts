import { setTimeout as sleep } from 'node:timers/promises';

const QUARTER_MS = 900_000;

/** What is counted in quarters of an hour is not looked at across the end of one: waits for the next where less is left. */
export async function inOneQuarter(seconds: number): Promise<void> {
  const left = QUARTER_MS - (Date.now() % QUARTER_MS);
  if (left < seconds * 1000) await sleep(left);
}
