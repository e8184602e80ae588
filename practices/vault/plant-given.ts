/**
 * Persons who do not exist, with values that somebody else made up: the customers of an exercise. They are sealed, indexed and
 * logged as anybody is, and expire by themselves should nobody come to shred them.
 *
 * Nobody's permission is asked: who calls has decided, and writes down in the same transaction whom it made.
 */
import { randomBytes, randomInt } from 'node:crypto';

import type { Tx } from '#platform/db';
import type { SubjectId } from '#platform/ids';
import type { CollectionSpec } from '#practices/collection';

import type { CheckValue } from './check-record.ts';
import type { Caller, Core } from './core.ts';
import { madeUp, NUMBERS } from './made-up.ts';
import { putRecords, type PutOutcome } from './put.ts';

type Given = Readonly<Record<string, string>>;

/** @param remember in the transaction that makes them, with whom it makes, in order */
export type PlantGiven = (
  people: readonly Given[],
  livesMs: number,
  remember: (tx: Tx, subjects: readonly SubjectId[]) => Promise<void>,
) => Promise<readonly SubjectId[] | null>;

/** Values that are made up may be somebody's by chance, where no two may have the same. */
const ATTEMPTS = 3;

/** @returns null, and nobody was made, where no collection has all these fields, or one requires what cannot be made up, or refuses a value */
export const plantGiven =
  (core: Core, checkValue: CheckValue): PlantGiven =>
  async (people, livesMs, remember) => {
    const collection = [...core.catalog().collections.values()].find((each) => takes(each, people));
    if (collection === undefined) return people.length === 0 ? [] : null;
    const caller = { actor: { kind: 'system', id: 'education' }, requestId: 'exercise' } as unknown as Caller;
    const fill = (given: Given, n: number) => missing(collection, given).map((spec) => [spec.name, madeUp(spec, `Exercise ${randomBytes(12).toString('hex')}`, n)]); // prettier-ignore
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const first = randomInt(NUMBERS);
      const items = people.map((given, at) => ({
        fields: { ...Object.fromEntries(fill(given, (first + at) % NUMBERS)), ...given },
        expiresAt: new Date(core.clock().getTime() + livesMs).toISOString(),
      }));
      try {
        const { outcomes } = await putRecords(core, caller, {
          collection, items, onDuplicate: 'reject', checkValue, consents: () => () => ({ ok: true }),
          remember: (tx, answer) => remember(tx, madeOf(answer.outcomes, people.length)),
        }); // prettier-ignore
        return madeOf(outcomes, people.length);
      } catch (thrown) {
        if (!(thrown instanceof Refused)) throw thrown;
      }
    }
    return null;
  };

/** Rolls back those of them that were stored. */
class Refused extends Error {}

function madeOf(outcomes: readonly PutOutcome[], count: number): readonly SubjectId[] {
  const made = outcomes.flatMap((each) => (each.status === 'created' ? [each.subjectId] : []));
  if (made.length < count) throw new Refused();
  return made;
}

const missing = ({ fields }: CollectionSpec, given: Given) =>
  [...fields.values()].filter((spec) => spec.required && !Object.hasOwn(given, spec.name));

const takes = (collection: CollectionSpec, people: readonly Given[]): boolean =>
  people.length > 0 &&
  people.every(
    (given) =>
      Object.keys(given).every((name) => collection.fields.get(name)?.minimise === null) &&
      missing(collection, given).every((spec) => madeUp(spec, 'Exercise', 0) !== null),
  );
