/**
 * The proof that must hold before rules are loaded: administrators get in, whatever state their connection is in and
 * whatever is blocked, and so does whoever loads the rules. It asks the rules themselves, not the policy.
 */
import type { FirewallPolicy } from './policy.ts';
import type { Ruleset, State } from './ruleset.ts';
import { simulate } from './simulate.ts';
import { spanOf, spanText, type Span } from './spans.ts';

/** @param port of the session, where it is known: SSH_CLIENT names it */
export type Operator = Readonly<{ address: string; port: number | null }>;

export type Lockout = Readonly<{ says: string; hint: string }>;

const STATES: readonly State[] = ['new', 'established', 'related', 'invalid'];
/** Reserved for documentation (RFC 5737, RFC 3849): where the packet goes to plays no part. */
const OURS = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;

/**
 * @param operator null: at the machine's own console
 * @param blocked  blocks that go on
 * @returns nothing when nobody is locked out
 */
export function lockouts(
  policy: FirewallPolicy,
  ruleset: Ruleset,
  operator: Operator | null,
  blocked: readonly Span[] = [],
): readonly Lockout[] {
  // prettier-ignore
  const out: Lockout[] = [];
  for (const network of policy.admin.networks) {
    // one range has one verdict only when no rule before the end splits it: both ends and the middle are asked
    for (const address of [network.first, (network.first + network.last) >> 1n, network.last])
      for (const port of policy.admin.ports)
        // also where somebody had blocked them by hand
        if (!reaches(ruleset, { family: network.family, first: address, last: address }, port, STATES, [network]))
          out.push({
            says: `administrators in ${spanText(network)} would not reach port ${port}`,
            hint: 'this is a fault of the program: report it with the policy, and load nothing',
          });
  }
  if (operator === null) return out;
  const ports = operator.port === null ? policy.admin.ports : [operator.port];
  const from = spanOf(operator.address);
  // whoever is let in by a listener, not as an administrator, is dropped in broken states like everybody
  const states = STATES.filter((each) => each !== 'invalid');
  if (from === null || !ports.some((port) => reaches(ruleset, from, port, states, blocked)))
    out.push({
      says: `your own session from ${operator.address}${operator.port === null ? '' : ` to port ${operator.port}`} would be cut`,
      hint: 'add that network and port to admin, or load the rules from a network that is in it',
    });
  return out;
}

function reaches(
  ruleset: Ruleset,
  from: Span,
  port: number,
  states: readonly State[],
  blocked: readonly Span[],
): boolean {
  // prettier-ignore
  const here = OURS[from.family];
  const asks = { way: 'in', source: from, destination: here, protocol: 'tcp', port, sourcePort: 50_000 } as const;
  const answers = { way: 'out', source: here, destination: from, protocol: 'tcp', port: 50_000, sourcePort: port } as const; // prettier-ignore
  return states.every(
    (state) =>
      simulate(ruleset, { ...asks, state }, blocked).verdict === 'accept' &&
      simulate(ruleset, { ...answers, state: state === 'new' ? 'established' : state }, blocked).verdict === 'accept',
  );
}
