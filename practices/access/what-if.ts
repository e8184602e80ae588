/**
 * What a document would have decided: past questions of the audit log, asked again under other policies.
 *
 * The log keeps who asked in what role, for what, which classes left and whether it was allowed; it does not keep every
 * fact, so facts that are not in it take their value in UNKNOWN under both, and what is compared are the two policies.
 */
import type { DataClass } from '#practices/collection';

import type { Action } from './actions.ts';
import { DATA_CLASSES } from './classes.ts';
import type { Engine } from './engine.ts';
import { NOTHING, UNKNOWN, type Facts } from './facts.ts';

/** Actions of the log that tell of a question about data. */
const ASKED: Readonly<Record<string, Action>> = {
  'vault.read': 'records.read',
  'vault.search': 'records.search',
  'vault.export': 'records.export',
  'vault.detokenise': 'tokens.open',
  'vault.tokenise': 'tokens.create',
};

export type PastQuestion = Readonly<{
  role: string;
  action: Action;
  purpose: string;
  collection: string;
  classes: readonly DataClass[];
}>;
export type Replayed = Readonly<{
  questions: number;
  /** Who would lose or gain what: one line for each (role, purpose, action, class) that comes out otherwise. */
  changes: readonly Readonly<{
    role: string;
    action: Action;
    purpose: string;
    /** Null: the request as a whole. */
    dataClass: DataClass | null;
    from: string;
    to: string;
    /** How many of the questions. */
    count: number;
  }>[];
}>;

/** @param entry an entry of the log, parsed @returns null when it tells of no question about data */
export function pastQuestion(entry: unknown): PastQuestion | null {
  const { action, actor, purpose, classes, detail } = (entry ?? {}) as {
    action?: string;
    actor?: { role?: string };
    purpose?: string;
    classes?: readonly string[];
    detail?: { collection?: string; collections?: readonly string[] };
  };
  const asked = action === undefined || !Object.hasOwn(ASKED, action) ? undefined : ASKED[action];
  if (asked === undefined || actor?.role === undefined) return null;
  return {
    role: actor.role,
    action: asked,
    purpose: purpose ?? NOTHING,
    collection: detail?.collection ?? detail?.collections?.[0] ?? NOTHING,
    classes: DATA_CLASSES.filter((each) => classes?.includes(each) === true),
  };
}

export function replay(questions: Iterable<PastQuestion>, before: Engine, after: Engine): Replayed {
  const changes = new Map<
    string,
    { -readonly [K in keyof Replayed['changes'][number]]: Replayed['changes'][number][K] }
  >();
  let count = 0;
  for (const { role, action, purpose, collection, classes } of questions) {
    count += 1;
    const facts: Facts = { ...UNKNOWN, purpose, collection };
    const [was, is] = [before.verdict(role, action, facts), after.verdict(role, action, facts)];
    const note = (dataClass: DataClass | null, from: string, to: string): void => {
      if (from === to) return;
      const key = [role, action, purpose, dataClass ?? '', from, to].join(' ');
      const known = changes.get(key);
      if (known === undefined) changes.set(key, { role, action, purpose, dataClass, from, to, count: 1 });
      else known.count += 1;
    };
    note(null, was.allow ? 'allowed' : 'denied', is.allow ? 'allowed' : 'denied');
    // only fields that were declared for the purpose can have left, or any for a legal one
    for (const each of classes) note(each, was.field(each, true).state, is.field(each, true).state);
  }
  return { questions: count, changes: [...changes.values()].toSorted((a, b) => b.count - a.count) };
}
