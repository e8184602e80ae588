/** A page of a collection, read as any read is, for exports. */
import type { RecordId } from '#platform/ids';

import { isPassedOver } from './consents.ts';
import { collectionNo, collectionOf, purposeOf, type Caller, type Core } from './core.ts';
import { readRecords, type ReadAsk, type ReadRecord } from './read.ts';
import { pageOfCollection } from './store/records.ts';

export type ExportPageAsk = Readonly<{
  collection: string;
  fields: readonly string[] | null;
  after: RecordId | null;
  limit: number;
}> &
  Pick<ReadAsk, 'leaves' | 'detail'>;

/**
 * One decision and one entry in the log, which counts as `passedOver` whose subject does not agree to the purpose or is restricted.
 * @returns pages until `next` is null
 */
export async function exportPage(
  core: Core,
  caller: Caller,
  { collection, after, limit, ...ask }: ExportPageAsk,
): Promise<{ records: ReadRecord[]; next: RecordId | null }> {
  const page = await pageOfCollection(core.db, collectionNo(core, collectionOf(core, collection)), after, limit);
  const purpose = purposeOf(core, caller);
  const madeUp = await core.madeUp(page.map(({ id }) => id.subjectId));
  const real = page.filter(({ id }) => !madeUp.has(id.subjectId));
  const open = real.filter((each) => !isPassedOver(core, purpose, each));
  const passedOver = real.length - open.length;
  const detail = passedOver === 0 ? ask.detail : { ...ask.detail, passedOver };
  const { records } = await readRecords(core, caller, { ...ask, action: 'records.export', ...(detail === undefined ? {} : { detail }) }, open); // prettier-ignore
  return { records, next: page.length < limit ? null : (page.at(-1)?.id ?? null) };
}
