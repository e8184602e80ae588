/** Access depends on what somebody knows and has signed. */
import { controlTest } from '../kit/control-test.ts';
import { comeIn, withCookie } from '../kit/ways.ts';

export const EDU = [
  controlTest({
    id: 'EDU-01',
    practice: 'education',
    title: 'Who was never trained sees no customer',
    hypothesis: 'A member of staff who has done no course of their role is refused, told which one, and it is written down.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented', 'recorded'],
    maps: { csf: ['PR.AT-01', 'PR.AA-05'], sp80053: ['at-2', 'at-3'] },
    run: async (kit) => {
      const { cookie } = await comeIn(kit, 'support');
      const answer = await withCookie(kit, cookie)('GET', `/v1/vault/records/${kit.canary().record}`, { purpose: 'service.support' });
      kit.denied(answer, [403]);
      kit.prevented(answer.json?.training !== undefined, 'the refusal does not say what to learn');
      await kit.inLog(answer, { outcome: 'denied' });
    },
  }),
  controlTest({
    id: 'EDU-02',
    practice: 'education',
    title: 'Nothing is signed by a forged signature',
    hypothesis: 'An acknowledgement needs a person, a session, and the very text that holds.',
    kind: 'attack',
    severity: 'medium',
    asks: ['prevented'],
    maps: { csf: ['PR.AT-01'], sp80053: ['at-4'] },
    run: async (kit) => {
      const { cookie } = await comeIn(kit, 'support');
      const forged = { hash: '0'.repeat(64), locale: 'en', answers: [0, 0, 0] };
      const mine = await withCookie(kit, cookie)('GET', '/v1/education/mine');
      const duties = (mine.json?.duties ?? []) as readonly { kind: string; id: string }[];
      const policy = duties.find(({ kind }) => kind === 'policy')?.id ?? 'acceptable-use';
      const path = `/v1/education/policies/${policy}/signature`;
      for (const answer of [await withCookie(kit, cookie)('POST', path, { body: forged }), await kit.as('support')('POST', path, { body: forged })])
        kit.prevented(answer.status >= 400 && answer.status < 500, `a forged signature was answered with ${answer.status}`);
    },
  }),
  controlTest({
    id: 'EDU-03',
    practice: 'education',
    title: 'A course is not passed by handing in another’s try',
    hypothesis: 'Answers to a try that is nobody’s, or that a key hands in, pass nothing.',
    kind: 'attack',
    severity: 'medium',
    asks: ['prevented'],
    maps: { csf: ['PR.AT-01'], sp80053: ['at-4'] },
    run: async (kit) => {
      const { cookie } = await comeIn(kit, 'support');
      const path = `/v1/education/sittings/sit_${'0'.repeat(26)}/answers`;
      for (const client of [withCookie(kit, cookie), kit.as('support')]) {
        const answer = await client('POST', path, { body: { answers: [[0], [1], [2]] } });
        kit.prevented(answer.status >= 400 && answer.status < 500, `it was answered with ${answer.status}`);
      }
    },
  }),
]; // prettier-ignore
