/** A credential is taken as it was given out, or not at all. */
import { createHmac } from 'node:crypto';

import { controlTest } from '../kit/control-test.ts';

const WHO = '/v1/access/whoami';
/** 429: whoever guesses is told to wait, too. */
const REFUSED = [401, 429] as const;
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const TOKEN = [
  controlTest({
    id: 'TOKEN-01',
    practice: 'access',
    title: 'A key that was changed is no key',
    hypothesis: 'A key that is cut, longer, of another case, or wrong in one character opens nothing.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    maps: { asvs: ['9.1.1'], csf: ['PR.AA-03'], sp80053: ['ia-5'], attack: ['T1550.001'] },
    run: async (kit) => {
      const { key } = kit.keyOf('auditor');
      const last = key.at(-1) === 'A' ? 'B' : 'A';
      for (const forged of [key.slice(0, -1), `${key}A`, key.slice(0, -1) + last, key.toUpperCase(), key.replace('srk_', 'srs_'), '', 'srk_', ` ${key} x`, 'null', 'undefined'])
        kit.denied(await kit.withKey(forged)('GET', WHO), REFUSED);
      const good = await kit.withKey(key)('GET', WHO);
      kit.prevented(good.status === 200, `who is good is kept out by who guesses: ${good.status}`);
    },
  }),
  controlTest({
    id: 'TOKEN-02',
    practice: 'access',
    title: 'A key whose time is over is over',
    hypothesis: 'A key opens nothing after its end.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['9.2.1'], csf: ['PR.AA-03'], sp80053: ['ia-5'] },
    run: async (kit) => kit.denied(await kit.withKey(kit.world.ended)('GET', WHO), REFUSED),
  }),
  controlTest({
    id: 'TOKEN-03',
    practice: 'access',
    title: 'A key that was revoked is refused at the next request',
    hypothesis: 'Nothing remembers a key longer than it lives.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    maps: { asvs: ['7.4.2'], csf: ['PR.AA-01'], sp80053: ['ac-2'] },
    run: async (kit) => {
      const key = await kit.desk.key('auditor');
      const before = await kit.withKey(key)('GET', WHO);
      kit.prevented(before.status === 200, `a new key was answered with ${before.status}`);
      await kit.desk.revoke(key.id);
      kit.denied(await kit.withKey(key)('GET', WHO), REFUSED);
    },
  }),
  controlTest({
    id: 'TOKEN-04',
    practice: 'access',
    title: 'A token that nobody signed is no token',
    hypothesis: 'A JWT with no algorithm, signed by a shared secret, or of a key that it names itself opens nothing.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    maps: { asvs: ['9.1.2', '9.1.3'], csf: ['PR.AA-03'], attack: ['T1606'] },
    run: async (kit) => {
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: kit.world.url, sub: 'admin', aud: kit.world.url, iat: now, exp: now + 600, role: 'admin' };
      const hmac = (text: string, key: string): string => createHmac('sha256', key).update(text).digest('base64url');
      for (const head of [{ alg: 'none' }, { alg: 'NONE', typ: 'JWT' }, { alg: 'HS256', kid: '../../dev/null' }, { alg: 'HS256', jwk: { kty: 'oct', k: 'AA' } }, { alg: 'EdDSA', jku: 'https://hostile.invalid/keys' }]) {
        const text = `${part(head)}.${part(claims)}`;
        for (const signature of ['', hmac(text, ''), hmac(text, kit.world.logKeys)]) kit.denied(await kit.withKey(`${text}.${signature}`)('GET', WHO), REFUSED);
      }
    },
  }),
  controlTest({
    id: 'TOKEN-05',
    practice: 'access',
    title: 'A link cannot be guessed',
    hypothesis: 'Invitations and links of customers that nobody gave out are all refused alike.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['6.6.3'], csf: ['PR.AA-03'] },
    run: async (kit) => {
      for (const token of [`srl_${'A'.repeat(43)}`, 'srl_', 'x', `srl_${'0'.repeat(400)}`]) {
        const answer = await kit.nobody('POST', '/v1/access/people/accept', { body: { token, password: 'a long enough passphrase 94' } });
        kit.prevented(answer.status >= 400 && answer.status < 500, `an invitation was answered with ${answer.status}`);
      }
      for (const path of [`/center/copy/${'A'.repeat(43)}`, `/center/unsubscribe/${'A'.repeat(43)}`, '/center/seen/0']) {
        const answer = await kit.nobody('GET', path);
        kit.without(answer.text, path);
        kit.prevented(answer.status < 500, `${path} was answered with ${answer.status}`);
      }
    },
  }),
]; // prettier-ignore
