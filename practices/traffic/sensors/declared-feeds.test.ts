import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readFeeds } from './declared-feeds.ts';

test('feeds are read as they are written; each mistake is said with its place, and none is passed over', () => {
  const good = readFeeds(`feeds:
  - { name: shop, file: /var/log/nginx/access.log, format: access-log }
  - { name: router, udp: '127.0.0.1:2055', format: netflow, senders: [192.0.2.1, 10.0.0.0/8] }
  - { name: router6, udp: '[::1]:2055', format: syslog, senders: any }
  - { name: wire, interface: eth0, filter: not port 22 }
  - { name: edge, file: /var/log/eve.json, format: eve, own: ['::ffff:192.0.2.10', '2001:DB8:0::1'], known: [10.0.0.0/8] }
`);
  assert.deepEqual(good.faults, []);
  assert.deepEqual(good.feeds.at(-1)?.own, { hosts: ['192.0.2.10', '2001:db8::1'], known: ['10.0.0.0/8'] });
  assert.deepEqual(good.feeds.map(({ name, kind }) => `${name} ${kind}`), ['shop file', 'router udp', 'router6 udp', 'wire wire', 'edge file']); // prettier-ignore
  for (const [text, fault] of [
    ['feeds: [', /YAML/],
    ['feed: []', /feeds/],
    ['feeds: [{name: a, file: /x, format: eve}]', /feed 1: name/],
    ['feeds: [{name: shop, file: x, format: eve}]', /absolute/],
    ['feeds: [{name: shop, file: /x, format: word}]', /one of eve/],
    ['feeds: [{name: shop, file: /x, format: eve, extra: 1}]', /"extra"/],
    ['feeds: [{name: shop, file: /x, udp: 1}]', /one of file/],
    ['feeds: [{name: wire, interface: eth0, filter: -w /etc/passwd}]', /filter/],
    ['feeds: [{name: wire, interface: "-i"}]', /interface/],
    ["feeds: [{name: flow, udp: '127.0.0.1:99999', format: netflow}]", /port/],
    ["feeds: [{name: flow, udp: '127.0.0.1:1', format: netflow, senders: [x]}]", /senders/],
    ["feeds: [{name: flow, udp: '127.0.0.1:1', format: netflow}]", /senders/],
    ["feeds: [{name: flow, udp: '127.0.0.1:1', format: netflow, senders: []}]", /senders/],
    ['feeds: [{name: shop, file: /x, format: eve}, {name: shop, file: /y, format: eve}]', /twice/],
    ['feeds: [{name: shop, file: /x, format: access-log, own: [192.0.2.1]}]', /own: goes with/],
    ['feeds: [{name: wire, interface: eth0, own: [192.0.2.0/24]}]', /own: a list of 1 to 100 addresses/],
    ['feeds: [{name: wire, interface: eth0, own: []}]', /own: a list/],
    ['feeds: [{name: wire, interface: eth0, known: [192.0.2.1]}]', /known: goes with own/],
    ['feeds: [{name: wire, interface: eth0, own: [192.0.2.1], known: [here]}]', /known: a list/],
    [
      'feeds: [{name: wire, interface: eth0, own: [192.0.2.1]}, {name: lan, interface: eth1, own: [192.0.2.1]}]',
      /feed 2: 192.0.2.1 is own to another/,
    ],
    ['feeds: [&a {name: shop, file: /x, format: eve}, *a]', /YAML/],
  ] as const) {
    assert.match(readFeeds(text).faults.join('; '), fault, text);
  }
});
