/**
 * How the values of a collection are, from some of its records: how many differ, how often the commonest is there, which
 * fields say the same. Only numbers leave. As with every read the log has it before anything is opened.
 */
import { createHash } from 'node:crypto';

import { uuidv7, type SubjectId } from '#platform/ids';
import type { CollectionSpec } from '#practices/collection';

import { collectionNo, collectionOf, type Core } from './core.ts';
import { isDamaged } from './damaged.ts';
import { openFields } from './seal-record.ts';
import { pageOfCollection, type StoredRecord } from './store/records.ts';

export type FieldSample = Readonly<{
  records: number;
  fields: Readonly<Record<string, Readonly<{ values: number; distinct: number; commonest: number }>>>;
  same: Readonly<Record<string, Readonly<{ both: number; same: number }>>>;
}>;

/** Subjects of restricted processing are left out, and so are fields of class special. */
export async function sampleFields(core: Core, collection: string, limit: number): Promise<FieldSample> {
  const spec = collectionOf(core, collection);
  const names = [...spec.fields.values()].filter((field) => field.class !== 'special').map(({ name }) => name);
  const page = await anyPage(core, collectionNo(core, spec), limit);
  const stored = page.filter(({ restricted }) => restricted === null);
  await core.audit.append({
    action: 'vault.sample', actor: { kind: 'system', id: 'review' }, subjects: stored.map(({ id }) => id.subjectId), outcome: 'done',
    detail: { collection, records: stored.length, fields: names },
  }); // prettier-ignore
  // by hashes, so that the values need not be kept beside each other
  const seen = new Map(names.map((name) => [name, new Map<string, number>()]));
  const same: Record<string, { both: number; same: number }> = {};
  let records = 0;
  for (const record of stored) {
    const opened = await openUndamaged(core, spec, record, new Set(names));
    if (opened === null) continue;
    records += 1;
    const hashes = [...opened].map(([name, value]) => [name, hashOf(value)] as const);
    hashes.forEach(([name, hash], at) => {
      const counts = seen.get(name) as Map<string, number>;
      counts.set(hash, (counts.get(hash) ?? 0) + 1);
      for (const [other, otherHash] of hashes.slice(0, at)) {
        const pair = (same[`${other} ${name}`] ??= { both: 0, same: 0 });
        pair.both += 1;
        if (hash === otherHash) pair.same += 1;
      }
    });
  }
  const fields = Object.fromEntries([...seen].map(([name, counts]) => {
    const all = [...counts.values()];
    return [name, { values: all.reduce((sum, n) => sum + n, 0), distinct: counts.size, commonest: Math.max(0, ...all) }];
  })); // prettier-ignore
  return { records, fields, same };
}

/** Null for one that does not open any more: it is no number, and a verification tells of it. */
async function openUndamaged(
  core: Core,
  spec: CollectionSpec,
  { id, ring, box }: StoredRecord,
  names: ReadonlySet<string>,
) {
  try {
    return openFields(core, spec, id, await core.keys.open(id.subjectId, ring), box, names);
  } catch (thrown) {
    if (isDamaged(thrown)) return null;
    throw thrown;
  }
}

/** From a random place on: ids are in the order of time, and the oldest records are not like the newest. */
async function anyPage(core: Core, number: number, limit: number): Promise<StoredRecord[]> {
  const [[oldest], now] = [await pageOfCollection(core.db, number, null, 1), core.clock().getTime()];
  if (oldest === undefined) return [];
  const first = Number.parseInt(oldest.id.subjectId.replaceAll('-', '').slice(0, 12), 16);
  const from = uuidv7(first + Math.random() * Math.max(0, now - first)) as SubjectId;
  const page = await pageOfCollection(core.db, number, { subjectId: from, recordNo: 0n }, limit);
  return page.length === limit ? page : pageOfCollection(core.db, number, null, limit);
}

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('base64');
