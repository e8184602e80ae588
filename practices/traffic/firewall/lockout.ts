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
 * @returns nothing when nobody is locked out
 */
export function lockouts(policy: FirewallPolicy, ruleset: Ruleset, operator: Operator | null): readonly Lockout[] {
  const out: Lockout[] = [];
  for (const network of policy.admin.networks) {
    // one range has one verdict only when no rule before the end splits it: both ends and the middle are asked
    for (const address of [network.first, (network.first + network.last) >> 1n, network.last])
      for (const port of policy.admin.ports)
        if (!reaches(ruleset, { family: network.family, first: address, last: address }, port, [network]))
          out.push({
            says: `administrators in ${spanText(network)} would not reach port ${port}`,
            hint: 'this is a fault of the program: report it with the policy, and load nothing',
          });
  }
  if (operator === null) return out;
  const ports = operator.port === null ? policy.admin.ports : [operator.port];
  const from = spanOf(operator.address);
  if (from === null || !ports.some((port) => reaches(ruleset, from, port, [])))
    out.push({
      says: `your own session from ${operator.address}${operator.port === null ? '' : ` to port ${operator.port}`} would be cut`,
      hint: 'add that network and port to admin, or load the rules from a network that is in it',
    });
  return out;
}

function reaches(ruleset: Ruleset, address: Span, port: number, blocked: readonly Span[]): boolean {
  const here = OURS[address.family];
  const [there, us] = [
    { source: address, destination: here },
    { source: here, destination: address },
  ];
  return STATES.every(
    (state) =>
      // whoever is let in by another rule than the administrators' is not looked at in broken states
      (blocked.length === 0 && state === 'invalid') ||
      (simulate(ruleset, { way: 'in', ...there, protocol: 'tcp', port, sourcePort: 50_000, state }, blocked).verdict === 'accept' && // prettier-ignore
        simulate(ruleset, { way: 'out', ...us, protocol: 'tcp', port: 50_000, sourcePort: port, state: state === 'new' ? 'established' : state }, blocked).verdict === 'accept'), // prettier-ignore
  );
}
