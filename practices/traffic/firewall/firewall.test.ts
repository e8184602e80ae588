import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { lockouts } from './lockout.ts';
import { createNft } from './nft.ts';
import { elementText, plainWords, replacing, tableText } from './nft-text.ts';
import { parsePolicy } from './parse-policy.ts';
import type { FirewallPolicy } from './policy.ts';
import { rulesetOf, type Ruleset } from './ruleset.ts';
import { simulate, type Packet } from './simulate.ts';
import { covers, merged, spanOf, spanText, type Span } from './spans.ts';
import { policies } from './testing.ts';

const WHOLE = `
admin:
  networks: [10.8.0.0/24, "2001:db8:8::/64"]
  ports: [22, 7701]
listeners:
  - { name: api, port: 7700, from: any, rate: { connections: 100, per: minute, burst: 50 } }
  - { name: metrics, port: 9100, from: [10.9.0.0/16] }
  - { name: flows, port: 2055, protocol: udp, from: [10.9.1.1] }
egress:
  - { name: dns, to: [10.9.0.53], protocol: udp, ports: [53] }
  - { name: mail, to: any, ports: [465, 587] }
ping: [10.9.0.0/16]
neverBlock: [192.0.2.10]
`;

const policyOf = (source: string): FirewallPolicy => {
  const read = parsePolicy(source);
  assert.ok(read.ok, read.ok ? '' : JSON.stringify(read.problems));
  return read.policy;
};
const problemsOf = (source: string): readonly string[] => {
  const read = parsePolicy(source);
  return read.ok ? [] : read.problems.map(({ path, line, says, hint }) => `${line ?? '-'} ${path}: ${says} (${hint})`);
};
const span = (text: string): Span => spanOf(text) as Span;
const incoming = (source: string, port: number, more: Partial<Packet> = {}): Packet => ({
  way: 'in',
  source,
  destination: source.includes(':') ? '2001:db8::1' : '192.0.2.1',
  protocol: 'tcp',
  port,
  ...more,
});

test('a whole policy becomes one table, the same text each time', () => {
  const ruleset = rulesetOf(policyOf(WHOLE));

  const text = replacing(tableText(ruleset));

  assert.equal(text, replacing(tableText(rulesetOf(policyOf(WHOLE)))));
  assert.ok(text.startsWith('table inet strongroom\ndelete table inet strongroom\ntable inet strongroom {\n'));
  const first = text.split('\n').find((line) => line.includes('policy drop')) as string;
  assert.equal(text.slice(text.indexOf(first)).split('\n')[1]?.trim(), 'ip saddr 10.8.0.0/24 tcp dport { 22, 7701 } accept comment "admin"'); // prettier-ignore
  assert.match(text, /ip saddr 10\.9\.0\.0\/16 tcp dport 9100 accept comment "metrics"/);
  assert.match(text, /update @rate-api-6 \{ ip6 saddr & ffff:ffff:ffff:ffff:: limit rate over 100\/minute burst 50 packets \}/); // prettier-ignore
});

test('what is wrong in a policy is said with its line and what to write', () => {
  for (const [source, ...expected] of [
    ['listeners: []', /admin: admin is missing/, /networks is missing/],
    ['admin: { networks: [] }', /1 admin\.networks: networks is empty \(name the networks/],
    ['admin: { networks: [10.0.0.5/8] }', /bits behind the prefix \(did you mean 10\.0\.0\.0\/8\?\)/],
    ['admin: { networks: [10.0.0.0/8], ports: [] }', /ports is empty/],
    ['admin: { networks: [10.0.0.0/8], ports: [70000] }', /one of them is no port/],
    ['admin: { networks: [10.0.0.0/8] }\nlisteners:\n  - { name: api, port: 1, form: any }', /3 listeners\.0\.form: there is no such field/, /listeners\.0\.from: from must say whom/], // prettier-ignore
    ['admin: { networks: [10.0.0.0/8] }\nlisteners:\n  - { name: api, port: 1, from: [] }', /from is empty/],
    ['admin: { networks: [10.0.0.0/8] }\negress:\n  - { name: a, to: [api.example.org], ports: [443] }', /3 egress\.0\.to\.0: names are not taken/], // prettier-ignore
    ['admin: { networks: [10.0.0.0/8] }\nlisteners:\n  - { name: a, port: 1, from: any }\n  - { name: a, port: 2, from: any }', /4 listeners\.1\.name: there are two/], // prettier-ignore
    ['admin: { networks: [10.0.0.0/8] }\nlog: { perSecond: 1.5 }', /whole number/],
    ['admin: { networks: [10.0.0.0/8] }\nadmin: {}', /stands there twice/],
    ['a: &x 1\nb: *x', /alias/],
    ['- 1', /list of fields/],
    ['x'.repeat(1024 * 1024 + 1), /1048577 characters/],
    ['admin: { networks: [10.0.0.0/8] }\nlisteners: [{ name: "a\\" drop }", port: 1, from: any }]', /no name/],
  ] as const)
    for (const each of expected) {
      const said = problemsOf(source);
      assert.ok(said.some((one) => each.test(one)), `${source.slice(0, 90)}: ${said.join(' | ')}`); // prettier-ignore
    }
});

test('JSON is read as well, and an address alone is a network', () => {
  const policy = policyOf(JSON.stringify({ admin: { networks: ['::ffff:10.0.0.1', '2001:db8::7'] } }));

  assert.deepEqual(policy.admin.networks.map(spanText), ['10.0.0.1', '2001:db8::7']);
  assert.equal(policy.egress, 'any');
});

test('the simulator says who gets in', () => {
  const ruleset = rulesetOf(policyOf(WHOLE));
  const verdict = (packet: Packet, ...blocked: string[]) => {
    const found = simulate(ruleset, packet, blocked.map(span));
    return `${found.verdict} ${found.rule ?? '-'}`;
  };
  const out = (destination: string, port: number, more: Partial<Packet> = {}): Packet => ({ way: 'out', source: '192.0.2.1', destination, protocol: 'tcp', port, ...more }); // prettier-ignore

  for (const [packet, expected, ...blocked] of [
    [incoming('10.8.0.7', 22), 'accept admin'],
    [incoming('10.8.0.7', 22, { state: 'invalid' }), 'accept admin', '10.8.0.0/24'],
    [incoming('2001:db8:8::9', 7701), 'accept admin'],
    [incoming('10.9.0.7', 22), 'drop -'],
    [incoming('10.8.0.7', 9100), 'drop -'],
    [incoming('10.9.0.7', 9100), 'accept metrics'],
    [incoming('203.0.113.5', 7700), 'accept api'],
    [incoming('2001:db8:ffff::1', 7700), 'accept api'],
    [incoming('203.0.113.5', 7700, { aboveRate: true }), 'drop api'],
    [incoming('203.0.113.5', 7700, { aboveRate: true, state: 'established' }), 'accept established'],
    [incoming('203.0.113.5', 7700), 'drop blocked', '203.0.113.0/24'],
    [incoming('203.0.113.5', 7700, { state: 'established' }), 'drop blocked', '203.0.113.5'],
    [incoming('10.9.1.1', 2055, { protocol: 'udp' }), 'accept flows'],
    [incoming('10.9.1.1', 2055), 'drop -'],
    [incoming('127.0.0.1', 9100), 'drop loopback-forged'],
    [incoming('127.0.0.1', 1, { loopback: true }), 'accept loopback'],
    [incoming('203.0.113.5', 0, { protocol: 'icmp', icmpType: 'destination-unreachable' }), 'accept errors'],
    [incoming('2001:db8:1::1', 0, { protocol: 'icmpv6', icmpType: 'packet-too-big' }), 'accept errors'],
    [incoming('fe80::1', 0, { protocol: 'icmpv6', icmpType: 'nd-neighbor-solicit' }), 'accept neighbours'],
    [incoming('10.9.0.1', 0, { protocol: 'icmp', icmpType: 'echo-request' }), 'accept ping'],
    [incoming('10.8.0.1', 0, { protocol: 'icmp', icmpType: 'echo-request' }), 'drop -'],
    [out('10.9.0.53', 53, { protocol: 'udp' }), 'accept dns'],
    [out('10.9.0.54', 53, { protocol: 'udp' }), 'drop -'],
    [out('198.51.100.1', 587), 'accept mail'],
    [out('198.51.100.1', 443), 'drop -'],
    [out('198.51.100.1', 587, { state: 'established' }), 'drop blocked', '198.51.100.1'],
    [out('10.8.0.1', 50000, { sourcePort: 22, state: 'established' }), 'accept admin', '10.8.0.1'],
  ] as const)
    assert.equal(verdict(packet, ...blocked), expected, JSON.stringify(packet));
});

test('nobody is locked out by any policy, and whoever loads it is seen', () => {
  fc.assert(
    fc.property(policies, (policy) => {
      assert.deepEqual(lockouts(policy, rulesetOf(policy), null), []);
    }),
  );
  // the middle of all IPv6 addresses has IPv4 ones inside: they are no others
  const wide = policyOf('admin: { networks: ["::/0", "::/1", 0.0.0.0/0] }');
  assert.deepEqual(lockouts(wide, rulesetOf(wide), { address: '::ffff:192.0.2.7', port: 22 }), []);
  const policy = policyOf(WHOLE);
  const asked = (address: string, port: number | null) => lockouts(policy, rulesetOf(policy), { address, port });

  assert.deepEqual(asked('10.8.0.9', 22), []);
  assert.deepEqual(asked('2001:db8:8::1', null), []);
  assert.match(asked('203.0.113.5', 22)[0]?.says ?? '', /your own session from 203\.0\.113\.5 to port 22 would be cut/);
  assert.equal(asked('10.8.0.9', 2222).length, 1);
  assert.equal(asked('nonsense', null).length, 1);
  // let in by a listener, and blocked
  const ssh = policyOf('admin: { networks: [10.8.0.0/24] }\nlisteners: [{ name: ssh, port: 22, from: any }]');
  const blocked = (...by: string[]) => lockouts(ssh, rulesetOf(ssh), { address: '203.0.113.5', port: 22 }, by.map(span)).length; // prettier-ignore
  assert.deepEqual([blocked(), blocked('203.0.113.0/24'), blocked('198.51.100.1')], [0, 1, 0]);
});

test('a ruleset that lets administrators in too late is found out', () => {
  const policy = policyOf(WHOLE);
  const { chains, rateSets } = rulesetOf(policy);
  const [input, output] = chains;
  const later: Ruleset = { rateSets, chains: [{ ...input, rules: [...input.rules.slice(2), ...input.rules.slice(0, 2)] }, output] }; // prettier-ignore
  const never: Ruleset = { rateSets, chains: [{ ...input, rules: input.rules.slice(1) }, output] };
  const mute: Ruleset = { rateSets, chains: [input, { ...output, rules: output.rules.slice(2) }] };

  for (const wrong of [later, never, mute]) assert.ok(lockouts(policy, wrong, null).length > 0);
});

test('networks merge to what nft shows', () => {
  const texts = (...all: string[]) => merged(all.map(span), 4).map(spanText);

  assert.deepEqual(texts('10.0.0.0/9', '10.128.0.0/9', '10.1.0.0/16'), ['10.0.0.0/8']);
  assert.deepEqual(texts('192.168.2.0/24', '192.168.0.0/23', '1.2.3.4'), ['1.2.3.4', '192.168.0.0-192.168.2.255']);
  assert.equal(spanText(span('::/0')), '::/0');
  assert.equal(covers([span('10.0.0.0/8')], span('10.255.255.255')), true);
  assert.equal(covers([span('10.0.0.0/8')], span('11.0.0.0')), false);
});

test('no text gets out of its place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (reason) => {
      const text = elementText({ span: span('192.0.2.1'), seconds: 60, reason });
      assert.match(text, /^192\.0\.2\.1 timeout 60s comment "[A-Za-z0-9.,:_ -]{1,64}"$/);
    }),
  );
  assert.equal(plainWords('"; flush ruleset; #\n}'), 'flush ruleset');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const source = JSON.stringify({ admin: { networks: ['10.0.0.0/8'] }, listeners: [{ name: text, port: 1, from: [text] }] }); // prettier-ignore
      const read = parsePolicy(source);
      assert.ok(!read.ok || /^[a-z][a-z0-9-]*$/.test(text));
    }),
  );
});

test('nft takes what is generated, for any policy', async (t) => {
  const nft = createNft(['unshare', '--net', 'nft']);
  const here = await nft.run(['-c', '-f', '-'], 'table inet t\n');
  if (here.code !== 0) return t.skip('nft is not installed, or may not be run (it takes root)');

  // many policies in one run: a process each would take longer than all the rest
  const sample = fc.sample(policies, { numRuns: 40, seed: 7 });
  const blocks = ['192.0.2.1', '198.51.100.0/24', '2001:db8:66::/48', '2001:db8:67::1'].map((text) => ({
    span: span(text),
    seconds: 90.7,
    reason: 'planted "quote"; drop }',
  }));
  const text = sample.map((policy) => replacing(tableText(rulesetOf(policy), blocks))).join('');
  const checked = await nft.run(['-c', '-f', '-'], text);

  assert.equal(checked.code, 0, checked.stderr.slice(0, 2000));
});
