/** Everybody gets what the policies say, and nothing else, whichever way they ask. */
import { controlTest } from '../kit/control-test.ts';

const PURPOSE = 'service.support';

export const AUTHZ = [
  controlTest({
    id: 'AUTHZ-02',
    practice: 'access',
    title: 'The runner itself reaches canaries alone',
    hypothesis: 'A key of this runner is refused on anybody who is not made up, and somebody is told of the try.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented', 'recorded', 'detected'],
    maps: { asvs: ['8.2.2'], csf: ['PR.AA-05'], sp80053: ['ac-6'] },
    run: async (kit) => {
      const { outside } = kit.world;
      const reads = kit.as('application');
      const own = await reads('GET', `/v1/vault/records/${kit.canary().record}`, { purpose: PURPOSE });
      kit.prevented(own.status === 200, `a canary was answered with ${own.status}`);
      const answer = await reads('GET', `/v1/vault/records/${outside ?? kit.world.run}`, { purpose: PURPOSE });
      kit.denied(answer);
      if (outside !== null) await kit.inLog(answer, { action: 'vault.read', outcome: 'denied' });
      if (outside !== null) await kit.alarmed(['runner-elsewhere'], kit.keyOf('application').id, 20);
    },
  }),
];
