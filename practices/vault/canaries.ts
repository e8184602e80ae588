/**
 * Persons who do not exist, for restores that are tried: some are erased, and must stay unreadable whatever comes back;
 * the others must open to what was written. They are sealed, indexed, logged and shredded as anybody is.
 *
 * Nobody's permission is asked and no hold is looked for: who calls has decided, and nobody but it knows these subjects.
 * They expire by themselves, should nobody come to shred them.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto';

import { transact } from '#platform/db';
import { parseRecordId, recordIdText, type SubjectId } from '#platform/ids';
import type { CollectionSpec, FieldSpec } from '#practices/collection';

import type { CheckValue } from './check-record.ts';
import { collectionByNo, type Caller, type Core } from './core.ts';
import { putRecords } from './put.ts';
import { openFields } from './seal-record.ts';
import { lockSubject, shredIn, subjectHash } from './shred.ts';
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
export type Canaries = Readonly<{
  /** @returns none when no collection takes one: values that cannot be made up are required */
  plant: (count: number) => Promise<Canary[]>;
  shred: (subjects: readonly SubjectId[]) => Promise<void>;
  see: (canaries: readonly Canary[]) => Promise<SeenCanary[]>;
}>;

const ACTOR = { kind: 'system', id: 'drill' } as const;
const CALLER = { actor: ACTOR, requestId: 'drill' } as unknown as Caller;
const LIVES_MS = 7 * 86_400_000;
/** So many numbers are kept for films. */
const NUMBERS = 1000;
const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/**
 * A value of this type that is nobody's, another for each canary: an address of RFC 2606, a telephone number of those that
 * the Bundesnetzagentur keeps for films, a card of the ISO's own (no issuer begins with 0), an account at no bank.
 * @param n tells one from the other, below 1000
 */
function madeUp(spec: FieldSpec, text: string, n: number): unknown {
  const fits = text.slice(0, spec.maxLength);
  switch (spec.type) {
    case 'text':
    case 'name':
    case 'address':
      return fits;
    case 'email':
      return `${text.replaceAll(/[^a-z0-9]/gi, '').toLowerCase()}@canary.invalid`;
    case 'date':
      return '1900-01-01';
    case 'number':
    case 'integer':
      return 0;
    case 'boolean':
      return false;
    case 'json':
      return { canary: fits };
    case 'choice':
      return spec.values?.[0] ?? null;
    case 'country':
      return 'DE';
    case 'postcode':
      return '00000';
    case 'phone':
      return `+493023125${String(n).padStart(3, '0')}`;
    case 'card':
      return luhn(`0000999999${String(n).padStart(5, '0')}`);
    case 'iban':
      return iban('DE', `${'0'.repeat(8)}${String(n).padStart(10, '0')}`);
  }
  return null;
}

/** With its check digit. Source: ISO/IEC 7812-1, annex B */
function luhn(digits: string): string {
  const sum = [...digits].toReversed().reduce((total, digit, at) => {
    const twice = Number(digit) * (at % 2 === 0 ? 2 : 1);
    return total + (twice > 9 ? twice - 9 : twice);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** With its check digits. Source: ISO 7064, MOD 97-10 */
function iban(country: string, account: string): string {
  const letters = [...country].map((letter) => letter.charCodeAt(0) - 55).join('');
  const check = 98n - (BigInt(`${account}${letters}00`) % 97n);
  return `${country}${String(check).padStart(2, '0')}${account}`;
}

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
      checkConsent: () => ({ ok: true }),
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

  return {
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
