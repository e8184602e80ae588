/** What somebody sends is text, and stays text. */
import { controlTest } from '../kit/control-test.ts';
import { routesOf } from '../kit/ways.ts';

const PURPOSE = 'service.support';
const PAYLOADS = [
  `' or '1'='1`,
  `1; select pg_sleep(8)--`,
  `") union select 1,2,3--`,
  `{{7*7}}\${7*7}`,
  `../../../../etc/passwd`,
  `<script>alert(1)</script>`,
] as const;
/** What a database, a template or a file would say. */
const TELLS = /syntax error|SQLSTATE|pg_|unterminated quoted|relation "|root:x:|at Object\.|node_modules|\.ts:\d+/;
const SLOW_MS = 6000;

export const INJECT = [
  controlTest({
    id: 'INJECT-01',
    practice: 'vault',
    title: 'No address is run',
    hypothesis: 'Statements, templates and paths in any part of an address are refused, without a word of a database and without a delay.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    budget: { requests: 900, seconds: 120 },
    maps: { asvs: ['1.2.4', '1.2.5'], wstg: ['WSTG-INPV-05'], csf: ['PR.DS-01'], sp80053: ['si-10'], attack: ['T1190'] },
    run: async (kit) => {
      const routes = (await routesOf(kit)).filter(({ method, template }) => method === 'GET' && template.includes('{'));
      kit.prevented(routes.length > 20, `only ${routes.length} routes take something`);
      for (const [at, { template }] of routes.entries()) {
        const payload = PAYLOADS[at % PAYLOADS.length] as string;
        const path = template.replaceAll(/\{[^}]+\}/g, encodeURIComponent(payload));
        for (const role of ['auditor', 'application']) {
          const { status, text, ms } = await kit.as(role)('GET', path, { purpose: PURPOSE });
          kit.prevented(status < 500, `${template} was answered with ${status}`);
          kit.prevented(!TELLS.test(text), `${template} says what is behind it`);
          kit.prevented(ms < SLOW_MS, `${template} took ${Math.round(ms / 1000)} s`);
        }
      }
    },
  }),
  controlTest({
    id: 'INJECT-02',
    practice: 'vault',
    title: 'No search is run as a statement',
    hypothesis: 'Statements in the terms of a search find nobody and break nothing.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    maps: { asvs: ['1.2.4'], wstg: ['WSTG-INPV-05'], csf: ['PR.DS-01'], sp80053: ['si-10'] },
    run: async (kit) => {
      const { name: collection, fields } = kit.world.collection;
      for (const { name } of fields.slice(0, 8))
        for (const payload of PAYLOADS.slice(0, 3)) {
          const { status, text, ms, json } = await kit.as('application')('POST', '/v1/vault/records/search', { purpose: PURPOSE, body: { collection, where: { [name]: payload } } });
          kit.prevented(status < 500 && !TELLS.test(text) && ms < SLOW_MS, `a search by ${name} was answered with ${status}`);
          const found = (json?.records ?? []) as readonly unknown[];
          kit.prevented(found.length === 0, `a search by ${name} found ${found.length}`);
        }
    },
  }),
  controlTest({
    id: 'INJECT-03',
    practice: 'vault',
    title: 'No body breaks the reader',
    hypothesis: 'Deep, double, endless and poisoned JSON is refused, and the server is as well as before.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['15.3.6', '1.5.2'], wstg: ['WSTG-INPV-11'], csf: ['PR.DS-01'], attack: ['T1499'] },
    run: async (kit) => {
      const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
      const bodies = [deep, '{"__proto__":{"admin":true},"ids":[]}', '{"constructor":{"prototype":{"admin":true}},"ids":[]}', '{"ids":[1e999]}', '{"ids":["\\ud800"]}', '{"ids":[],"ids":["x"]}', '\u0000', 'true', '{"ids":'];
      for (const raw of bodies) {
        const { status, text } = await kit.as('application')('POST', '/v1/vault/records/read', { raw, purpose: PURPOSE });
        kit.prevented(status >= 400 && status < 500, `a body was answered with ${status}`);
        kit.prevented(!TELLS.test(text), 'an answer says what is behind it');
      }
      const after = await kit.as('application')('GET', '/v1/access/whoami');
      kit.prevented(after.status === 200 && after.json?.admin === undefined, `afterwards it is answered with ${after.status}`);
    },
  }),
  controlTest({
    id: 'INJECT-04',
    practice: 'access',
    title: 'Nobody writes the log but the system',
    hypothesis: 'Line breaks and entries in what somebody sends make no entry, and are not found in one.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented', 'recorded'],
    maps: { asvs: ['16.4.1'], csf: ['PR.PS-04'], sp80053: ['au-9'], attack: ['T1565.001'] },
    run: async (kit) => {
      const forged = `x"},{"action":"forged.entry","outcome":"done"},{"x":"`;
      const answer = await kit.as('application')('GET', `/v1/vault/records/${kit.canary().record}`, { purpose: PURPOSE, headers: { 'strongroom-reason': encodeURIComponent(forged), 'user-agent': 'x"},{"action":"forged.entry"}' } });
      await kit.as('application')('POST', '/v1/vault/records/search', { purpose: PURPOSE, body: { collection: forged, where: { x: forged } } });
      kit.prevented(answer.status === 200, `a read with a reason was answered with ${answer.status}`);
      await kit.inLog(answer, { action: 'vault.read' });
      const entries = await kit.log.since();
      kit.prevented(!entries.some(({ entry }) => entry.action === 'forged.entry'), 'an entry that somebody sent is in the log');
      kit.prevented(!JSON.stringify(entries).includes('forged.entry'), 'what somebody sent is in an entry in clear');
    },
  }),
]; // prettier-ignore
