/** What anybody on the network can do to a server before they are anybody. */
import { controlTest } from '../kit/control-test.ts';
import { comeIn, withCookie } from '../kit/ways.ts';

const PAGES = ['/console/', '/center/', '/center/sign-in'] as const;
const FOREIGN = 'https://hostile.invalid';

export const NET = [
  controlTest({
    id: 'NET-01',
    practice: 'traffic',
    title: 'Pages say what a browser may do with them',
    hypothesis: 'Every page comes with a strict content security policy, is framed by nobody, and is never sniffed.',
    kind: 'probe',
    severity: 'medium',
    asks: ['prevented'],
    maps: { asvs: ['3.4.3', '3.4.4', '3.4.6'], wstg: ['WSTG-CLNT-09'], csf: ['PR.DS-02'] },
    run: async (kit) => {
      for (const page of PAGES) {
        const { status, headers } = await kit.nobody('GET', page);
        kit.prevented(status < 400, `${page} was answered with ${status}`);
        const policy = headers['content-security-policy'] ?? '';
        kit.prevented(/default-src 'none'|default-src 'self'/.test(policy), `${page} has no default-src of its own`);
        kit.prevented(!/script-src[^;]*'unsafe-(inline|eval)'/.test(policy), `${page} lets scripts in that are in the page`);
        kit.prevented(/frame-ancestors 'none'/.test(policy), `${page} may be framed`);
        kit.prevented(headers['x-content-type-options'] === 'nosniff', `${page} may be sniffed`);
        kit.prevented(/no-referrer|same-origin/.test(headers['referrer-policy'] ?? ''), `${page} says where it was`);
      }
    },
  }),
  controlTest({
    id: 'NET-02',
    practice: 'traffic',
    title: 'A page of somebody else reads nothing',
    hypothesis: 'No route of staff or programs allows another origin to read its answer.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['3.4.2'], wstg: ['WSTG-CLNT-07'], csf: ['PR.AA-05'] },
    run: async (kit) => {
      for (const path of ['/v1/access/whoami', '/v1/vault/records/read', '/v1/audit/entries', '/console/', '/v1/status'])
        for (const method of ['OPTIONS', 'GET']) {
          const { headers } = await kit.as('auditor')(method, path, { headers: { origin: FOREIGN, 'access-control-request-method': 'POST' } });
          const allowed = headers['access-control-allow-origin'];
          kit.prevented(allowed === undefined, `${method} ${path} allows ${allowed === '*' ? 'every origin' : 'another origin'}`);
        }
    },
  }),
  controlTest({
    id: 'NET-03',
    practice: 'access',
    title: 'A cookie is worth nothing on a request of another site',
    hypothesis: 'A browser that another site sends here does nothing in the name of who is signed in.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['3.5.1'], wstg: ['WSTG-SESS-05'], csf: ['PR.AA-05'], attack: ['T1185'] },
    run: async (kit) => {
      const { cookie } = await comeIn(kit, 'support');
      const mine = withCookie(kit, cookie);
      const own = await mine('GET', '/v1/access/session');
      kit.prevented(own.status === 200, `the session itself was answered with ${own.status}`);
      for (const site of ['cross-site', 'same-site'])
        kit.denied(await mine('DELETE', '/v1/access/sessions', { headers: { 'sec-fetch-site': site, origin: FOREIGN } }));
      kit.denied(await mine('DELETE', '/v1/access/sessions', { headers: { 'sec-fetch-site': '', origin: FOREIGN } }));
    },
  }),
  controlTest({
    id: 'NET-04',
    practice: 'traffic',
    title: 'Nothing is served in clear beyond this machine',
    hypothesis: 'The server listens on loopback alone, or speaks TLS.',
    kind: 'observe',
    severity: 'critical',
    asks: ['prevented'],
    maps: { asvs: ['12.2.1'], wstg: ['WSTG-CRYP-01'], csf: ['PR.DS-02'], sp80053: ['sc-8'] },
    run: async (kit) => {
      const { host, tls } = await kit.desk.standing('settings');
      const isNear = typeof host === 'string' && /^(127\.|::1$|localhost$)/.test(host);
      kit.prevented(tls === true || isNear, 'it listens beyond this machine without TLS');
    },
  }),
  controlTest({
    id: 'NET-05',
    practice: 'traffic',
    title: 'One request is one request',
    hypothesis: 'A request whose length is said in two ways is refused, and nothing that hides behind it is served.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['4.2.1'], wstg: ['WSTG-INPV-15'], csf: ['PR.DS-02'], attack: ['T1190'] },
    run: async (kit) => {
      const { host } = new URL(kit.world.url);
      const hidden = `GET /v1/audit/checkpoint HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      const said = await kit.wire.bytes(`POST /v1/access/session HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`);
      kit.prevented(said.startsWith('HTTP/1.1 400'), `it was answered with ${said.slice(9, 12) || 'nothing'}`);
      kit.prevented((said.match(/HTTP\/1\.1 /g) ?? []).length <= 1, 'what hid behind it was served');
    },
  }),
  controlTest({
    id: 'NET-06',
    practice: 'traffic',
    title: 'No path leads out of the pages',
    hypothesis: 'A path with dots, in any spelling, gives no file of the machine.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['5.3.2'], wstg: ['WSTG-ATHZ-01'], csf: ['PR.AA-05'], attack: ['T1083'] },
    run: async (kit) => {
      const up = '../'.repeat(10);
      for (const way of [up, up.replaceAll('.', '%2e'), up.replaceAll('/', '%2f'), '....//'.repeat(10), '..\\'.repeat(10)])
        for (const base of ['/console/', '/center/', '/console/assets/']) {
          const { text, status } = await kit.nobody('GET', `${base}${way}etc/passwd`);
          kit.prevented(!text.includes('root:'), `${base} gives files of the machine: ${status}`);
        }
    },
  }),
  controlTest({
    id: 'NET-07',
    practice: 'traffic',
    title: 'A body that is too large is refused before it is read',
    hypothesis: 'Seventeen megabytes are refused, and the server is as well as before.',
    kind: 'attack',
    severity: 'medium',
    asks: ['prevented'],
    maps: { asvs: ['5.2.1'], wstg: ['WSTG-BUSL-09'], csf: ['PR.IR-04'], attack: ['T1499'] },
    run: async (kit) => {
      const raw = `{"ids":["${'x'.repeat(17 * 2 ** 20)}"]}`;
      // a server that hangs up while it is still being sent to has refused too
      const status = await kit.as('application')('POST', '/v1/vault/records/read', { raw, purpose: 'service.support' }).then((answer) => answer.status, () => 413);
      kit.prevented(status === 413, `it was answered with ${status}`);
      const after = await kit.nobody('GET', '/healthz');
      kit.prevented(after.status === 200, `after it the server is not well: ${after.status}`);
    },
  }),
]; // prettier-ignore
