/** When a part fails, nothing leaves that should not. */
import { setTimeout as sleep } from 'node:timers/promises';

import { CannotTell, controlTest } from '../kit/control-test.ts';

const STALL_MS = 2500;
const TAKEN_MS = 400;
const FULL_MS = 1500;
/** The outbox is looked at every two seconds. */
const MAIL_MS = 9000;

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
  controlTest({
    id: 'CHAOS-02',
    practice: 'assurance',
    title: 'Mail that cannot leave is kept, and it is told',
    hypothesis: 'While no mail server answers no mail is lost, and who looks is told that none leaves.',
    kind: 'chaos',
    severity: 'high',
    asks: ['prevented', 'detected'],
    maps: { csf: ['DE.AE-03', 'PR.IR-03'], sp80053: ['cp-2'] },
    run: async (kit) => {
      const id = await kit.desk.mailTo(MAIL_MS);
      try {
        const tried = await kit.until(async () => {
          const { way, attempts, state } = await kit.desk.mailOf(id);
          return way === 'held' || attempts > 0 || state !== 'queued';
        }, 20);
        if (!tried) throw new CannotTell('nobody tried to send it: the outbox is long');
        const { state, told } = await kit.desk.mailOf(id);
        kit.prevented(state === 'queued' || state === 'held', `a mail that could not leave is ${state}`);
        kit.detected(told !== null, 'nobody is told that no mail leaves');
      } finally {
        const wasThere = await kit.desk.takeBackMail(id);
        kit.prevented(wasThere, 'the mail was gone');
      }
    },
  }),
  controlTest({
    id: 'CHAOS-03',
    practice: 'assurance',
    title: 'A runner by another clock proves nothing',
    hypothesis: 'Where the clocks of runner and system are ten minutes apart a test is invalid, and not passed.',
    kind: 'probe',
    severity: 'high',
    asks: ['prevented'],
    maps: { csf: ['ID.IM-02'], sp80053: ['au-8', 'ca-7'] },
    run: async (kit) => {
      const beats = (minutes: number): Promise<string> =>
        kit.beat(() => new Date(Date.now() + minutes * 60_000)).then(() => 'told nothing', (thrown: unknown) => (thrown instanceof CannotTell ? thrown.message : 'broke off'));
      const now = await beats(0);
      kit.prevented(now === 'told nothing', `by its own clock: ${now}`);
      for (const minutes of [-10, 10]) {
        const said = await beats(minutes);
        kit.prevented(said.includes('clocks'), `${minutes} minutes apart: ${said}`);
      }
    },
  }),
  controlTest({
    id: 'CHAOS-04',
    practice: 'access',
    title: 'Where nothing can be written down nothing is read',
    hypothesis: 'While there is no room for the log every read of a customer is refused, says why, and shows nothing; afterwards it goes on.',
    kind: 'chaos',
    severity: 'critical',
    asks: ['prevented', 'detected'],
    maps: { asvs: ['16.3.2'], csf: ['DE.AE-03', 'PR.IR-04'], sp80053: ['au-4', 'au-5'] },
    run: async (kit) => {
      const { record } = kit.canary();
      const reads = kit.as('application');
      const one = () => reads('GET', `/v1/vault/records/${record}`, { purpose: 'service.support' });
      const many = () => reads('POST', '/v1/vault/records/read', { purpose: 'service.support', body: { ids: [record] } });
      const before = await one();
      if (before.status !== 200) throw new CannotTell(`a read was answered with ${before.status}`);
      await kit.desk.fill(FULL_MS);
      for (const answer of [await one(), await many()]) {
        kit.denied(answer, [503, 507]);
        kit.detected(answer.json?.code === 'HTTP_DISK_FULL', `the refusal says ${String(answer.json?.code)}`);
      }
      const back = await kit.until(async () => (await one()).status === 200, 15);
      kit.prevented(back, 'it does not go on when there is room again');
    },
  }),
]; // prettier-ignore
