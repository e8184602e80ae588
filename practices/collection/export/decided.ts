/** What the policies let leave of a profile's fields: decided as every read is, before and while it is opened. */
import type { FieldState } from '#practices/access';
import type { Vault } from '#practices/vault';

import type { CollectionSpec, FieldSpec, MaskKind } from '../catalog.ts';
import { collectionFailure } from '../failures.ts';
import { parseStep, takeStep, type Step } from './hierarchy.ts';
import { SUBJECT, type FieldRule } from './profile.ts';
import type { Pseudonym } from './pseudonym.ts';

type PageAsk = Parameters<Vault['exportPage']>[1];
export type LeavesBy = NonNullable<PageAsk['leaves']>;
type Leaves = LeavesBy extends ReadonlyMap<string, infer One> ? One : never;
type Value = Parameters<NonNullable<Leaves['make']>>[0];
export type Mask = (kind: MaskKind, value: Value) => Value;

/** A mask hides, and a pseudonym is a word for nothing but itself; what leaves coarse has to be open to the reader in clear. */
const NEEDS = { clear: 'clear', coarsen: 'clear', mask: 'masked', pseudonym: 'masked' } as const;

/** @throws COLLECTION_EXPORT_FIELD_DENIED, naming the fields */
export function mustLeave(
  collection: CollectionSpec,
  rules: Readonly<Record<string, FieldRule>>,
  stateOf: (spec: FieldSpec) => FieldState,
): void {
  const denied = Object.entries(rules).flatMap(([name, { as }]) => {
    const spec = collection.fields.get(name);
    if (spec === undefined) return [];
    const state = stateOf(spec);
    return state === 'clear' || (state === 'masked' && NEEDS[as] === 'masked') ? [] : [name];
  });
  if (denied.length > 0)
    throw collectionFailure('EXPORT_FIELD_DENIED', {
      detail: `not for this role and purpose: ${denied.join(', ')}`,
      extra: { fields: denied },
    });
}

/** How each field leaves, from where it is opened. */
export function leavesBy(
  collection: string,
  rules: Readonly<Record<string, FieldRule>>,
  { mask, pseudonym }: Readonly<{ mask: Mask; pseudonym: Pseudonym }>,
): LeavesBy {
  const leaves = new Map<string, Leaves>();
  for (const [name, { as, steps = [] }] of Object.entries(rules)) {
    if (name === SUBJECT) continue;
    const first = as === 'coarsen' ? (parseStep(steps[0] as string) as Step) : null;
    leaves.set(name, {
      needs: NEEDS[as],
      make:
        as === 'clear'
          ? null
          : (value, kind) => {
              if (first !== null) return takeStep(first, value) as Value | null;
              return as === 'mask' ? mask(kind, value) : pseudonym(`${collection}.${name}`, value);
            },
    });
  }
  return leaves;
}
