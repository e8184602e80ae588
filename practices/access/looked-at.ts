/** What a policy looks at: read off its parsed form, so that nothing else need be asked, enumerated or passed. */
import type { PolicyJson } from './cedar.ts';
import { CHOSEN_FACTS, YES_NO_FACTS } from './facts.ts';

export const ALL_FACTS: readonly string[] = [
  'purpose',
  'collection',
  'operation',
  'declared',
  ...CHOSEN_FACTS,
  ...YES_NO_FACTS,
];

/** Facts that a policy looks at. INVARIANT: where the context is used as a whole, that is all of them. */
export function factsOf(policy: PolicyJson): readonly string[] {
  const named = new Set<string>();
  let [uses, read] = [0, 0];
  walk(policy.conditions, (node) => {
    if (node['Var'] === 'context') uses += 1;
    const access = (node['.'] ?? node['has']) as { left?: { Var?: string }; attr?: string | string[] } | undefined;
    if (access?.left?.Var !== 'context' || access.attr === undefined) return;
    read += 1;
    named.add(typeof access.attr === 'string' ? access.attr : (access.attr[0] as string));
  });
  return uses === read ? ALL_FACTS.filter((fact) => named.has(fact)) : ALL_FACTS;
}

/** Entities that a policy names, in head and conditions. */
export function entitiesOf(policy: PolicyJson): readonly Readonly<{ type: string; id: string }>[] {
  const found: { type: string; id: string }[] = [];
  walk([policy.principal, policy.action, policy.resource, policy.conditions], ({ type, id }) => {
    if (typeof type === 'string' && typeof id === 'string') found.push({ type, id });
  });
  return found;
}

function walk(value: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) visit(value as Record<string, unknown>);
  for (const each of Object.values(value)) walk(each, visit);
}
