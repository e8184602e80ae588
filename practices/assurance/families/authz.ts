/** Everybody gets what the policies say, and nothing else, whichever way they ask. */
import { CannotTell, controlTest } from '../kit/control-test.ts';
import { comeIn, withCookie } from '../kit/ways.ts';
import { cellsFor, comparedWith } from './matrix.ts';

const PURPOSE = 'service.support';
const LEAST_COMPARED = 100;

export const AUTHZ = [
  controlTest({
    id: 'AUTHZ-01',
    practice: 'access',
    title: 'What is decided is what is written down',
    hypothesis: 'For each role, purpose and class a live read gives what the enumerated policies say, field by field.',
    kind: 'probe',
    severity: 'critical',
    asks: ['prevented'],
    budget: { requests: 900, seconds: 120 },
    maps: { asvs: ['8.2.1', '8.2.3'], wstg: ['WSTG-ATHZ-02'], csf: ['PR.AA-05'], sp80053: ['ac-3', 'ac-6'] },
    run: async (kit) => {
      const cells = await cellsFor(kit);
      const canary = kit.canary();
      let compared = 0;
      for (const { role } of kit.world.keys)
        for (const purpose of kit.world.purposes) {
          const answer = await kit.as(role)('GET', `/v1/vault/records/${canary.record}`, { purpose });
          const { fields, faults } = comparedWith(kit, cells, { role, purpose }, answer);
          compared += fields;
          kit.prevented(faults.length === 0, faults.slice(0, 3).join('; '));
        }
      if (compared < LEAST_COMPARED) throw new CannotTell(`only ${compared} fields could be compared`);
    },
  }),
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
      if (outside === null) throw new CannotTell('there is nobody yet but canaries');
      // a key of its own: of any other of a run this is no test
      const key = await kit.desk.key('application');
      const reads = kit.withKey(key);
      const own = await reads('GET', `/v1/vault/records/${kit.canary().record}`, { purpose: PURPOSE });
      kit.prevented(own.status === 200, `a canary was answered with ${own.status}`);
      const answer = await reads('GET', `/v1/vault/records/${outside}`, { purpose: PURPOSE });
      await kit.desk.revoke(key.id);
      kit.denied(answer, [403]);
      await kit.inLog(answer, { action: 'vault.read', outcome: 'denied' });
      await kit.alarmed(['5b0f1c9e-6a52-4a0e-9a5d-3e1c7b2f8d46'], key.id, 20);
    },
  }),
  controlTest({
    id: 'AUTHZ-03',
    practice: 'access',
    title: 'Nobody ends what is somebody else’s',
    hypothesis: 'A session is ended by its owner and by nobody of the same rank, whoever knows its id.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['8.2.2'], wstg: ['WSTG-ATHZ-04'], csf: ['PR.AA-05'] },
    run: async (kit) => {
      const one = withCookie(kit, (await comeIn(kit, 'support')).cookie);
      const other = withCookie(kit, (await comeIn(kit, 'billing')).cookie);
      const { json } = await one('GET', '/v1/access/session');
      const { id } = json ?? {};
      if (typeof id !== 'string') throw new CannotTell('a session does not say its id');
      kit.denied(await other('DELETE', `/v1/access/sessions/${id}`), [401, 403, 404]);
      const after = await one('GET', '/v1/access/session');
      kit.prevented(after.status === 200, `somebody else ended it: ${after.status}`);
    },
  }),
  controlTest({
    id: 'AUTHZ-04',
    practice: 'access',
    title: 'Nothing is read for no reason',
    hypothesis: 'A read without a purpose, or for one that nobody declared, is refused for every role.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['8.2.1'], csf: ['PR.AA-05'], sp80053: ['pt-3'] },
    run: async (kit) => {
      const { record } = kit.canary();
      for (const { role } of kit.world.keys)
        for (const purpose of [undefined, 'nobody.declared.this', '*', '-'])
          kit.denied(await kit.as(role)('GET', `/v1/vault/records/${record}`, { purpose, purposes: 'undeclared too' }), [400, 403, 422]);
    },
  }),
  controlTest({
    id: 'AUTHZ-05',
    practice: 'access',
    title: 'A key that is narrowed stays narrow',
    hypothesis: 'A key for the least sensitive class alone shows nothing of another class, whatever its role may.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['8.2.3'], csf: ['PR.AA-05'], sp80053: ['ac-6'] },
    run: async (kit) => {
      const answer = await kit.withKey(kit.world.narrow)('GET', `/v1/vault/records/${kit.canary().record}`, { purpose: PURPOSE });
      const fields = (answer.json?.fields ?? {}) as Readonly<Record<string, { state: string }>>;
      kit.prevented(answer.status === 200, `it was answered with ${answer.status}`);
      const wide = kit.world.collection.fields.filter(({ name, class: of }) => of !== 'internal' && (fields[name]?.state ?? 'denied') !== 'denied');
      kit.prevented(wide.length === 0, `${wide.map(({ name }) => name).join(', ')} left`);
    },
  }),
  controlTest({
    id: 'AUTHZ-06',
    practice: 'access',
    title: 'Nobody says what they are not asked',
    hypothesis: 'A request that names more than its route knows, or a role of the system’s own, is refused.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['15.3.3'], csf: ['PR.AA-05'] },
    run: async (kit) => {
      const admin = kit.as('admin');
      for (const more of [{ kind: 'staff' }, { person: 'per_1' }, { canariesOnly: false }, { createdBy: 'system' }])
        kit.denied(await admin('POST', '/v1/access/keys', { body: { name: 'x', role: 'support', ...more } }), [400]);
      for (const role of ['center', 'assurance', '__proto__', 'admin'])
        kit.denied(await admin('POST', '/v1/access/keys', { body: { name: 'x', role } }), [400, 403, 404, 409, 422]);
    },
  }),
  controlTest({
    id: 'AUTHZ-07',
    practice: 'access',
    title: 'Who may look changes nothing',
    hypothesis: 'A support agent’s key erases nobody, writes nothing, makes no key, and each try is written down.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented', 'recorded'],
    maps: { asvs: ['8.3.1'], wstg: ['WSTG-ATHZ-03'], csf: ['PR.AA-05'], sp80053: ['ac-3', 'ac-6'] },
    run: async (kit) => {
      const { record, subjectId } = kit.canary();
      const agent = kit.as('support');
      const tries = [
        await agent('DELETE', `/v1/vault/subjects/${subjectId}`),
        await agent('DELETE', `/v1/vault/records/${record}`),
        await agent('POST', `/v1/vault/subjects/${subjectId}/restriction`, { body: { because: 'objection' } }),
        await agent('POST', '/v1/access/keys', { body: { name: 'x', role: 'dpo' } }),
        await agent('GET', '/v1/audit/entries'),
        await agent('GET', '/v1/access/people'),
      ];
      for (const each of tries) kit.denied(each, [400, 403]);
      for (const each of tries.filter(({ status }) => status === 403)) await kit.inLog(each, { outcome: 'denied' });
      const still = await kit.as('application')('GET', `/v1/vault/records/${record}`, { purpose: PURPOSE });
      kit.prevented(still.status === 200, `afterwards the record is answered with ${still.status}`);
    },
  }),
]; // prettier-ignore
