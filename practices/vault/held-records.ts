/** What is held of whom by the names of the catalogue, from the directories of the boxes: nothing is opened. */
import type { SubjectId } from '#platform/ids';

import { nameOfCollection, type Core } from './core.ts';
import { EXTERNAL_NO } from './external-id.ts';
import type { HeldRow, RecordsOfSubject } from './store/held.ts';

export function bySubject(core: Core, rows: readonly HeldRow[]): RecordsOfSubject[] {
  const found = new Map<SubjectId, RecordsOfSubject & { records: RecordsOfSubject['records'][number][] }>();
  for (const row of rows) {
    let subject = found.get(row.subject_id);
    if (subject === undefined)
      found.set(
        row.subject_id,
        (subject = { subjectId: row.subject_id, restricted: row.because, consents: row.consents, records: [] }),
      );
    if (row.record_no === null) continue;
    const name = nameOfCollection(core, row.collection_no);
    const spec = name === null ? undefined : core.catalog().collections.get(name);
    const specs = spec === undefined ? new Map<number, { name: string }>() : core.fieldsByNo(spec);
    const numbers = numbersIn(row.directory);
    subject.records.push({
      recordNo: row.record_no,
      collectionNo: row.collection_no,
      collection: spec === undefined ? null : name,
      version: row.version,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      fields: numbers.flatMap((number) => specs.get(number)?.name ?? []),
      undeclared: numbers.filter((number) => number !== EXTERNAL_NO && !specs.has(number)),
      attachments: row.attachments,
      stopped: row.uses ?? [],
    });
  }
  return [...found.values()];
}

function numbersIn(directory: Buffer): number[] {
  const numbers: number[] = [];
  for (let at = 3; at + 7 <= directory.length; at += 7) numbers.push(directory.readUInt16BE(at));
  return numbers;
}
