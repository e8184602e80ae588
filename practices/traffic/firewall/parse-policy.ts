/**
 * A firewall policy as YAML 1.2 or JSON → the policy, or every problem with its line and what to write instead.
 * Unknown fields are refused: a listener whose `form` was meant to be `from` would be open to everybody.
 */
import { isAlias, LineCounter, parseDocument, visit } from 'yaml';

import { readFields, type Fields, type PolicyProblem, type Said } from './policy-fields.ts';
import { MOST, type Egress, type FirewallPolicy, type Listener, type Rate } from './policy.ts';

export type ReadPolicy =
  | Readonly<{ ok: true; policy: FirewallPolicy }>
  | Readonly<{ ok: false; problems: readonly PolicyProblem[] }>;

export function parsePolicy(source: string): ReadPolicy {
  const problems: PolicyProblem[] = [];
  if (source.length > MOST.characters)
    return refuse('', null, `the file has ${source.length} characters`, `at most ${MOST.characters} are read`);
  const lines = new LineCounter();
  const document = parseDocument(source, { version: '1.2', schema: 'core', uniqueKeys: true, lineCounter: lines });
  for (const fault of [...document.errors, ...document.warnings].slice(0, MOST.problems))
    problems.push({
      path: '',
      line: lines.linePos(fault.pos[0]).line,
      says: fault.code === 'DUPLICATE_KEY' ? 'the same name stands there twice' : `not YAML: ${fault.code}`,
      hint: fault.code === 'DUPLICATE_KEY' ? 'remove one of the two' : 'check indentation, quotes and colons there',
    });
  visit(document, (_key, node) => {
    if (!isAlias(node)) return undefined;
    const line = lines.linePos(node.range?.[0] ?? 0).line;
    problems.push({
      path: '',
      line,
      says: 'an alias (*name) is used',
      hint: 'write it out: a reader must see it here',
    });
    return visit.BREAK;
  });
  if (problems.length > 0) return { ok: false, problems };
  const said: Said = (path, says, hint) => {
    if (problems.length >= MOST.problems) return;
    const node: unknown = document.getIn(path, true);
    const at = (node as { range?: readonly number[] } | undefined)?.range?.[0];
    problems.push({ path: path.join('.'), line: at === undefined ? null : lines.linePos(at).line, says, hint });
  };
  const fields = readFields(document.toJS(), said);
  const policy = policyOf(fields);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, policy };
}

const refuse = (path: string, line: number | null, says: string, hint: string): ReadPolicy => ({
  ok: false,
  problems: [{ path, line, says, hint }],
});

function policyOf(top: Fields): FirewallPolicy {
  top.only(['admin', 'listeners', 'egress', 'ping', 'neverBlock', 'log']);
  const admin = top.fields('admin', 'admin: { networks: [192.0.2.0/24], ports: [22] } says who is never locked out');
  admin.only(['networks', 'ports']);
  return {
    admin: {
      networks: admin.networks('networks', { least: 1, hint: 'name the networks that administrators come from' }),
      ports: admin.ports('ports', [22]),
    },
    listeners: names(
      top,
      top.list('listeners', MOST.listeners, (each) => listenerOf(each)),
      'listeners',
    ),
    egress: egressOf(top),
    ping: top.whom('ping', []),
    neverBlock: top.networks('neverBlock', { least: 0, hint: '' }),
    log: logOf(top),
  };
}

function listenerOf(each: Fields): Listener {
  each.only(['name', 'port', 'protocol', 'from', 'rate']);
  return {
    name: each.name('name'),
    port: each.whole('port', { least: 1, most: 65535 }),
    protocol: each.choice('protocol', ['tcp', 'udp'] as const, 'tcp'),
    from: each.whom('from', null),
    rate: each.has('rate') ? rateOf(each.fields('rate', '')) : null,
  };
}

function rateOf(rate: Fields): Rate {
  rate.only(['connections', 'per', 'burst']);
  const connections = rate.whole('connections', { least: 1, most: 1_000_000 });
  return {
    connections,
    per: rate.choice('per', ['second', 'minute', 'hour'] as const, null),
    burst: rate.whole('burst', { least: 1, most: 1_000_000, otherwise: Math.max(5, connections) }),
  };
}

function egressOf(top: Fields): FirewallPolicy['egress'] {
  if (!top.has('egress') || top.is('egress', 'any')) return 'any';
  const read = top.list('egress', MOST.egress, (each): Egress => {
    each.only(['name', 'to', 'protocol', 'ports']);
    return {
      name: each.name('name'),
      to: each.whom('to', null),
      protocol: each.choice('protocol', ['tcp', 'udp'] as const, 'tcp'),
      ports: each.ports('ports', null),
    };
  });
  return names(top, read, 'egress');
}

function logOf(top: Fields): FirewallPolicy['log'] {
  if (!top.has('log')) return { perSecond: 5 };
  if (top.is('log', 'none')) return null;
  const log = top.fields('log', '');
  log.only(['perSecond']);
  return { perSecond: log.whole('perSecond', { least: 1, most: 1000 }) };
}

function names<One extends Readonly<{ name: string }>>(
  top: Fields,
  all: readonly One[],
  where: string,
): readonly One[] {
  const seen = new Set<string>();
  for (const [at, { name }] of all.entries()) {
    if (name !== '' && seen.has(name))
      top.say([where, at, 'name'], `there are two with the name ${name}`, 'rename one');
    seen.add(name);
  }
  return all;
}
