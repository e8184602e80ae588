/**
 * Whether the rules do what the policy says. In a namespace: the rules are loaded in an empty machine on this kernel and
 * tried from outside, from addresses of every network that is named. On the live machine: what listens on its own
 * addresses against what is declared; such packets go over loopback, so this says nothing about the rules.
 */
import { createNft } from '../nft.ts';
import { replacing, tableText } from '../nft-text.ts';
import type { FirewallPolicy } from '../policy.ts';
import { rulesetOf } from '../ruleset.ts';
import { expectedOf, findingsOf, OFTEN_OPEN, portsOf, type Expected, type Finding } from './expected.ts';
import { withNamespaces, type Namespaces } from './namespaces.ts';
import { probeAll } from './probe.ts';

export type Verified = Readonly<{ probes: number; findings: readonly Finding[] }>;

const PACE = { timeoutMs: 500, atOnce: 256 } as const;

export function verifyInNamespace(policy: FirewallPolicy, others = OFTEN_OPEN): Promise<Verified> {
  return withNamespaces(async (made) => {
    const loaded = await createNft(made.nft).run(['-f', '-'], replacing(tableText(rulesetOf(policy))));
    if (loaded.code !== 0) throw new Error(`nft did not load the rules: ${loaded.stderr.trim().slice(0, 500)}`);
    await made.listen(portsOf(policy, others));
    return tryFromOutside(made, expectedOf(policy, made.target, others));
  });
}

/** Of silent probes that should be open, a second try: a busy machine is no finding. */
export async function tryFromOutside(made: Namespaces, expected: readonly Expected[]): Promise<Verified> {
  await made.addSources([...new Set(expected.map(({ source }) => source))]);
  const seen = [...(await made.probe({ probes: expected, pace: PACE }))];
  const again = expected.flatMap(({ open }, at) => (open && seen[at] !== 'open' ? [at] : []));
  if (again.length > 0) {
    const probes = again.map((at) => expected[at] as Expected);
    const second = await made.probe({ probes, pace: { timeoutMs: PACE.timeoutMs * 4, atOnce: 16 } });
    for (const [index, at] of again.entries()) seen[at] = second[index] ?? 'silent';
  }
  return { probes: expected.length, findings: findingsOf(expected, seen) };
}

export type Live = Readonly<{ probes: number; listening: readonly Readonly<{ address: string; port: number; declared: boolean }>[]; missing: readonly number[]; refused: readonly string[] }>; // prettier-ignore

/**
 * TCP only: whether UDP is open cannot be told from silence.
 * @param own addresses of this machine: no others are tried
 */
export async function verifyHere(
  policy: FirewallPolicy,
  addresses: readonly string[],
  own: readonly string[],
  others = OFTEN_OPEN,
): Promise<Live> {
  // prettier-ignore
  const mine = addresses.filter((each) => own.includes(each)).slice(0, 16);
  const ports = portsOf(policy, others).filter(({ protocol }) => protocol === 'tcp');
  const probes = mine.flatMap((target) =>
    ports.map(({ port, protocol }) => ({ source: null, target, port, protocol })),
  );
  const seen = await probeAll(probes, PACE);
  const declared = new Set([...policy.admin.ports, ...policy.listeners.filter((each) => each.protocol === 'tcp').map(({ port }) => port)]); // prettier-ignore
  const open = probes.filter((_, at) => seen[at] === 'open');
  return {
    probes: probes.length,
    listening: open.map(({ target, port }) => ({ address: target, port, declared: declared.has(port) })),
    missing: [...declared].filter((port) => mine.length > 0 && !open.some((each) => each.port === port)),
    refused: addresses.filter((each) => !mine.includes(each)),
  };
}
