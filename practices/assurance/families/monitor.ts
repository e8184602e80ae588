/** What should not happen is noticed while it happens, and what should is no alarm. */
import { recordIdText, uuidv7, type SubjectId } from '#platform/ids';

import { CannotTell, controlTest } from '../kit/control-test.ts';
import type { Kit } from '../kit/kit.ts';

const PURPOSE = 'service.support';
const WITHIN_SECONDS = 20;
const times = (n: number): readonly number[] => Array.from({ length: n }, (_, at) => at);
/** Well formed, and nobody's. */
const nobodys = (): string => recordIdText({ subjectId: uuidv7() as unknown as SubjectId, recordNo: 1n });

const casesAbout = async (kit: Kit, about: string): Promise<number> => {
  const { json, status } = await kit.as('security')('GET', '/v1/traffic/cases?limit=100');
  if (status !== 200) throw new CannotTell(`cases cannot be read: ${status}`);
  return ((json?.cases ?? []) as readonly unknown[]).filter((each) => JSON.stringify(each).includes(about)).length;
};

export const MONITOR = [
  controlTest({
    id: 'MONITOR-01',
    practice: 'traffic',
    title: 'A touched honey customer is an alarm',
    hypothesis: 'Who reads somebody whom nobody has a reason to read is named in a case within seconds.',
    kind: 'attack',
    severity: 'high',
    asks: ['detected', 'recorded'],
    maps: { csf: ['DE.CM-03', 'DE.CM-09'], sp80053: ['si-4', 'sc-26'], attack: ['T1213'] },
    run: async (kit) => {
      const canary = kit.canary();
      await kit.desk.honey(canary);
      const key = await kit.desk.key('application');
      const answer = await kit.withKey(key)('GET', `/v1/vault/records/${canary.record}`, { purpose: PURPOSE });
      await kit.inLog(answer, { action: 'vault.read' });
      await kit.alarmed(['A honey customer was touched', 'behaviour.honey-record'], key.id, WITHIN_SECONDS);
    },
  }),
  controlTest({
    id: 'MONITOR-02',
    practice: 'traffic',
    title: 'Who guesses ids is noticed',
    hypothesis: 'Thirty ids that do not exist, by one key, are a case.',
    kind: 'attack',
    severity: 'high',
    asks: ['detected', 'prevented'],
    maps: { csf: ['DE.CM-03'], sp80053: ['si-4'], attack: ['T1087'] },
    run: async (kit) => {
      const key = await kit.desk.key('application');
      for (const _ of times(35)) kit.denied(await kit.withKey(key)('GET', `/v1/vault/records/${nobodys()}`, { purpose: PURPOSE }), [404, 429]);
      await kit.alarmed(['Ids of customers guessed'], key.id, WITHIN_SECONDS);
    },
  }),
  controlTest({
    id: 'MONITOR-03',
    practice: 'traffic',
    title: 'Who is refused again and again is noticed',
    hypothesis: 'Twenty refusals of one key within minutes are a case.',
    kind: 'attack',
    severity: 'medium',
    asks: ['detected', 'prevented'],
    maps: { csf: ['DE.CM-03', 'DE.AE-02'], sp80053: ['si-4'], attack: ['T1078'] },
    run: async (kit) => {
      const key = await kit.desk.key('custodian');
      for (const path of times(25).map((n) => ['/v1/access/people', '/v1/access/keys', '/v1/traffic/honey'][n % 3] as string))
        kit.denied(await kit.withKey(key)('GET', path), [403, 429]);
      await kit.alarmed(['One actor is refused again and again'], key.id, WITHIN_SECONDS);
    },
  }),
  controlTest({
    id: 'MONITOR-04',
    practice: 'traffic',
    title: 'Tokens that are tried out are noticed',
    hypothesis: 'A key that tries tokens is in a case before it can have found one.',
    kind: 'attack',
    severity: 'high',
    asks: ['detected', 'prevented'],
    maps: { csf: ['DE.CM-03'], sp80053: ['si-4'], attack: ['T1110'] },
    run: async (kit) => {
      const key = await kit.desk.key('application');
      for (const n of times(40)) kit.denied(await kit.withKey(key)('POST', '/v1/vault/tokens/open', { purpose: PURPOSE, body: { token: `tok_${String(n).padStart(30, 'a')}` } }), [400, 403, 404, 422, 429]);
      await kit.alarmed(['Tokens tried out'], key.id, WITHIN_SECONDS);
    },
  }),
  controlTest({
    id: 'MONITOR-05',
    practice: 'traffic',
    title: 'A quiet hand makes no alarm',
    hypothesis: 'Ordinary reads by a key that has read before open no case.',
    kind: 'probe',
    severity: 'medium',
    asks: ['detected'],
    maps: { csf: ['DE.AE-02'], sp80053: ['si-4'] },
    run: async (kit) => {
      const { id } = kit.keyOf('billing');
      const before = await casesAbout(kit, id);
      for (const canary of [kit.canary(), kit.canary()])
        for (const _ of times(3)) {
          const { status } = await kit.as('billing')('GET', `/v1/vault/records/${canary.record}`, { purpose: 'service.billing' });
          if (status !== 200) throw new CannotTell(`an ordinary read was answered with ${status}`);
        }
      // as long as an alarm takes to be told
      const noisy = await kit.until(async () => (await casesAbout(kit, id)) > before, 4);
      kit.detected(!noisy, 'ordinary reads opened a case');
    },
  }),
  controlTest({
    id: 'MONITOR-06',
    practice: 'traffic',
    title: 'Requests that look like an attack are noticed',
    hypothesis: 'Three requests of one key with well-known attacks in them are a case.',
    kind: 'attack',
    severity: 'medium',
    asks: ['detected'],
    maps: { asvs: ['16.3.3'], wstg: ['WSTG-INPV-05'], csf: ['DE.CM-03', 'DE.AE-02'], sp80053: ['si-4', 'au-6'], attack: ['T1190'] },
    run: async (kit) => {
      const key = await kit.desk.key('application');
      for (const attack of ["1' UNION SELECT password FROM users--", '${jndi:ldap://127.0.0.1/a}', '../../../../etc/passwd', "1' OR '1'='1' --"])
        await kit.withKey(key)('GET', `/v1/vault/records/${kit.world.canaries[0]?.record}?fields=${encodeURIComponent(attack)}`, { purpose: 'service.support' });
      await kit.alarmed(['c4a8f0e6-7d25-4e19-b3c1-08d6f4a2915e', 'inspection'], key.id, 20);
    },
  }),
]; // prettier-ignore
