/** What leaves masked leaves masked wherever it goes, and a value is nowhere but in the vault. */
import { routesOf } from '../kit/ways.ts';
import { readFile } from 'node:fs/promises';

import { CannotTell, controlTest } from '../kit/control-test.ts';
import { tablesWith } from '../store/as-thief.ts';

const PURPOSE = 'service.support';
const LOOKS = [
  { role: 'application', purpose: PURPOSE },
  { role: 'support', purpose: PURPOSE },
  { role: 'dpo', purpose: 'legal' },
] as const;

export const MASK = [
  controlTest({
    id: 'MASK-01',
    practice: 'access',
    title: 'A first look shows no value',
    hypothesis: 'What is shown masked is in no part of the answer in clear: not in the body, not in a header.',
    kind: 'probe',
    severity: 'critical',
    asks: ['prevented', 'recorded'],
    maps: { asvs: ['14.2.6'], csf: ['PR.DS-01'], sp80053: ['ac-3.11'], attack: ['T1213'] },
    run: async (kit) => {
      const { record } = kit.canary();
      // a catalogue need not have each of them
      const looks = LOOKS.filter(({ purpose }) => kit.world.purposes.includes(purpose));
      if (looks.length === 0) throw new CannotTell(`the catalogue has none of the purposes ${LOOKS.map(({ purpose }) => purpose).join(', ')}`);
      for (const { role, purpose } of looks) {
        const answer = await kit.as(role)('GET', `/v1/vault/records/${record}?show=masked`, { purpose });
        kit.prevented(answer.status === 200, `a masked look of ${role} was answered with ${answer.status}`);
        kit.without(answer.text, `a masked answer to ${role}`);
        kit.without(JSON.stringify(answer.headers), `the headers of a masked answer to ${role}`);
        await kit.inLog(answer, { action: 'vault.read' });
      }
    },
  }),
  controlTest({
    id: 'MASK-02',
    practice: 'vault',
    title: 'No error repeats a value',
    hypothesis: 'A value in the wrong place comes back in no error, whatever is wrong.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['16.5.1'], wstg: ['WSTG-ERRH-01'], csf: ['PR.DS-01'] },
    run: async (kit) => {
      const { values, record } = kit.canary();
      const text = Object.values(values).find((value) => kit.texts.includes(value)) ?? '';
      const reads = kit.as('application');
      const { name: collection } = kit.world.collection;
      const wrong = [
        await reads('GET', `/v1/vault/records/${encodeURIComponent(text)}`, { purpose: PURPOSE }),
        await reads('GET', `/v1/vault/records/${record}?fields=${encodeURIComponent(text)}`, { purpose: PURPOSE }),
        await reads('GET', `/v1/vault/records/${record}`, { purpose: text.replaceAll(/[^\x20-\x7e]/g, ''), purposes: 'undeclared too' }),
        await reads('POST', '/v1/vault/records/search', { purpose: PURPOSE, body: { collection, where: { [text]: 'x' } } }),
        await reads('POST', '/v1/vault/records/search', { purpose: PURPOSE, body: { collection: text, where: { email: 'x' } } }),
        await reads('POST', '/v1/vault/records/search', { purpose: PURPOSE, body: { collection, where: { birth_date: text } } }),
        await reads('POST', '/v1/vault/tokens/open', { purpose: PURPOSE, body: { token: text } }),
        await reads('POST', '/v1/vault/records', { body: { collection, fields: { [text]: text, email: text } } }),
        await reads('POST', '/v1/vault/records/read', { purpose: PURPOSE, raw: `{"ids": ["${text}` }),
      ];
      for (const answer of wrong) {
        kit.prevented(answer.status >= 400 && answer.status < 500, `${answer.method} ${answer.path.slice(0, 24)} was answered with ${answer.status}`);
        kit.without(answer.text, `an error of ${answer.method}`);
        kit.without(JSON.stringify(answer.headers), `the headers of an error of ${answer.method}`);
      }
    },
  }),
  controlTest({
    id: 'MASK-03',
    practice: 'vault',
    title: 'No value is in the audit log',
    hypothesis: 'After reads, searches and refusals no entry holds a text of a canary.',
    kind: 'probe',
    severity: 'critical',
    asks: ['prevented'],
    maps: { asvs: ['16.2.5'], csf: ['PR.DS-01'], sp80053: ['au-3'] },
    run: async (kit) => {
      const { record, values } = kit.canary();
      const reads = kit.as('application');
      const [field, value] = Object.entries(values).find(([, text]) => text.includes('@')) ?? ['email', 'x'];
      await reads('GET', `/v1/vault/records/${record}`, { purpose: PURPOSE, headers: { 'strongroom-reason': encodeURIComponent(`somebody called about ${value}`) } });
      await reads('POST', '/v1/vault/records/search', { purpose: PURPOSE, body: { collection: kit.world.collection.name, where: { [field]: value } } });
      await kit.as('support')('POST', '/v1/vault/subjects/find', { purpose: PURPOSE, body: { collection: kit.world.collection.name, externalId: value } });
      const entries = await kit.log.since();
      kit.prevented(entries.length > 2, 'nothing was written to the log');
      kit.without(JSON.stringify(entries), 'the audit log');
    },
  }),
  controlTest({
    id: 'MASK-04',
    practice: 'vault',
    title: 'Whoever steals the database reads no value',
    hypothesis: 'No column of any table holds a text of a canary, as text or as bytes; so no index does.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    budget: { requests: 50, seconds: 120 },
    maps: { asvs: ['14.2.4'], csf: ['PR.DS-01'], sp80053: ['sc-28'], attack: ['T1005'] },
    run: async (kit) => {
      const { values } = kit.canary();
      const own = Object.values(values).filter((text) => kit.texts.includes(text)).slice(0, 6);
      const { tables, found } = await tablesWith(kit.sql(), own);
      kit.prevented(own.length > 0 && tables > 30, `${own.length} texts were looked for in ${tables} tables`);
      kit.prevented(found.length === 0, `in clear: ${found.join(', ')}`);
    },
  }),
  controlTest({
    id: 'MASK-05',
    practice: 'vault',
    title: 'No route takes a value in its address',
    hypothesis: 'Addresses carry ids and settings: no parameter is meant for a name, an address or a number of somebody.',
    kind: 'observe',
    severity: 'medium',
    asks: ['prevented'],
    maps: { asvs: ['14.2.1'], wstg: ['WSTG-CONF-11'], csf: ['PR.DS-01'] },
    run: async (kit) => {
      const described = JSON.parse(await readFile(kit.world.openapi, 'utf8')) as { paths: Record<string, Record<string, { parameters?: readonly { name: string; in: string }[] }>> };
      const parameters = Object.values(described.paths).flatMap((methods) => Object.values(methods).flatMap(({ parameters: own = [] }) => own));
      const carrying = parameters.filter(({ name, in: where }) => where !== 'header' && /e-?mail|phone|birth|iban|card|^name$|surname|street|^value$/i.test(name));
      kit.prevented(parameters.length > 50, `only ${parameters.length} parameters are described`);
      // names of feeds are the operator's own
      const bad = carrying.filter(({ name }) => name !== 'name');
      kit.prevented(bad.length === 0, bad.map(({ name }) => name).join(', '));
      for (const path of ['/v1/status', '/healthz']) kit.without((await kit.as('engineer')('GET', path)).text, path);
    },
  }),
  controlTest({
    id: 'MASK-06',
    practice: 'access',
    title: 'Roles that see no customer see none anywhere',
    hypothesis: 'In no answer of any route to those who run, watch or check the system stands a value of a canary.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    budget: { requests: 900, seconds: 60 },
    maps: { asvs: ['14.2.6', '8.2.3'], wstg: ['WSTG-CONF-02'], csf: ['PR.DS-10'], sp80053: ['ac-4'], attack: ['T1213'] },
    run: async (kit) => {
      const canary = kit.canary();
      await kit.as('application')('GET', `/v1/vault/records/${canary.record}`, { purpose: 'service.support' });
      const routes = (await routesOf(kit)).filter(({ method, template }) => method === 'GET' && !template.includes('/live') && !template.includes('/stream'));
      let open = 0;
      for (const role of ['auditor', 'security', 'engineer', 'admin'])
        for (const { template } of routes) {
          const path = template.replaceAll(/\{[^}]+\}/g, template.startsWith('/v1/vault/records') ? canary.record : canary.subjectId);
          const answer = await kit.as(role)('GET', path, { purpose: 'service.support' });
          if (answer.status === 200) open += 1;
          kit.without(`${answer.text}${JSON.stringify(answer.headers)}`, `what ${role} gets of ${template}`);
        }
      kit.prevented(open > 40, `only ${open} routes were open to those roles`);
    },
  }),
]; // prettier-ignore
