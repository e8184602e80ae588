/** A customer's copy of everything, as it streams: one page of records, or one piece of a file, in memory at a time. */
import { recordIdText, subjectIdText, type SubjectId } from '#platform/ids';
import type { Caller } from '#practices/vault';

import type { Privacy } from '../privacy.ts';
import type { HeldFile } from './my-data.ts';
import { safeName, zipOf, type ZipFile } from './zip.ts';

type Sources = Pick<Privacy, 'myData' | 'consents' | 'requests' | 'notices' | 'seen' | 'restrictionOf' | 'happened'>;
/** Whose copy, and by whom it is read: decided and logged as any read. */
export type CopyOf = Readonly<{ by: Caller; subjectId: SubjectId }>;

/** All that is held, with what was said, asked and looked at (GDPR art. 15); files by name. One JSON object. */
export async function* jsonOf(sources: Sources, of: CopyOf): AsyncGenerator<string> {
  const { consents, requests, notices, restrictionOf, happened } = sources;
  const { subjectId } = of;
  const head = {
    schema: 'strongroom/copy/2',
    subject: subjectIdText(subjectId),
    notice: (await notices.published())?.hash ?? null,
    restriction: await restrictionOf(subjectId),
  };
  yield JSON.stringify(head).slice(0, -1);
  yield* members('records', recordsOf(sources, of));
  yield* members('files', filesOf(sources, of));
  yield* members('events', happened(subjectId));
  yield* members('consents', flat(consents.pages({ kind: 'subject', id: subjectId })));
  yield* members('requests', requests.all(subjectId));
  yield* members('seen', seenBy(sources, subjectId));
  yield '}\n';
}

async function* members(name: string, items: AsyncIterable<unknown>): AsyncGenerator<string> {
  yield `,"${name}":[`;
  let begun = false;
  for await (const item of items) {
    yield `${begun ? ',' : ''}${JSON.stringify(item)}`;
    begun = true;
  }
  yield ']';
}

async function* recordsOf({ myData }: Sources, { by, subjectId }: CopyOf): AsyncGenerator {
  for await (const page of myData.pages(by, subjectId, 'clear'))
    for (const { id, collection, fields } of page) {
      const all = Object.entries(fields);
      const values = Object.fromEntries(all.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]]))); // prettier-ignore
      // what policies keep even from its subject is named: who reads this has to know that it is not all
      const withheld = all.filter(([, { value }]) => value === undefined).map(([name]) => name);
      yield { id, collection, fields: values, ...(withheld.length === 0 ? {} : { withheld }) };
    }
}

async function* filesOf({ myData }: Sources, { by, subjectId }: CopyOf): AsyncGenerator {
  for await (const file of myData.files(by, subjectId)) {
    const { recordId, state, ...rest } = file;
    yield { record: recordIdText(recordId), ...rest, ...(state === 'clear' ? { path: pathOf(file) } : { withheld: true }) };
  }
} // prettier-ignore

async function* seenBy({ seen }: Sources, subjectId: SubjectId): AsyncGenerator {
  for (let before: number | null = null; ;) {
    const entries = await seen.list(subjectId, { before, limit: 100 });
    yield* entries;
    if (entries.length < 100) return;
    before = entries.at(-1)?.index ?? null;
  }
}

async function* flat<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const page of pages) yield* page;
}

const pathOf = ({ id, name = '' }: HeldFile): string => `files/${id}-${safeName(name)}`;
async function* bytes(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text);
}

/** The whole copy: `data.json`, and each file as it was given to us. */
export const zipCopy = (sources: Sources, of: CopyOf, at: Date): AsyncGenerator<Buffer> =>
  zipOf(parts(sources, of, at));

async function* parts(sources: Sources, of: CopyOf, at: Date): AsyncGenerator<ZipFile> {
  const { myData } = sources;
  yield { name: 'data.json', at, content: bytes(jsonOf(sources, of)) };
  for await (const file of myData.files(of.by, of.subjectId))
    if (file.state === 'clear')
      yield { name: pathOf(file), at: new Date(file.createdAt), content: await myData.content(of.by, file) };
}

/** RFC 4180; a value that a spreadsheet would take for a formula is text to it (a quote in front). */
const cell = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
};

/** The records alone, a line for each value. */
export async function* csvOf({ myData }: Sources, { by, subjectId }: CopyOf): AsyncGenerator<string> {
  yield 'record,collection,field,value\r\n';
  for await (const page of myData.pages(by, subjectId, 'clear'))
    for (const { id, collection, fields } of page)
      for (const [name, { value }] of Object.entries(fields))
        if (value !== undefined) yield `${[id, collection, name, value].map(cell).join(',')}\r\n`;
}
