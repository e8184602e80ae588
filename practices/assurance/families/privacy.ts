/** What customers were told is what is done. */
import { CannotTell, controlTest } from '../kit/control-test.ts';
import type { Answer } from '../kit/wire.ts';
import type { Kit } from '../kit/kit.ts';
import type { Canary } from '../kit/world.ts';

/** Of a record as it was answered: fields that left in clear. */
export const clearIn = ({ json }: Answer): readonly string[] => {
  const { fields } = (json ?? {}) as { fields?: Readonly<Record<string, { state: string }>> };
  return Object.entries(fields ?? {}).flatMap(([name, { state }]) => (state === 'clear' ? [name] : []));
};
const read = (kit: Kit, canary: Canary, purpose: string): Promise<Answer> =>
  kit.as('application')('GET', `/v1/vault/records/${canary.record}`, { purpose });

export const PRIVACY = [
  controlTest({
    id: 'PRIVACY-01',
    practice: 'privacy',
    title: 'A no holds at the very next read',
    hypothesis: 'What somebody agreed to is read no more as soon as they say no.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    maps: { asvs: ['14.2.7'], csf: ['GV.OC-03'], sp80053: ['pt-4'] },
    run: async (kit) => {
      const [purpose] = kit.world.consentPurposes;
      if (purpose === undefined) throw new CannotTell('no purpose of the catalogue asks for a yes');
      const canary = kit.canary();
      await kit.desk.consent(canary, purpose, 'given');
      const before = clearIn(await read(kit, canary, purpose));
      await kit.desk.consent(canary, purpose, 'withdrawn');
      const after = await read(kit, canary, purpose);
      kit.prevented(before.length > 0, 'with a yes nothing leaves: the test sees no difference');
      const asked = kit.world.collection.fields.filter(({ name, purposes }) => before.includes(name) && purposes.every((each) => each === purpose));
      const still = clearIn(after).filter((name) => asked.length === 0 || asked.some((each) => each.name === name));
      kit.prevented(still.length === 0, `${still.length} fields leave after a no`);
    },
  }),
  controlTest({
    id: 'PRIVACY-02',
    practice: 'privacy',
    title: 'Who restricts the use of their data is left alone',
    hypothesis: 'A restricted record is read for no purpose but legal ones.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented', 'recorded'],
    maps: { csf: ['GV.OC-03'], sp80053: ['pt-4'] },
    run: async (kit) => {
      const canary = kit.canary();
      kit.prevented((await read(kit, canary, 'service.support')).status === 200, 'the record is not read before it is restricted');
      await kit.desk.restrict(canary, 'on');
      const answer = await read(kit, canary, 'service.support');
      kit.denied(answer, [403, 409, 423, 451]);
      await kit.inLog(answer, { action: 'vault.read', outcome: 'denied' });
    },
  }),
  controlTest({
    id: 'PRIVACY-03',
    practice: 'privacy',
    title: 'Who was erased is gone',
    hypothesis: 'After an erasure there is no record, no row and no key, and the log proves when.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented', 'recorded'],
    maps: { asvs: ['14.2.7'], csf: ['PR.DS-01'], sp80053: ['mp-6'] },
    run: async (kit) => {
      const canary = kit.canary();
      const at = await kit.desk.erase(canary);
      kit.denied(await read(kit, canary, 'service.support'), [404, 410]);
      const left = await kit.desk.rowsLeft(canary, 'person');
      kit.prevented(left === 0, `${left} rows of an erased person are left`);
      const entry = await kit.log.find((each) => each.action === 'vault.erase');
      kit.recorded(entry !== null && entry.index >= at - 1 && (await kit.log.isProven(entry.index, entry.entry)), 'no proven entry of the erasure');
    },
  }),
  controlTest({
    id: 'PRIVACY-04',
    practice: 'privacy',
    title: 'The notice says what is done',
    hypothesis: 'What is published differs in nothing from what the catalogue and the settings enforce.',
    kind: 'observe',
    severity: 'high',
    asks: ['prevented'],
    maps: { csf: ['GV.OC-03'], sp80053: ['pt-5'] },
    run: async (kit) => {
      const { published, drift } = await kit.desk.standing('notice');
      kit.prevented(published !== true || drift === 0, `the published notice differs in ${String(drift)} points`);
    },
  }),
  controlTest({
    id: 'PRIVACY-05',
    practice: 'privacy',
    title: 'Nobody learns who is a customer by trying addresses',
    hypothesis: 'The center answers alike to an address that is held and one that is not.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['6.3.8'], wstg: ['WSTG-IDNT-04'], csf: ['PR.AA-03'], attack: ['T1589.002'] },
    run: async (kit) => {
      const { values } = kit.canary();
      const held = Object.values(values).find((value) => value.includes('@'));
      if (held === undefined) throw new CannotTell('the collection has no address');
      const ask = (email: string): Promise<Answer> => kit.nobody('POST', '/center/sign-in', { raw: new URLSearchParams({ email }).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' } });
      const known = await ask(held);
      const unknown = await ask('nobody-at-all@canary.invalid');
      const shape = ({ status, headers }: Answer): string => `${status} ${(headers.location ?? '').split('?')[0]?.replaceAll(/[A-Za-z0-9_-]{16,}/g, '…')}`;
      kit.prevented(shape(known) === shape(unknown), `${shape(known)} for one that is held, ${shape(unknown)} for another`);
    },
  }),
  controlTest({
    id: 'PRIVACY-06',
    practice: 'privacy',
    title: 'The center shows nobody anything of somebody else',
    hypothesis: 'Without a session of their own nobody sees a page of a customer, and a guessed link leads nowhere.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    maps: { asvs: ['8.2.2'], wstg: ['WSTG-ATHZ-04'], csf: ['PR.AA-05'] },
    run: async (kit) => {
      const canary = kit.canary();
      for (const path of ['/center/data', '/center/data.json', '/center/data.csv', '/center/data.zip', '/center/requests', '/center/seen', '/center/seen/1', `/center/correct/${canary.record}`, `/center/copy/${'A'.repeat(43)}`]) {
        const answer = await kit.nobody('GET', path);
        kit.without(answer.text, path);
        kit.prevented(!answer.text.includes(canary.subjectId) || answer.status >= 300, `${path} knows ${canary.subjectId}`);
      }
    },
  }),
]; // prettier-ignore
