/** What is held about the customer who is signed in: read as any read is, decided and logged, by the role `center`. */
import { isFailure } from '#platform/failure';
import { parsePublicId, parseRecordId, type RecordId, type SubjectId, type Uuid } from '#platform/ids';
import type { Access } from '#practices/access';
import type { Catalog } from '#practices/collection';
import type { Caller, Vault } from '#practices/vault';

import { privacyFailure } from '../failures.ts';
import { addressesOf, addressOf, signInFields, type Address } from './address.ts';
import { isDamage } from './missing.ts';

/** Who is known by an address, and the address as it is stored: that is where mail goes, however it was typed. */
export type Known = Readonly<{ subjectId: SubjectId; address: string }>;
/**
 * Who reads while it streams. `renew` asks for them anew before each page and each file: a key that is revoked, a session that
 * ends or a course that lapses ends it there. Staff who takes a copy for a customer has one. Without it they stay who they were
 * when it began, which is for the center alone: its role is the system's own, and what policies let it read is decided anew
 * with each page all the same.
 */
export type Reader = Caller & Readonly<{ renew?: () => Promise<Caller['actor']> }>;
const asNow = async ({ renew, ...by }: Reader): Promise<Caller> =>
  renew === undefined ? by : { ...by, actor: await renew() };
export type Page = Awaited<ReturnType<Vault['read']>>['records'];
export type MyData = {
  /** By whom the center reads for who is signed in. @throws PRIVACY_CENTER_OFF */
  reader: (requestId: string) => Promise<Caller>;
  /** Pages of at most 200 records, so that any number of them streams. @param damaged told of each that could not be read, and is left out */
  pages: (by: Reader, subjectId: SubjectId, shown: 'masked' | 'clear', damaged: (id: RecordId) => void) => AsyncGenerator<Page>;
  /** Every file beside a record, by name. @param damaged told of each record whose list could not be read */
  files: (by: Reader, subjectId: SubjectId, damaged: (id: RecordId) => void) => AsyncGenerator<HeldFile>;
  /** What is in it, as it streams; it ends with a failure when what is stored was changed. */
  content: (by: Reader, file: HeldFile) => Promise<AsyncGenerator<Buffer>>;
  /** Where mail reaches them. @throws PRIVACY_CENTER_OFF */
  addressOf: (subjectId: SubjectId) => Promise<Address>;
  /** Each that they are known by, at most ten. @throws PRIVACY_CENTER_OFF */
  addressesOf: (subjectId: SubjectId) => Promise<readonly string[]>;
  /** Everybody who is known by an address; of more than two, two. @throws PRIVACY_CENTER_OFF */
  findByAddress: (address: string) => Promise<readonly Known[]>;
}; // prettier-ignore
export type HeldFile = Readonly<{ recordId: RecordId }> &
  Awaited<ReturnType<Vault['attachments']>>['attachments'][number];
export type MyDataNeeds = Readonly<{
  catalog: () => Catalog;
  records: Pick<Vault, 'read' | 'search' | 'recordsOf' | 'attachments' | 'openAttachment'>;
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
  const caller = async (requestId: string, id: 'center' | 'sign-in' | 'mail'): Promise<Caller> => {
    const [actor, purpose] = [await systemActor(id, 'center'), legalPurpose(catalog())];
    if (actor === null || purpose === null) throw privacyFailure('CENTER_OFF');
    return { actor, purpose, requestId };
  };
  /** What expired or was deleted meanwhile is left out, and is no error of the rest; nor is what is damaged. */
  const read = async (by: Caller, ids: readonly RecordId[], masked: boolean, damaged: (id: RecordId) => void): Promise<Page> => {
    try {
      return (await records.read(by, ids, { fields: null, masked })).records;
    } catch (thrown) {
      if (!isFailure(thrown, 'VAULT_NOT_FOUND') && !isDamage(thrown)) throw thrown;
      if (ids.length === 1) {
        if (isDamage(thrown)) damaged(ids[0] as RecordId);
        return [];
      }
    }
    const found: Page = [];
    for (const id of ids) found.push(...(await read(by, [id], masked, damaged)));
    return found;
  }; // prettier-ignore
  /** Ids, a page at a time. */
  const idsOf = async function* (subjectId: SubjectId, which: 'all' | 'with files'): AsyncGenerator<RecordId[]> {
    let after: RecordId | null = null;
    do {
      const ids: RecordId[] = await records.recordsOf(subjectId, { after, limit: PAGE, which });
      if (ids.length > 0) yield ids;
      after = ids.length === PAGE ? (ids.at(-1) ?? null) : null;
    } while (after !== null);
  };
  return {
    reader: (requestId) => caller(requestId, 'center'),
    pages: async function* (by, subjectId, shown, damaged) {
      for await (const ids of idsOf(subjectId, 'all')) yield await read(await asNow(by), ids, shown === 'masked', damaged);
    },
    files: async function* (by, subjectId, damaged) {
      for await (const ids of idsOf(subjectId, 'with files'))
        for (const recordId of ids) {
          const found = await records.attachments(await asNow(by), recordId).catch((thrown: unknown) => {
            if (!isFailure(thrown, 'VAULT_NOT_FOUND') && !isDamage(thrown)) throw thrown;
            if (isDamage(thrown)) damaged(recordId);
            return { attachments: [] };
          });
          for (const each of found.attachments) yield { recordId, ...each };
        }
    },
    content: async (by, { recordId, id }) =>
      (await records.openAttachment(await asNow(by), recordId, { attachmentId: parsePublicId('att', id) as Uuid })).content(),
    addressOf: async (subjectId) => addressOf({ catalog, records }, await caller('mail', 'mail'), subjectId),
    addressesOf: async (subjectId) => addressesOf({ catalog, records }, await caller('mail', 'mail'), subjectId),
    findByAddress: async (address) => {
      // whoever types an address is nobody yet: in the log it is not the customer who looked
      const by = await caller('sign-in', 'sign-in');
      const found = new Map<SubjectId, string>();
      for (const collection of catalog().collections.values())
        for (const field of signInFields(collection, by.purpose)) {
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
