/** Who says that they are somebody has to show it, each time, and what was ended is over. */
import { TOTP, Secret } from 'otpauth';

import { controlTest } from '../kit/control-test.ts';
import { comeIn, routesOf, withCookie } from '../kit/ways.ts';

export const AUTHN = [
  controlTest({
    id: 'AUTHN-01',
    practice: 'access',
    title: 'No route answers to nobody',
    hypothesis: 'Every route that is not public refuses who shows no credential, before it looks at anything else.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    budget: { requests: 600, seconds: 60 },
    maps: { asvs: ['8.3.1'], wstg: ['WSTG-ATHN-04'], csf: ['PR.AA-03'], sp80053: ['ac-3', 'ia-2'], attack: ['T1190'] },
    run: async (kit) => {
      const routes = await routesOf(kit);
      kit.prevented(routes.length > 100, `only ${routes.length} routes are described`);
      for (const { method, path } of routes.filter((each) => !each.isPublic)) {
        const answer = await kit.nobody(method, path, method === 'GET' ? {} : { body: {} });
        kit.denied(answer, [401]);
      }
    },
  }),
  controlTest({
    id: 'AUTHN-02',
    practice: 'access',
    title: 'A password cannot be guessed by trying',
    hypothesis: 'Who tries passwords on one account is slowed down before twenty tries, and it is written down.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented', 'recorded'],
    maps: { asvs: ['6.3.1'], wstg: ['WSTG-ATHN-03'], csf: ['PR.AA-03'], sp80053: ['ac-7'], attack: ['T1110.001'] },
    run: async (kit) => {
      const person = await kit.desk.person('support');
      const first = await kit.nobody('POST', '/v1/access/session', { body: { email: person.email, password: 'wrong-0-x' } });
      let last = first;
      for (let n = 1; n < 20 && last.status !== 429; n += 1)
        last = await kit.nobody('POST', '/v1/access/session', { body: { email: person.email, password: `wrong-${n}-x` } });
      kit.prevented(last.status === 429, `twenty wrong passwords, and the last was answered with ${last.status}`);
      await kit.inLog(first, { action: 'access.session.begin', outcome: 'denied' });
    },
  }),
  controlTest({
    id: 'AUTHN-03',
    practice: 'access',
    title: 'A one-time code opens once',
    hypothesis: 'A code that was used is refused when it comes again within its time.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['6.5.1'], csf: ['PR.AA-03'], sp80053: ['ia-2.8'], attack: ['T1111'] },
    run: async (kit) => {
      const { cookie, secret, password } = await comeIn(kit, 'support');
      const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
      // it was used a moment ago, to set it up
      for (const _ of [1, 2]) {
        const again = await withCookie(kit, cookie)('POST', '/v1/access/session/step-up', { body: { password, code } });
        const { code: why = '' } = (again.json ?? {}) as { code?: string };
        kit.prevented(again.status >= 400 && why === 'ACCESS_SIGN_IN_REFUSED', `a code that was used was answered with ${again.status} ${why}`);
      }
    },
  }),
  controlTest({
    id: 'AUTHN-04',
    practice: 'access',
    title: 'A session that was ended is over',
    hypothesis: 'The cookie of somebody who signed out opens nothing any more, at the very next request.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented', 'recorded'],
    maps: { asvs: ['7.4.1'], wstg: ['WSTG-SESS-06'], csf: ['PR.AA-03'], sp80053: ['ac-12'], attack: ['T1550.004'] },
    run: async (kit) => {
      const { cookie } = await comeIn(kit, 'support');
      const mine = withCookie(kit, cookie);
      const before = await mine('GET', '/v1/access/session');
      kit.prevented(before.status === 200, `a living session was answered with ${before.status}`);
      const out = await mine('DELETE', '/v1/access/session');
      kit.denied(await mine('GET', '/v1/access/session'), [401]);
      await kit.inLog(out, {});
    },
  }),
  controlTest({
    id: 'AUTHN-05',
    practice: 'access',
    title: 'A session that somebody else chose is not taken',
    hypothesis: 'The token changes when somebody proves who they are; one that was planted before is nobody’s.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['7.2.4'], wstg: ['WSTG-SESS-03'], csf: ['PR.AA-03'], attack: ['T1539'] },
    run: async (kit) => {
      const { cookie, limited } = await comeIn(kit, 'support');
      kit.prevented(cookie !== limited, 'the token is the same before and after the second factor');
      kit.denied(await withCookie(kit, limited)('GET', '/v1/access/session'), [401]);
      const planted = `${cookie.split('=')[0]}=srs_${'A'.repeat(43)}`;
      kit.denied(await withCookie(kit, planted)('GET', '/v1/access/session'), [401]);
    },
  }),
  controlTest({
    id: 'AUTHN-06',
    practice: 'access',
    title: 'Nobody learns who works here by trying addresses',
    hypothesis: 'A wrong password is answered alike for an address that is known and one that is not.',
    kind: 'attack',
    severity: 'medium',
    asks: ['prevented'],
    maps: { asvs: ['6.3.8'], wstg: ['WSTG-IDNT-04'], csf: ['PR.AA-03'], attack: ['T1589.002'] },
    run: async (kit) => {
      const person = await comeIn(kit, 'support');
      const ask = (email: string) => kit.nobody('POST', '/v1/access/session', { body: { email, password: 'certainly not this one' } });
      const known = await ask(person.email);
      const unknown = await ask(`nobody-${Date.now()}@canary.invalid`);
      kit.prevented(known.status === unknown.status, `${known.status} and ${unknown.status}`);
      kit.prevented(known.json?.code === unknown.json?.code, `${String(known.json?.code)} and ${String(unknown.json?.code)}`);
    },
  }),
  controlTest({
    id: 'AUTHN-07',
    practice: 'access',
    title: 'No key is taken from an address',
    hypothesis: 'A credential in a URL, where logs and histories keep it, opens nothing.',
    kind: 'attack',
    severity: 'medium',
    asks: ['prevented'],
    maps: { asvs: ['14.2.1'], wstg: ['WSTG-SESS-04'], csf: ['PR.AA-03'], attack: ['T1552'] },
    run: async (kit) => {
      const { key } = kit.keyOf('auditor');
      for (const name of ['key', 'access_token', 'token', 'api_key', 'authorization'])
        kit.denied(await kit.nobody('GET', `/v1/access/whoami?${name}=${key}`), [400, 401]);
    },
  }),
]; // prettier-ignore
