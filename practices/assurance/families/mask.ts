/** What leaves masked leaves masked wherever it goes. */
import { controlTest } from '../kit/control-test.ts';

const PURPOSE = 'service.support';

export const MASK = [
  controlTest({
    id: 'MASK-01',
    practice: 'access',
    title: 'A first look shows no value',
    hypothesis: 'What a role sees masked is in no part of the answer in clear: not in the body, not in a header.',
    kind: 'probe',
    severity: 'critical',
    asks: ['prevented', 'recorded'],
    maps: { asvs: ['14.2.6'], csf: ['PR.DS-01'], sp80053: ['ac-3.11'], attack: ['T1213'] },
    run: async (kit) => {
      const canary = kit.canary();
      const answer = await kit.as('support')('POST', '/v1/vault/records/read', { purpose: PURPOSE, body: { ids: [canary.record], masked: true } });
      kit.prevented(answer.status === 200, `a masked look was answered with ${answer.status}`);
      kit.without(answer.text, 'a masked answer');
      kit.without(JSON.stringify(answer.headers), 'the headers of a masked answer');
      await kit.inLog(answer, { action: 'vault.read' });
    },
  }),
]; // prettier-ignore
