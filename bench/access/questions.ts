/**
 * What a running system is asked: keys of the shipped roles, each at its own work, and now and then one at another's.
 * The same questions for everybody who asks for the same number.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ACTIONS, starterDocument, type Action, type Actor, type Ask } from '#practices/access';
import { parseCatalog, type CollectionSpec } from '#practices/collection';

const CATALOG = fileURLToPath(new URL('../../examples/catalog.yaml', import.meta.url));

/** What is always there in a question about records. */
export type Question = Ask & Readonly<{ purpose: string; collection: CollectionSpec; restricted: boolean }>;

type Work = Readonly<{ share: number; actions: readonly Action[]; purposes: readonly string[] }>;
/** Shares of the load, in percent. */
const WORK: Readonly<Record<string, Work>> = {
  application: { share: 50, actions: ['records.read', 'records.read', 'records.search', 'records.write', 'tokens.open'], purposes: ['service.support', 'service.delivery', 'service.billing'] },
  support: { share: 25, actions: ['records.read', 'records.search', 'subjects.find'], purposes: ['service.support', 'service'] },
  billing: { share: 12, actions: ['records.read', 'tokens.open'], purposes: ['service.billing'] },
  analyst: { share: 6, actions: ['records.read', 'records.export'], purposes: ['analytics.product'] },
  marketing: { share: 5, actions: ['records.search', 'records.export', 'tokens.create'], purposes: ['marketing.newsletter'] },
  dpo: { share: 2, actions: ['records.read', 'records.export', 'subjects.erase', 'subjects.find'], purposes: ['legal.request'] },
}; // prettier-ignore

const KEYS = 40;
/** One subject in 50 is restricted; one question in 10,000 is a mistake: anybody, for anything. */
const RESTRICTED = 50;
const MISTAKEN = 10_000;

export type Asked = Readonly<{
  purposes: readonly string[];
  roles: readonly string[];
  /** A question of a key at its own work. */
  usual: () => Question;
  /** The same, with a mistake among many. */
  next: () => Question;
  /** Any role, any action, any purpose. */
  any: () => Question;
}>;

export function questions(): Asked {
  const catalog = parseCatalog(readFileSync(CATALOG, 'utf8'));
  const purposes = [...catalog.purposes.keys()];
  const collections = [...catalog.collections.values()];
  const roles = Object.keys(starterDocument().roles);
  const keys = Object.entries(WORK).flatMap(([role, { share }]) =>
    Array.from({ length: Math.max(1, Math.round((share * KEYS) / 100)) }, (_, n) => keyOf(role, n)),
  );
  let state = 1;
  const below = (most: number): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const about = (): { collection: CollectionSpec; restricted: boolean } => ({
    collection: pick(collections),
    restricted: below(RESTRICTED) === 0,
  });
  const usual = (): Question => {
    const actor = pick(keys);
    const { actions, purposes: own } = WORK[actor.role] as Work;
    return { actor, action: pick(actions), purpose: pick(own), ...about() };
  };
  const any = (): Question => ({
    actor: keyOf(pick(roles), 0),
    action: pick(ACTIONS),
    purpose: pick(purposes),
    ...about(),
  });
  return { purposes, roles, usual, any, next: () => (below(MISTAKEN) === 0 ? any() : usual()) };
}

/** Keys are as many as people and programs have; what is remembered is their roles'. */
const keyOf = (role: string, n: number): Actor => ({
  kind: 'service',
  id: `key_${role}_${n}`,
  name: role,
  role,
  scope: { purposes: [], classes: [], collections: [] },
  expiresAt: null,
});
