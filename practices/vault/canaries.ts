/**
 * Persons who do not exist, for restores that are tried: some are erased, and must stay unreadable whatever comes back;
 * the others must open to what was written. They are sealed, indexed, logged and shredded as anybody is.
 *
 * Nobody's permission is asked and no hold is looked for: who calls has decided, and nobody but it knows these subjects.
 * They expire by themselves, should nobody come to shred them.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto';

import { transact } from '#platform/db';
import { parseRecordId, recordIdText, type RecordId, type SubjectId } from '#platform/ids';
import type { CollectionSpec, FieldSpec } from '#practices/collection';

import type { CheckValue } from './check-record.ts';
import { collectionByNo, collectionOf, type Caller, type Core } from './core.ts';
import { putRecords } from './put.ts';
import { plantGiven, type PlantGiven } from './plant-given.ts';
import { vaultFailure } from './failures.ts';
import { madeUp, NUMBERS } from './made-up.ts';
import { openFields } from './seal-record.ts';
import { lockSubject, shredIn, subjectHash } from './shred.ts';
import { boxOf, putBox } from './store/harm.ts';
import { rowsOfSubjects } from './store/forgotten.ts';
import { loadRecords } from './store/records.ts';
import { isErased } from './store/subjects.ts';

/** `sha256` of what was written; the value itself is nowhere but in the vault. */
export type Canary = Readonly<{ subjectId: SubjectId; record: string; sha256: string }>;
export type SeenCanary = Readonly<{
  /** It was erased, nothing of it is left, and its record does not open. */
  gone: boolean;
  /** It opens to what was written. */
  whole: boolean;
}>;
/** With a value in every field that one can be made up for. */
export type WholeCanary = Readonly<{
  subjectId: SubjectId;
  record: string;
  values: Readonly<Record<string, string>>;
}>;
export type Canaries = Readonly<{
  /** For exercises, with values that are given. */
  plantGiven: PlantGiven;
  /** For tests of the running system. @returns none when the collection requires what cannot be made up @throws VAULT_COLLECTION_UNKNOWN */
  plantWhole: (collection: string, count: number, livesMs: number) => Promise<WholeCanary[]>;
  /** @returns none when no collection takes one: values that cannot be made up are required */
  plant: (count: number) => Promise<Canary[]>;
  rowsLeft: (subjectId: SubjectId) => Promise<number>;
  /** The sealed bytes of a canary's record. @throws VAULT_NOT_FOUND */
  boxOf: (id: RecordId) => Promise<Buffer>;
  /** Puts other bytes in their place, to see that it is noticed. @returns those that were there @throws VAULT_NOT_FOUND */
  harm: (id: RecordId, box: Buffer) => Promise<Buffer>;
  shred: (subjects: readonly SubjectId[]) => Promise<void>;
  see: (canaries: readonly Canary[]) => Promise<SeenCanary[]>;
}>;

const ACTOR = { kind: 'system', id: 'drill' } as const;
const CALLER = { actor: ACTOR, requestId: 'drill' } as unknown as Caller;
const LIVES_MS = 7 * 86_400_000;
const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** Of these no two canaries have the same. */
const CARRIERS: ReadonlySet<string> = new Set(['text', 'name', 'address', 'email']);

/** Where the least has to be made up: one text, and what is required. */
function fieldsFor(collection: CollectionSpec): readonly FieldSpec[] | null {
  const all = [...collection.fields.values()].filter((spec) => spec.minimise === null);
  const carrier = all.find(({ type, class: of }) => CARRIERS.has(type) && of !== 'special' && of !== 'public'); // prettier-ignore
  if (carrier === undefined) return null;
  const needed = [...collection.fields.values()].filter((spec) => spec.required && spec !== carrier);
  return needed.every((spec) => madeUp(spec, 'canary', 0) !== null) ? [carrier, ...needed] : null;
}

export function createCanaries(core: Core, checkValue: CheckValue): Canaries {
  const plantIn = async (
    collection: CollectionSpec,
    fields: readonly FieldSpec[],
    count: number,
  ): Promise<Canary[]> => {
    const values = Array.from({ length: count }, () => `Canary ${randomBytes(12).toString('hex')}`);
    const first = randomInt(NUMBERS);
    const items = values.map((text, n) => ({
      fields: Object.fromEntries(fields.map((spec) => [spec.name, madeUp(spec, text, (first + n) % NUMBERS)])),
      expiresAt: new Date(core.clock().getTime() + LIVES_MS).toISOString(),
    }));
    const { outcomes } = await putRecords(core, CALLER, {
      collection,
      items,
      onDuplicate: 'reject',
      checkValue,
      consents: () => () => ({ ok: true }),
    });
    const made = outcomes.flatMap((outcome) => (outcome.status === 'created' ? [outcome] : []));
    const sums = await Promise.all(made.map(({ id }) => openedSum(recordIdText(id))));
    return made.map(({ id, subjectId }, at) => ({ subjectId, record: recordIdText(id), sha256: sums[at] as string }));
  };

  /** Opened as a reader would; null when there is no such record, or no key to it. */
  const openedSum = async (record: string): Promise<string | null> => {
    const id = parseRecordId(record);
    const [stored] = id === null ? [] : await loadRecords(core.db, [id]);
    if (!stored) return null;
    const ring = await core.keys.open(stored.id.subjectId, stored.ring);
    const opened = openFields(core, collectionByNo(core, stored.collectionNo), stored.id, ring, stored.box, null);
    return hashOf([...opened].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  };

  const shred = async (subjects: readonly SubjectId[]): Promise<void> => {
    for (const subjectId of subjects) {
      await transact(core.db, async (tx) => {
        await lockSubject(core, tx, subjectId);
        await shredIn(core, tx, CALLER, subjectId, { cause: 'request' });
      });
      core.keys.forget(subjectId);
    }
  };

  const stored = async (id: RecordId): Promise<Buffer> => {
    const box = await boxOf(core.db, id);
    if (box === null) throw vaultFailure('NOT_FOUND');
    return box;
  };

  return {
    plantGiven: plantGiven(core, checkValue),
    plantWhole: async (name, count, livesMs) => {
      const collection = collectionOf(core, name);
      const all = [...collection.fields.values()].filter((spec) => spec.minimise === null);
      const fields = all.filter((spec) => madeUp(spec, 'canary', 0) !== null);
      if (all.some((spec) => spec.required && !fields.includes(spec))) return [];
      const first = randomInt(NUMBERS);
      const items = Array.from({ length: count }, (_, n) => ({
        fields: Object.fromEntries(
          fields.map((spec) => [spec.name, madeUp(spec, `Canary ${randomBytes(12).toString('hex')}`, (first + n) % NUMBERS)]),
        ),
        expiresAt: new Date(core.clock().getTime() + livesMs).toISOString(),
      }));
      const { outcomes } = await putRecords(core, CALLER, { collection, items, onDuplicate: 'reject', checkValue, consents: () => () => ({ ok: true }) });
      return outcomes.flatMap((outcome, at) =>
        outcome.status === 'created'
          ? [{ subjectId: outcome.subjectId, record: recordIdText(outcome.id), values: Object.fromEntries(Object.entries(items[at]?.fields ?? {}).map(([field, value]) => [field, typeof value === 'string' ? value : JSON.stringify(value)])) }]
          : [],
      );
    }, // prettier-ignore
    plant: async (count) => {
      for (const collection of core.catalog().collections.values()) {
        const fields = fieldsFor(collection);
        if (fields === null) continue;
        const planted = await plantIn(collection, fields, count);
        if (planted.length === count) return planted;
        await shred(planted.map(({ subjectId }) => subjectId));
      }
      return [];
    },
    rowsLeft: (subjectId) => rowsOfSubjects(core.db, [subjectId]),
    boxOf: (id) => stored(id),
    harm: async (id, box) => {
      const before = await stored(id);
      await putBox(core.db, id, box);
      return before;
    },
    shred,
    see: async (canaries) => {
      const found: SeenCanary[] = [];
      await core.audit.append({ action: 'vault.canaries', actor: ACTOR, subjects: canaries.map(({ subjectId }) => subjectId), outcome: 'done', detail: { records: canaries.length } }); // prettier-ignore
      for (const { subjectId, record, sha256 } of canaries) {
        const hash = subjectHash(core.installation, subjectId);
        const sum = await openedSum(record);
        const buried = (await isErased(core.db, [hash])).size === 1;
        const left = await rowsOfSubjects(core.db, [subjectId]);
        found.push({ gone: buried && left === 0 && sum === null, whole: !buried && sum === sha256 });
      }
      return found;
    },
  };
}
