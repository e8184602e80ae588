/** Where mail reaches somebody: the address that they sign in to the center by, as it is stored. */
import { isFailure } from '#platform/failure';
import type { RecordId, SubjectId } from '#platform/ids';
import { readAddress } from '#platform/mail';
import type { Catalog, CollectionSpec, FieldSpec } from '#practices/collection';
import type { Caller, Vault } from '#practices/vault';

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

/** Nothing but these fields is opened, page by page; as any read it is decided and logged. */
export async function addressOf({ catalog, records }: AddressNeeds, by: Caller, subjectId: SubjectId): Promise<Address> {
  const found = new Set<string>();
  for (const collection of catalog().collections.values()) {
    const names = signInFields(collection, by.purpose).map(({ name }) => name);
    let after: RecordId | null = null;
    while (names.length > 0 && found.size < 2) {
      const ids: RecordId[] = await records.recordsOf(subjectId, { after, limit: PAGE, collection: collection.name });
      for (const value of await valuesOf(records, by, ids, names)) if (typeof value === 'string') found.add(value);
      if (ids.length < PAGE) break;
      after = ids.at(-1) ?? null;
    }
  }
  const [address, ...others] = found;
  // what no mail goes to is none
  if (address === undefined || (others.length === 0 && readAddress(address) === null)) return { kind: 'none' };
  return others.length === 0 ? { kind: 'one', address } : { kind: 'several' };
} // prettier-ignore

/** One read of all of them; where one was taken away meanwhile, one of each, and none of that one. */
async function valuesOf(records: AddressNeeds['records'], by: Caller, ids: readonly RecordId[], names: readonly string[]): Promise<unknown[]> {
  if (ids.length === 0) return [];
  try {
    const read = await records.read(by, ids, { fields: names });
    return read.records.flatMap(({ fields }) => Object.values(fields).map(({ value }) => value));
  } catch (thrown) {
    if (!isFailure(thrown, 'VAULT_NOT_FOUND')) throw thrown;
  }
  const found: unknown[] = [];
  if (ids.length > 1) for (const id of ids) found.push(...(await valuesOf(records, by, [id], names)));
  return found;
} // prettier-ignore
