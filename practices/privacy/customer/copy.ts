/** A customer's copy of everything, as it streams: one page of records, or one piece of a file, in memory at a time. */
import { isFailure } from '#platform/failure';
import { recordIdText, subjectIdText, type RecordId, type SubjectId } from '#platform/ids';
import { safeName, zipOf, type ZipFile } from '#platform/zip';

import { LANGUAGES, sayIn } from '../notice/languages.ts';
import type { Privacy } from '../privacy.ts';
import { isDamage, type Missing } from './missing.ts';
import type { HeldFile, Reader } from './my-data.ts';

type Sources = Pick<Privacy, 'myData' | 'consents' | 'requests' | 'notices' | 'seen' | 'restrictions' | 'happened'>;
/** Whose copy, and by whom it is read: decided and logged as any read. */
export type CopyOf = Readonly<{ by: Reader; subjectId: SubjectId }>;

/** All that is held, with what was said, asked and looked at (GDPR art. 15); files by name. One JSON object. @param missing what could not be read is added to it, and named at the end */
export async function* jsonOf(sources: Sources, of: CopyOf, missing: Missing): AsyncGenerator<string> {
  const { consents, requests, notices, restrictions, happened } = sources;
  const { subjectId } = of;
  const restriction = await restrictions.of(subjectId);
  const head = {
    schema: 'strongroom/copy/2',
    subject: subjectIdText(subjectId),
    notice: (await notices.published())?.hash ?? null,
    restriction: restriction?.because ?? null,
    ...(restriction === null
      ? {}
      : {
          restrictedSince: restriction.since,
          restrictionEnds: restriction.end === null ? null : { ...restriction.end, words: restriction.words },
        }),
  };
  yield JSON.stringify(head).slice(0, -1);
  yield* members('records', recordsOf(sources, of, missing));
  yield* members('files', filesOf(sources, of, missing));
  yield* members('events', happened(subjectId));
  const without = (what: 'consent' | 'request') => (record: string) => missing.add({ what, record });
  yield* members('consents', flat(consents.pages({ kind: 'subject', id: subjectId }, without('consent'))));
  yield* members('requests', requests.all(subjectId, without('request')));
  yield* members('seen', seenBy(sources, subjectId));
  yield `,"missing":${JSON.stringify(missing.pieces)}`;
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

async function* recordsOf({ myData }: Sources, { by, subjectId }: CopyOf, missing: Missing): AsyncGenerator {
  const damaged = (id: RecordId): void => missing.add({ what: 'record', record: recordIdText(id) });
  for await (const page of myData.pages(by, subjectId, 'clear', damaged))
    for (const { id, collection, fields } of page) {
      const all = Object.entries(fields);
      const values = Object.fromEntries(all.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]]))); // prettier-ignore
      // what policies keep even from its subject is named: who reads this has to know that it is not all
      const withheld = all.filter(([, { value }]) => value === undefined).map(([name]) => name);
      yield { id, collection, fields: values, ...(withheld.length === 0 ? {} : { withheld }) };
    }
}

async function* filesOf({ myData }: Sources, { by, subjectId }: CopyOf, missing: Missing): AsyncGenerator {
  const damaged = (id: RecordId): void => missing.add({ what: 'list of files', record: recordIdText(id) });
  for await (const file of myData.files(by, subjectId, damaged)) {
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

/**
 * The whole copy: `data.json`, each file as it was given to us, and `manifest.json`, which says whether that was all. What
 * could not be read is named there, and in MISSING.txt in words; the rest is there.
 */
export const zipCopy = (sources: Sources, of: CopyOf, at: Date, missing: Missing): AsyncGenerator<Buffer> =>
  zipOf(parts(sources, of, at, missing));

async function* parts(sources: Sources, of: CopyOf, at: Date, missing: Missing): AsyncGenerator<ZipFile> {
  const { myData } = sources;
  yield { name: 'data.json', at, content: bytes(jsonOf(sources, of, missing)) };
  let files = 0;
  // whose list is damaged is known since data.json
  for await (const file of myData.files(of.by, of.subjectId, () => undefined)) {
    if (file.state !== 'clear') continue;
    const content = await begun(file, missing, async () => myData.content(of.by, file));
    if (content === null) continue;
    files += 1;
    yield { name: pathOf(file), at: new Date(file.createdAt), content };
  }
  const { pieces, count } = missing;
  if (count > 0) yield { name: 'MISSING.txt', at, content: bytes(wordsOf(missing)) };
  const manifest = { schema: 'strongroom/copy-manifest/1', complete: count === 0, files, missingCount: count, missing: pieces };
  yield { name: 'manifest.json', at, content: bytes(once(`${JSON.stringify(manifest, null, 2)}\n`)) };
} // prettier-ignore

/**
 * A file whose beginning could be read, as it streams: where it cannot be read on, it ends there, and is missing.
 * @returns null when nothing of it could be read
 */
async function begun(file: HeldFile, missing: Missing, open: () => Promise<AsyncGenerator<Buffer>>): Promise<AsyncIterable<Buffer> | null> {
  const { recordId, id, sizeBytes } = file;
  const about = { what: 'file', record: recordIdText(recordId), file: id, path: pathOf(file), sizeBytes } as const;
  try {
    const content = await open();
    const first = await content.next();
    return (async function* () {
      let bytesBefore = 0;
      try {
        for (let part = first; part.done !== true; part = await content.next()) {
          yield part.value;
          bytesBefore += part.value.length;
        }
      } catch (thrown) {
        if (!isDamage(thrown)) throw thrown;
        missing.add({ ...about, bytesBefore });
      }
    })();
  } catch (thrown) {
    // taken away meanwhile: it is no more held
    if (isFailure(thrown, 'VAULT_ATTACHMENT_NOT_FOUND') || isFailure(thrown, 'VAULT_NOT_FOUND')) return null;
    if (!isDamage(thrown)) throw thrown;
    missing.add({ ...about, bytesBefore: 0 });
    return null;
  }
} // prettier-ignore

/** For who opens the archive: in every language, since who asked by letter has none here. */
async function* wordsOf({ pieces, count }: Missing): AsyncGenerator<string> {
  for (const language of LANGUAGES) yield `${sayIn(language)('copyMissing', { count })}\n\n`;
  for (const { what, record, path, bytesBefore, sizeBytes } of pieces)
    yield `- ${path ?? `${what} ${record}`}${sizeBytes === undefined ? '' : ` (${bytesBefore ?? 0} / ${sizeBytes} bytes)`}\n`;
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

/** RFC 4180; a value that a spreadsheet would take for a formula is text to it (a quote in front). */
const cell = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
};

/** The records alone, a line for each value. */
export async function* csvOf({ myData }: Sources, { by, subjectId }: CopyOf, missing: Missing): AsyncGenerator<string> {
  yield 'record,collection,field,value\r\n';
  const damaged = (id: RecordId): void => missing.add({ what: 'record', record: recordIdText(id) });
  for await (const page of myData.pages(by, subjectId, 'clear', damaged))
    for (const { id, collection, fields } of page)
      for (const [name, { value }] of Object.entries(fields))
        if (value !== undefined) yield `${[id, collection, name, value].map(cell).join(',')}\r\n`;
  for (const { record } of missing.pieces) yield `${[record, '', '', 'could not be read'].map(cell).join(',')}\r\n`;
}
