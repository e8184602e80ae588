/**
 * Rounds until all that was committed before is read. A slot that is new waits for whoever writes anywhere on this
 * PostgreSQL: in a run of all tests, for other tests.
 */
import { setTimeout } from 'node:timers/promises';

export async function readAll(round: () => Promise<Readonly<{ state: string }> | null>): Promise<void> {
  for (let rounds = 0; rounds < 200; rounds += 1) {
    const { state } = (await round()) ?? { state: 'read' };
    if (state === 'read') return;
    await setTimeout(50);
  }
  throw new Error('not read after 200 rounds');
}
