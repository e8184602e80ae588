/** Where mail reaches somebody: the address that they sign in to the center by, as it is stored. */
import { isFailure } from '#platform/failure';
import type { RecordId, SubjectId } from '#platform/ids';
import { readAddress } from '#platform/mail';
import type { Catalog, CollectionSpec, FieldSpec } from '#practices/collection';
import type { Caller, Vault } from '#practices/vault';

import { isDamage } from './missing.ts';

/** `several`: they are known by more than one, and which of them they read is not known here. */
export type Address = Readonly<{ kind: 'one'; address: string } | { kind: 'none' | 'several' }>;
export type AddressNeeds = Readonly<{
  catalog: () => Catalog;
  records: Pick<Vault, 'read' | 'recordsOf'>;
}>;

const PAGE = 100;

/** Fields that somebody is known by in the center: found by exactly their address, for the purpose of their rights. */
export const signInFields = ({ fields }: CollectionSpec, purpose: string | undefined): readonly FieldSpec[] =>
  [...fields.values()].filter(
    ({ type, search, purposes }) =>
      type === 'email' && search.some(({ kind }) => kind === 'exact') && purposes.some(({ id }) => id === purpose),
  );

/** One mailbox has many spellings: what is after a plus, and at Gmail dots. */
export function mailboxOf(address: string): string {
  const whole = address.trim().toLowerCase();
  const at = whole.lastIndexOf('@');
  const [local, domain] = [whole.slice(0, at).replace(/\+.*$/, ''), whole.slice(at + 1)];
  return domain === 'gmail.com' || domain === 'googlemail.com'
    ? `${local.replaceAll('.', '')}@gmail.com`
    : `${local}@${domain}`;
}

type Looking = Readonly<{
  passOver?: (thrown: unknown) => boolean;
  /** What is not one takes no place of the others. */
  only?: (value: string) => boolean;
}>;
/** Nothing but these fields is opened, page by page; as any read it is decided and logged. @param most looked for */
async function addressesIn({ catalog, records }: AddressNeeds, by: Caller, subjectId: SubjectId, most: number, { passOver, only = () => true }: Looking = {}): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const collection of catalog().collections.values()) {
    const names = signInFields(collection, by.purpose).map(({ name }) => name);
    let after: RecordId | null = null;
    while (names.length > 0 && found.size < most) {
      const ids: RecordId[] = await records.recordsOf(subjectId, { after, limit: PAGE, collection: collection.name });
      for (const value of await valuesOf(records, by, ids, names, passOver)) if (typeof value === 'string' && only(value)) found.add(value);
      if (ids.length < PAGE) break;
      after = ids.at(-1) ?? null;
    }
  }
  return [...found].slice(0, most);
} // prettier-ignore

export async function addressOf(needs: AddressNeeds, by: Caller, subjectId: SubjectId): Promise<Address> {
  const [address, ...others] = await addressesIn(needs, by, subjectId, 2);
  // what no mail goes to is none
  if (address === undefined || (others.length === 0 && readAddress(address) === null)) return { kind: 'none' };
  return others.length === 0 ? { kind: 'one', address } : { kind: 'several' };
}

const MOST_TOLD = 10;
/** All that they are known by, for what each of them has to hear: who has put one of theirs beside them hides nothing from the others. */
export const addressesOf = (needs: AddressNeeds, by: Caller, subjectId: SubjectId): Promise<readonly string[]> =>
  addressesIn(needs, by, subjectId, MOST_TOLD, { passOver: isPassedOver, only: (each) => readAddress(each) !== null });

const isGone = (thrown: unknown): boolean => isFailure(thrown, 'VAULT_NOT_FOUND');
/** Where any that can be read is enough: also what is damaged, and what may not be read. */
export const isPassedOver = (thrown: unknown): boolean =>
  isGone(thrown) || isDamage(thrown) || isFailure(thrown, 'VAULT_DENIED');
/** One read of all of them; where one was taken away meanwhile, one of each, and none of that one. */
export async function valuesOf(records: Pick<Vault, 'read'>, by: Caller, ids: readonly RecordId[], names: readonly string[], passOver = isGone): Promise<unknown[]> {
  if (ids.length === 0) return [];
  try {
    const read = await records.read(by, ids, { fields: names });
    return read.records.flatMap(({ fields }) => Object.values(fields).map(({ value }) => value));
  } catch (thrown) {
    if (!passOver(thrown)) throw thrown;
  }
  const found: unknown[] = [];
  if (ids.length > 1) for (const id of ids) found.push(...(await valuesOf(records, by, [id], names, passOver)));
  return found;
} // prettier-ignore
