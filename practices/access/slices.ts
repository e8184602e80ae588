/**
 * Asks Cedar only those policies that a question can meet at all, and tells it only the facts that they look at: a call's
 * cost is its policies and the size of its context. Measured: 319 µs with all of both, 61 µs so.
 *
 * INVARIANT: a policy is left out only when its own head excludes the role or the action; conditions are Cedar's alone.
 */
import { createHash } from 'node:crypto';

import { openCedar, type CedarAnswer, type CedarAsk, type CedarSet, type PolicyJson } from './cedar.ts';
import { factsOf } from './looked-at.ts';

type SliceAsk = Omit<CedarAsk, 'context'> & Readonly<{ context: (facts: readonly string[]) => CedarAsk['context'] }>;
/** Some of the policies. */
export type Part = Readonly<{ name: string; takes: (policy: PolicyJson) => boolean }>;
export type Slices = Readonly<{
  /** @param part undefined: all of them */
  ask: (roles: readonly string[], part: Part | undefined, ask: SliceAsk) => CedarAnswer;
  /** Whether any policy could permit it; without one the answer is no, and need not be asked for. */
  canPermit: (roles: readonly string[], action: string) => boolean;
  /** Facts that its policies look at; no other one can change the answer. */
  looksAt: (roles: readonly string[], action: string) => readonly string[];
  /** Names who asks for what under which policies: where it is the same, the same facts have the same answer. */
  contentOf: (roles: readonly string[], action: string) => string;
  close: () => void;
}>;

/** @param texts id → Cedar text @param parsed the same, parsed */
export function openSlices(texts: Readonly<Record<string, string>>, parsed: ReadonlyMap<string, PolicyJson>): Slices {
  const slices = new Map<string, Readonly<{ set: CedarSet; facts: readonly string[] }>>();
  const permitting = new Map<string, boolean>();
  let closed = false;
  const meeting = (roles: readonly string[], action: string): [string, string][] =>
    Object.entries(texts).filter(([id]) => canMeet(parsed.get(id) as PolicyJson, roles, action));
  const looksAt = (roles: readonly string[], action: string): readonly string[] => [
    ...new Set(meeting(roles, action).flatMap(([id]) => factsOf(parsed.get(id) as PolicyJson))),
  ];
  return {
    looksAt,
    contentOf: (roles, action) =>
      createHash('sha256')
        .update(JSON.stringify([roles, action, meeting(roles, action)]))
        .digest('base64'),
    ask: (roles, part, ask) => {
      if (closed) return { allow: false, reasons: [], errors: ['*'] };
      const key = `${part?.name ?? ''} ${ask.action} ${roles.join(' ')}`;
      let slice = slices.get(key);
      if (slice === undefined) {
        const all = meeting(roles, ask.action);
        const mine = Object.fromEntries(all.filter(([id]) => part?.takes(parsed.get(id) as PolicyJson) ?? true));
        slice = { set: openCedar(mine), facts: looksAt(roles, ask.action) };
        slices.set(key, slice);
      }
      return slice.set.ask({ ...ask, context: ask.context(slice.facts) });
    },
    canPermit: (roles, action) => {
      const key = `${action} ${roles.join(' ')}`;
      const known = permitting.get(key);
      if (known !== undefined) return known;
      const found = [...parsed.values()].some((each) => each.effect === 'permit' && canMeet(each, roles, action));
      permitting.set(key, found);
      return found;
    },
    close: () => {
      closed = true;
      for (const { set } of slices.values()) set.close();
      slices.clear();
    },
  };
}

function canMeet({ principal, action }: PolicyJson, roles: readonly string[], asked: string): boolean {
  if (principal.op === 'in' && 'entity' in principal) {
    const { type, id } = identityOf(principal.entity);
    if (type === 'Role' && !roles.includes(id)) return false;
  }
  if (action.op === '==' && 'entity' in action) return identityOf(action.entity).id === asked;
  if (action.op !== 'in') return true;
  const named = 'entities' in action ? action.entities : [action.entity];
  return named.some((each) => identityOf(each).id === asked);
}

type Identity = Readonly<{ type: string; id: string }>;
const identityOf = (entity: Identity | { __entity: Identity }): Identity =>
  '__entity' in entity ? entity.__entity : entity;
