/** Only what was declared is taken, and it goes when its time is over. */
import { controlTest } from '../kit/control-test.ts';

export const COLLECTION = [
  controlTest({
    id: 'COLLECTION-01',
    practice: 'collection',
    title: 'A field that nobody declared is not taken',
    hypothesis: 'A record with a field that the catalogue does not know is refused as a whole, or the field is left out.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['2.2.1'], csf: ['PR.DS-01'], sp80053: ['pm-25'] },
    run: async (kit) => {
      const { values } = kit.canary();
      const [field, value] = Object.entries(values).find(([, text]) => text.startsWith('Canary')) ?? ['last_name', 'Canary'];
      const { status, code } = await kit.desk.put({ [field]: value, shoe_size_nobody_declared: '44' });
      // refused for this very reason: another fault of the record would hide that it is taken
      kit.prevented(status === 'rejected' && code === 'VAULT_FIELD_UNKNOWN', `it became ${status} ${code ?? ''}`);
    },
  }),
  controlTest({
    id: 'COLLECTION-02',
    practice: 'collection',
    title: 'What is over is gone',
    hypothesis: 'A record whose time has ended is not read, and no row of it is left after the next sweep.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['14.2.7'], csf: ['PR.DS-01'], sp80053: ['si-12'] },
    run: async (kit) => {
      const canary = await kit.desk.expire();
      const answer = await kit.as('application')('GET', `/v1/vault/records/${canary.record}`, { purpose: 'service.support' });
      kit.denied(answer, [404, 410]);
      kit.without(answer.text, 'the answer about somebody whose time is over');
      const left = await kit.desk.rowsLeft(canary, 'record');
      kit.prevented(left === 0, `${left} rows are left`);
    },
  }),
  controlTest({
    id: 'COLLECTION-03',
    practice: 'collection',
    title: 'A value of another kind is not taken',
    hypothesis: 'What is no address is refused as one, and the refusal does not repeat it.',
    kind: 'attack',
    severity: 'medium',
    asks: ['prevented'],
    maps: { asvs: ['2.2.1'], csf: ['PR.DS-01'], sp80053: ['si-10'] },
    run: async (kit) => {
      const typed = kit.world.collection.fields.find(({ type }) => type === 'email' || type === 'date' || type === 'phone');
      const { status, code } = await kit.desk.put({ [typed?.name ?? 'email']: 'no such thing \u0000 at all' });
      kit.prevented(status === 'rejected' && code === 'VAULT_FIELD_INVALID', `it became ${status} ${code ?? ''}`);
    },
  }),
]; // prettier-ignore
