/**
 * The rules on a real kernel, in network namespaces that these tests make and remove: nft, iproute2, packets from outside.
 * Skipped with a notice where this is not root, or they are not installed.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import fc from 'fast-check';

import { changeText } from './difference.ts';
import { createFirewall, type Firewall } from './firewall.ts';
import { createNft, type Nft } from './nft.ts';
import { replacing, tableText } from './nft-text.ts';
import { parsePolicy } from './parse-policy.ts';
import type { FirewallPolicy } from './policy.ts';
import { rulesetOf } from './ruleset.ts';
import { policies } from './testing.ts';
import { expectedOf } from './verify/expected.ts';
import { withNamespaces, type Namespaces } from './verify/namespaces.ts';
import { tryFromOutside, verifyHere } from './verify/verify.ts';

const SOURCE = JSON.stringify({
  admin: { networks: ['10.8.0.0/24', '2001:db8:8::/64'], ports: [2222] },
  listeners: [
    { name: 'api', port: 7700, from: 'any' },
    { name: 'metrics', port: 9100, from: ['10.9.0.0/16'] },
    { name: 'flows', port: 2055, protocol: 'udp', from: ['10.9.0.0/16'] },
    { name: 'slow', port: 7777, from: 'any', rate: { connections: 1, per: 'hour', burst: 3 } },
  ],
  neverBlock: ['192.0.2.10'],
});
const policyOf = (source: string): FirewallPolicy => {
  const read = parsePolicy(source);
  assert.ok(read.ok);
  return read.policy;
};
const POLICY = policyOf(SOURCE);

/** null where it works; else why not. */
async function missing(): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'network namespaces take root';
  const nft = await createNft(['unshare', '--net', 'nft']).run(['list', 'tables']);
  if (nft.code !== 0) return 'nftables is not installed, or not permitted here';
  return withNamespaces(() => Promise.resolve(null)).catch((error: Error) => error.message);
}
const reason = await missing();
const skip = reason ?? false;

type Bench = Readonly<{ made: Namespaces; nft: Nft; firewall: Firewall; folder: string }>;

async function withFirewall(t: TestContext, work: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-firewall-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await withNamespaces(async (made) => {
    const nft = createNft(made.nft);
    const firewall = createFirewall({ nft, folder, clock: () => new Date(), ownAddresses: () => [made.target(4), made.target(6)] }); // prettier-ignore
    await work({ made, nft, firewall, folder });
  });
}
const table = async (nft: Nft): Promise<string> =>
  (await nft.run(['-s', 'list', 'ruleset'])).stdout.replaceAll(/ expires [0-9a-z]+/g, '');

test(
  'from outside, what is declared is open, everything else is closed, and a rule that somebody added is found',
  { skip },
  async (t) => {
    await withFirewall(t, async ({ made, nft, firewall }) => {
      const expected = expectedOf(POLICY, made.target, [23, 5432]).filter(({ port }) => port !== 7777);
      await made.listen([...POLICY.listeners, ...[2222, 23, 5432].map((port) => ({ port, protocol: 'tcp' as const }))]);
      const before = await made.probe({ probes: expected.slice(0, 1).map((each) => ({ ...each, source: null })), pace: { timeoutMs: 2000, atOnce: 1 } }); // prettier-ignore
      assert.deepEqual(before, ['open'], 'without rules everything is open');

      const applied = await firewall.apply(POLICY, null, 600);
      assert.ok(applied.ok, JSON.stringify(applied.ok ? '' : applied.problems));
      assert.equal((await firewall.confirm()).ok, true);
      const { findings, probes } = await tryFromOutside(made, expected);
      assert.deepEqual(findings, []);
      assert.ok(probes >= 30 && expected.some(({ open }) => open) && expected.some(({ open }) => !open));
      assert.deepEqual((await firewall.plan(POLICY)).changes.map(changeText), []);

      await nft.run(['-f', '-'], 'insert rule inet strongroom input tcp dport 5432 accept comment "admin"\n');
      const planted = await tryFromOutside(made, expected.filter(({ port }) => port === 5432)); // prettier-ignore
      assert.ok(
        planted.findings.length > 0 && planted.findings.every(({ seen, port }) => seen === 'open' && port === 5432),
      );
      assert.deepEqual((await firewall.plan(POLICY)).changes.map(changeText), ['input: takes away admin: tcp dport 5432 accept']); // prettier-ignore
      await nft.run(['flush', 'chain', 'inet', 'strongroom', 'input']);
      const shut = await tryFromOutside(made, expected.filter(({ port, open }) => port === 7700 && open)); // prettier-ignore
      assert.ok(shut.findings.length > 0 && shut.findings.every(({ seen }) => seen === 'silent'));
    });
  },
);

test(
  'an address that is blocked gets no answer, until it is let in again; the allow list wins; blocks outlive a new policy',
  { skip },
  async (t) => {
    await withFirewall(t, async ({ made, nft, firewall }) => {
      const block = (address: string, seconds = 600) => firewall.block(POLICY, { address, seconds, reason: 'test "x"; }' }); // prettier-ignore
      const early = await block('203.0.113.9');
      assert.ok(!early.ok && early.refusal.says === 'no rules are loaded here');
      await made.listen([{ port: 7700, protocol: 'tcp' }, { port: 2222, protocol: 'tcp' }, { port: 7777, protocol: 'tcp' }]); // prettier-ignore
      await made.addSources(['203.0.113.9', '203.0.113.10', '2001:db8:66::1', '10.8.0.5']);
      const tried = async (sources: readonly string[], port = 7700): Promise<string> => {
        const probes = sources.map((source) => ({ source, target: made.target(source.includes(':') ? 6 : 4), port, protocol: 'tcp' as const })); // prettier-ignore
        return (await made.probe({ probes, pace: { timeoutMs: 1500, atOnce: 1 } })).join(' ');
      };
      assert.ok((await firewall.apply(POLICY, null, 600)).ok);
      await firewall.confirm();

      assert.equal((await block('203.0.113.9')).ok, true);
      assert.equal((await block('2001:db8:66::/64')).ok, true);
      assert.equal(await tried(['203.0.113.9', '203.0.113.10', '2001:db8:66::1']), 'silent open silent');
      for (const [address, because] of [
        ['10.8.0.5', /administrators/],
        ['10.8.0.0/26', /administrators/],
        ['192.0.2.10', /neverBlock/],
        [made.target(4), /this machine itself/],
        ['127.0.0.1', /this machine itself/],
        ['fe80::1', /the link/],
        ['203.0.0.0/16', /wider than \/24/],
        ['2001:db8::/32', /wider than \/48/],
        ['everybody', /no address/],
      ] as const) {
        const said = await block(address);
        assert.ok(!said.ok && because.test(said.refusal.says), `${address}: ${JSON.stringify(said)}`);
      }
      for (const seconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 31 * 86_400]) assert.equal((await block('203.0.113.9', seconds)).ok, false); // prettier-ignore

      const own = await firewall.block(POLICY, {
        address: '203.0.113.0/24',
        seconds: 60,
        reason: '',
        by: '203.0.113.5',
      });
      assert.ok(!own.ok && /that you ask from/.test(own.refusal.says));

      // again, longer; a wider network in place of a narrower; a narrower inside a wider is said
      assert.equal((await block('203.0.113.9', 900)).ok, true);
      assert.equal((await block('2001:db8:66::/56', 900)).ok, true);
      const inner = await block('2001:db8:66::/60');
      assert.ok(!inner.ok && /wider network/.test(inner.refusal.says));
      assert.deepEqual((await firewall.blocks()).map(({ seconds, reason }) => [seconds > 890, reason]), [[true, 'test x'], [true, 'test x']]); // prettier-ignore

      // the rate of a listener: the fourth connection of one address is dropped, another address has its own
      assert.equal(await tried(['203.0.113.10', '203.0.113.10', '203.0.113.10', '203.0.113.10', '10.8.0.5'], 7777), 'open open open silent open'); // prettier-ignore

      // somebody with very many addresses has filled the set: the others share one limit, and are not let in without any
      const full = replacing(tableText(rulesetOf(POLICY))).replaceAll(
        /(set (?:rate|seen)-slow-4 .*?size) \d+/g,
        '$1 2',
      );
      assert.equal((await nft.run(['-f', '-'], full)).code, 0);
      assert.equal(await tried(['203.0.113.9', '203.0.113.10'], 7777), 'open open');
      const many = Array.from({ length: 330 }, () => ({ source: '10.8.0.5', target: made.target(4), port: 7777, protocol: 'tcp' as const })); // prettier-ignore
      const shared = await made.probe({ probes: many, pace: { timeoutMs: 3000, atOnce: 330 } });
      assert.equal(shared.filter((each) => each === 'open').length, 300);
      assert.ok((await firewall.apply(POLICY, null, 600)).ok);
      await firewall.confirm();
      for (const address of ['203.0.113.9', '2001:db8:66::/56']) assert.equal((await block(address, 900)).ok, true);

      const wider = policyOf(SOURCE.replace('192.0.2.10', '2001:db8:66::/48'));
      const again = await firewall.apply(wider, null, 600);
      assert.ok(again.ok && again.plan.keeps.length === 1 && again.plan.ends.length === 1);
      assert.equal(await tried(['203.0.113.9', '2001:db8:66::1', '10.8.0.5']), 'silent open open');
      // what is blocked while a change waits stays so when it is taken back
      assert.equal((await block('203.0.113.10', 900)).ok, true);
      const network = await block('203.0.113.128/25', 900);
      assert.ok(!network.ok && /waits to be confirmed/.test(network.refusal.says));
      assert.equal((await firewall.rollBack()).ok, true);
      assert.equal(await tried(['203.0.113.9', '203.0.113.10', '2001:db8:66::1']), 'silent silent silent');

      assert.equal((await firewall.unblock('203.0.113.9')).ok, true);
      assert.equal((await firewall.unblock('203.0.113.9')).ok, false);
      assert.equal(await tried(['203.0.113.9']), 'open');
      assert.equal((await block('203.0.113.9', 1)).ok, true);
      await wait(1300);
      assert.equal(await tried(['203.0.113.9']), 'open', 'every block has an end');
    });
  },
);

test(
  'what nobody confirms is taken back, also when the one that loaded it was killed; what is confirmed stays',
  { skip },
  async (t) => {
    await withFirewall(t, async ({ nft, firewall, folder, made }) => {
      const empty = await table(nft);
      const locked = await firewall.apply(POLICY, { address: '203.0.113.5', port: 22 }, 600);
      assert.ok(!locked.ok && /your own session/.test(locked.problems[0]?.says ?? ''));
      assert.equal(await table(nft), empty, 'refused: nothing is changed');
      assert.deepEqual(await readdir(folder), []);

      assert.equal((await firewall.apply(POLICY, { address: '10.8.0.5', port: 2222 }, 600)).ok, true);
      const second = await firewall.apply(POLICY, null, 600);
      assert.ok(!second.ok && /waits to be confirmed/.test(second.problems[0]?.says ?? ''));
      assert.equal((await firewall.confirm()).ok, true);
      assert.deepEqual(await readdir(folder), []);
      const loaded = await table(nft);
      assert.notEqual(loaded, empty);

      // somebody confirms, or the time is over, just before the rules are there: they do not stay without a watch
      for (const end of ['confirm', 'rollBack'] as const) {
        const slow: Nft = {
          command: nft.command,
          run: async (args, input) => {
            if (args[0] === '-f' && input?.includes('7709') === true) await firewall[end]();
            return nft.run(args, input);
          },
        };
        const late = createFirewall({
          nft: slow,
          folder,
          clock: () => new Date(),
          ownAddresses: () => [made.target(4), made.target(6)],
        });
        const unwatched = await late.apply(policyOf(SOURCE.replace('7700', '7709')), null, 600);
        assert.ok(!unwatched.ok && /ended before the rules were loaded/.test(unwatched.problems[0]?.says ?? ''), end);
        assert.equal(await table(nft), loaded);
        assert.deepEqual(await readdir(folder), []);
      }

      // another process loads another policy, and dies at once
      const script = `
      import { createFirewall } from ${JSON.stringify(new URL('firewall.ts', import.meta.url).href)};
      import { createNft } from ${JSON.stringify(new URL('nft.ts', import.meta.url).href)};
      import { parsePolicy } from ${JSON.stringify(new URL('parse-policy.ts', import.meta.url).href)};
      const nft = createNft(${JSON.stringify(made.nft)});
      const firewall = createFirewall({ nft, folder: ${JSON.stringify(folder)}, clock: () => new Date(), ownAddresses: () => [] });
      const { policy } = parsePolicy(${JSON.stringify(SOURCE.replace('7700', '7701'))});
      const { ok } = await firewall.apply(policy, null, 5);
      process.stdout.write(String(ok));
      process.kill(process.pid, 'SIGKILL');`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const said = await new Promise<string>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8')))); // prettier-ignore
      assert.equal(said, 'true');
      assert.match(await table(nft), /tcp dport 7701 accept/);
      for (let tries = 0; tries < 600 && (await readdir(folder)).every((each) => !each.startsWith('back-')); tries++) await wait(100); // prettier-ignore
      assert.equal(await table(nft), loaded);
      const late = await firewall.confirm();
      assert.ok(!late.ok && late.back?.restored === true);

      assert.equal((await firewall.apply(policyOf(SOURCE.replace('7700', '7702')), null, 5)).ok, true);
      assert.equal((await firewall.confirm()).ok, true);
      await wait(5500);
      assert.match(await table(nft), /tcp dport 7702 accept/, 'confirmed: the watch leaves it alone');
    });
  },
);

test('for any policy: what is loaded reads as declared, and packets fare as simulated', { skip }, async () => {
  await withNamespaces(async (made) => {
    const nft = createNft(made.nft);
    const folder = await mkdtemp(join(tmpdir(), 'strongroom-firewall-'));
    const firewall = createFirewall({ nft, folder, clock: () => new Date(), ownAddresses: () => [] });
    const others = [23, 5432];
    // few enough ports that they can all be listened on, none of them counted by a rate
    const known = [2222, 7700, 7701, 7702];
    const fewer = ({ admin, listeners, ...rest }: FirewallPolicy): FirewallPolicy => ({
      ...rest,
      admin: { ...admin, ports: [2222] },
      listeners: listeners.slice(0, 3).map((each, at) => ({ ...each, port: known[at + 1] as number, rate: null })),
    });
    const both = [...known, ...others].flatMap((port) => [{ port, protocol: 'tcp' as const }, { port, protocol: 'udp' as const }]); // prettier-ignore
    await made.listen(both);
    for (const [at, policy] of fc.sample(policies, { numRuns: 6, seed: 11 }).entries()) {
      const { text } = await firewall.plan(policy);
      const { code, stderr } = await nft.run(['-f', '-'], text);
      assert.equal(code, 0, stderr.slice(0, 500));
      assert.deepEqual((await firewall.plan(policy)).changes.map(changeText), []);
      if (at >= 1) continue;
      const simple = fewer(policy);
      await nft.run(['-f', '-'], (await firewall.plan(simple)).text);
      const { findings } = await tryFromOutside(made, expectedOf(simple, made.target, others));
      assert.deepEqual(findings, []);
    }
    await rm(folder, { recursive: true });
  });
});

test('the live machine is tried only on its own addresses', async () => {
  const { refused, missing: absent } = await verifyHere(POLICY, ['203.0.113.1', '127.0.0.1'], ['127.0.0.1'], []);

  assert.deepEqual(refused, ['203.0.113.1']);
  assert.ok(absent.includes(2222));
});
