/** What is held about the customer who is signed in: read as any read is, decided and logged, by the role `center`. */
import { isFailure } from '#platform/failure';
import { parseRecordId, type RecordId, type SubjectId } from '#platform/ids';
import type { Access } from '#practices/access';
import type { Catalog } from '#practices/collection';
import type { Caller, Vault } from '#practices/vault';

import { privacyFailure } from '../failures.ts';

/** Who is known by an address, and the address as it is stored: that is where mail goes, however it was typed. */
export type Known = Readonly<{ subjectId: SubjectId; address: string }>;
export type Page = Awaited<ReturnType<Vault['read']>>['records'];
export type MyData = {
  /** Pages of at most 200 records, so that any number of them streams. @throws PRIVACY_CENTER_OFF */
  pages: (subjectId: SubjectId, requestId: string, shown: 'masked' | 'clear') => AsyncGenerator<Page>;
  /** Everybody who is known by an address; of more than two, two. @throws PRIVACY_CENTER_OFF */
  findByAddress: (address: string) => Promise<readonly Known[]>;
};
export type MyDataNeeds = Readonly<{
  catalog: () => Catalog;
  records: Pick<Vault, 'read' | 'search' | 'recordsOf'>;
  systemActor: Access['systemActor'];
}>;

const PAGE = 200;
const HITS_AT_ONCE = 20;

/** The purpose that a subject's rights are served for: `legal.request` where it is declared, else another below legal. */
export const legalPurpose = ({ purposes }: Catalog): string | null =>
  purposes.has('legal.request')
    ? 'legal.request'
    : ([...purposes.keys()].find((id) => id.startsWith('legal.')) ?? null);

export function createMyData({ catalog, records, systemActor }: MyDataNeeds): MyData {
  const caller = async (requestId: string, id: 'center' | 'sign-in'): Promise<Caller> => {
    const [actor, purpose] = [await systemActor(id, 'center'), legalPurpose(catalog())];
    if (actor === null || purpose === null) throw privacyFailure('CENTER_OFF');
    return { actor, purpose, requestId };
  };
  /** What expired or was deleted meanwhile is left out, and is no error of the rest. */
  const read = async (by: Caller, ids: readonly RecordId[], masked: boolean): Promise<Page> => {
    try {
      return (await records.read(by, ids, { fields: null, masked })).records;
    } catch (thrown) {
      if (!isFailure(thrown, 'VAULT_NOT_FOUND')) throw thrown;
      if (ids.length === 1) return [];
    }
    const found: Page = [];
    for (const id of ids) found.push(...(await read(by, [id], masked)));
    return found;
  };
  return {
    pages: async function* (subjectId, requestId, shown) {
      const by = await caller(requestId, 'center');
      const ids = await records.recordsOf(subjectId);
      for (let at = 0; at < ids.length; at += PAGE) {
        yield await read(by, ids.slice(at, at + PAGE), shown === 'masked');
      }
    },
    findByAddress: async (address) => {
      // whoever types an address is nobody yet: in the log it is not the customer who looked
      const by = await caller('sign-in', 'sign-in');
      const found = new Map<SubjectId, string>();
      for (const collection of catalog().collections.values())
        for (const field of collection.fields.values()) {
          if (field.type !== 'email' || !field.search.some(({ kind }) => kind === 'exact')) continue;
          if (!field.purposes.some(({ id }) => id === by.purpose)) continue;
          const ask = { collection: collection.name, where: { [field.name]: address }, fields: [field.name], limit: HITS_AT_ONCE };
          // to the end: whoever has many records must not hide another who shares the address
          let cursor: string | undefined;
          do {
            const page = await records.search(by, { ...ask, ...(cursor === undefined ? {} : { cursor }) });
            for (const { id, fields } of page.records) {
              const [subjectId, stored] = [parseRecordId(id)?.subjectId, fields[field.name]?.value];
              if (subjectId !== undefined && typeof stored === 'string') found.set(subjectId, stored);
            }
            cursor = page.cursor;
          } while (cursor !== undefined && found.size < 2);
        }
      return [...found].slice(0, 2).map(([subjectId, stored]) => ({ subjectId, address: stored }));
    },
  }; // prettier-ignore
}
