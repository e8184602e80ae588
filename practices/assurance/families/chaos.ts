/** When a part fails, nothing leaves that should not. */
import { setTimeout as sleep } from 'node:timers/promises';

import { CannotTell, controlTest } from '../kit/control-test.ts';

const STALL_MS = 2500;
const TAKEN_MS = 400;

export const CHAOS = [
  controlTest({
    id: 'CHAOS-01',
    practice: 'access',
    title: 'Nothing is read that the log does not know',
    hypothesis: 'While nothing can be written to the log, no value leaves: a read waits for it, or fails.',
    kind: 'chaos',
    severity: 'critical',
    asks: ['prevented', 'recorded'],
    maps: { asvs: ['16.3.2'], csf: ['DE.AE-03'], sp80053: ['au-5'] },
    run: async (kit) => {
      const canary = kit.canary();
      const reads = kit.as('application');
      const ask = () => reads('GET', `/v1/vault/records/${canary.record}`, { purpose: 'service.support' });
      const before = await ask();
      if (before.status !== 200) throw new CannotTell(`a read was answered with ${before.status}`);
      const stalled = kit.desk.stall(STALL_MS);
      // a runner is not ended by what is waited for later
      stalled.catch(() => undefined);
      // the lock is taken a moment after it was asked for
      await sleep(TAKEN_MS);
      const answer = await ask();
      await stalled;
      const after = await ask();
      if (after.status !== 200) throw new CannotTell(`afterwards a read was answered with ${after.status}`);
      kit.prevented(answer.status !== 200 || answer.ms > STALL_MS / 2, `a value left ${Math.round(answer.ms)} ms after it was asked for, while the log was stalled`);
      if (answer.status === 200) await kit.inLog(answer, { action: 'vault.read' });
      else kit.recorded(true, '');
    },
  }),
]; // prettier-ignore
