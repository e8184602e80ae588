import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readConfig } from './index.ts';

const read = (env: Readonly<Record<string, string>>) => readConfig({ STRONGROOM_HOME: '/nowhere', ...env });

test('proxies, zones and hours that are malformed stop the start, with the name of the setting', () => {
  for (const [name, values] of Object.entries({
    STRONGROOM_TRUSTED_PROXIES: ['10.0.0.5/8', '0.0.0.0/0', '::/0', 'loopback', 'true', '10.0.0.1;10.0.0.2', '1', ','],
    STRONGROOM_ZONES: [
      'office',
      'office=',
      'home=10.0.0.0/8',
      'office=10.0.0.5/8',
      'office=10.0.0.0/8;vpn=10.0.0.0/8',
      'office=10.0.0.0/8;vpn=::ffff:10.0.0.0/104',
      'office=10.0.0.0/8=vpn',
      ';',
    ],
    STRONGROOM_BUSINESS_HOURS: [
      'Mon-Fri 08:00-18:00',
      'Europe/Nowhere Mon-Fri 08:00-18:00',
      '+02:00 Mon-Fri 08:00-18:00',
      'Europe/Berlin',
      'Europe/Berlin Mon-Fri 18:00-08:00',
      'Europe/Berlin Mon-Fri 08:00-24:01',
      'Europe/Berlin Mon-Fri 08:60-18:00',
      'Europe/Berlin Mo-Fr 08:00-18:00',
      'Europe/Berlin Mon-Fri 08:00-18:00;',
      'Europe/Berlin Mon-Wed-Fri 08:00-18:00',
    ],
  }))
    for (const value of values)
      assert.throws(
        () => read({ [name]: value }),
        (thrown: { code?: string; message?: string }) =>
          thrown.code === 'CONFIG_MALFORMED' && String(thrown.message).includes(name),
        `${name}=${value}`,
      );
});

test('by themselves there are no proxies, no zones and no hours; what is set is read', () => {
  const none = read({});
  assert.deepEqual([none.trustedProxies, none.zones, none.businessHours], [[], [], null]);
  const { trustedProxies, zones, businessHours } = read({
    STRONGROOM_TRUSTED_PROXIES: '10.0.0.4/30, 2001:db8::5',
    STRONGROOM_ZONES: 'office=10.0.0.0/8, 192.168.0.0/16; vpn=10.8.0.0/16',
    STRONGROOM_BUSINESS_HOURS: 'Europe/Berlin Mon-Fri 08:00-18:00; Sat,Sun 09:00-24:00',
  });
  assert.deepEqual([trustedProxies.map(({ bits }) => bits), zones.map(({ name }) => name)], [[30, 128], ['office', 'office', 'vpn']]); // prettier-ignore
  assert.deepEqual(
    businessHours?.spans.map(({ days, from, until }) => [[...days], from, until]),
    [
      [[1, 2, 3, 4, 5], 480, 1080],
      [[6, 0], 540, 1440],
    ],
  );
});
