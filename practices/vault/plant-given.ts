/**
 * Persons who do not exist, with values that somebody else made up: the customers of an exercise. They are sealed, indexed and
 * logged as anybody is, and expire by themselves should nobody come to shred them.
 *
 * Nobody's permission is asked: who calls has decided, and has written down whom it made.
 */
import { recordIdText, type SubjectId } from '#platform/ids';
import type { CollectionSpec } from '#practices/collection';

import type { CheckValue } from './check-record.ts';
import type { Caller, Core } from './core.ts';
import { madeUp } from './made-up.ts';
import { putRecords } from './put.ts';

export type GivenPerson = Readonly<{ subjectId: SubjectId; record: string; collection: string }>;
type Given = Readonly<Record<string, string>>;

/** @param n below 1000: tells what is made up for one of them from what is for others */
export type PlantGiven = (
  people: readonly Given[],
  livesMs: number,
  n: number,
) => Promise<readonly GivenPerson[] | null>;

/** @returns null where no collection has all these fields, or one requires what cannot be made up, or refuses a value */
export const plantGiven =
  (core: Core, checkValue: CheckValue): PlantGiven =>
  async (people, livesMs, n) => {
    const collection = [...core.catalog().collections.values()].find((each) => takes(each, people));
    if (collection === undefined) return people.length === 0 ? [] : null;
    const caller = { actor: { kind: 'system', id: 'education' }, requestId: 'exercise' } as unknown as Caller;
    const items = people.map((given) => ({
      fields: { ...Object.fromEntries(missing(collection, given).map((spec) => [spec.name, madeUp(spec, 'Exercise', n)])), ...given },
      expiresAt: new Date(core.clock().getTime() + livesMs).toISOString(),
    })); // prettier-ignore
    const { outcomes } = await putRecords(core, caller, { collection, items, onDuplicate: 'reject', checkValue, checkConsent: () => ({ ok: true }) }); // prettier-ignore
    const made = outcomes.flatMap((each) => (each.status === 'created' ? [each] : []));
    if (made.length < people.length) return null;
    return made.map(({ id, subjectId }) => ({ subjectId, record: recordIdText(id), collection: collection.name }));
  };

const missing = ({ fields }: CollectionSpec, given: Given) =>
  [...fields.values()].filter((spec) => spec.required && !Object.hasOwn(given, spec.name));

const takes = (collection: CollectionSpec, people: readonly Given[]): boolean =>
  people.length > 0 &&
  people.every(
    (given) =>
      Object.keys(given).every((name) => collection.fields.get(name)?.minimise === null) &&
      missing(collection, given).every((spec) => madeUp(spec, 'Exercise', 0) !== null),
  );
