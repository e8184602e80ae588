/** A customer's copy of everything, as it streams: one page of records in memory at a time. */
import type { SubjectId } from '#platform/ids';

import type { Privacy } from '../privacy.ts';

type Sources = Pick<Privacy, 'myData' | 'consents' | 'requests' | 'notices' | 'seen'>;

/** All that is held, with what was said, asked and looked at (GDPR art. 15). One JSON object. */
export async function* jsonOf(sources: Sources, subjectId: SubjectId, requestId: string): AsyncGenerator<string> {
  const { myData, consents, requests, notices, seen } = sources;
  const notice = await notices.published();
  yield `{"schema":"strongroom/copy/1","notice":${JSON.stringify(notice?.hash ?? null)},"records":[`;
  let begun = false;
  for await (const page of myData.pages(subjectId, requestId, 'clear'))
    for (const { id, collection, fields } of page) {
      const values = Object.fromEntries(Object.entries(fields).flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]]))); // prettier-ignore
      yield `${begun ? ',' : ''}${JSON.stringify({ id, collection, fields: values })}`;
      begun = true;
    }
  yield '],"consents":[';
  begun = false;
  for await (const page of consents.pages({ kind: 'subject', id: subjectId }))
    for (const event of page) {
      yield `${begun ? ',' : ''}${JSON.stringify(event)}`;
      begun = true;
    }
  yield `],"requests":${JSON.stringify(await requests.of(subjectId))},"seen":[`;
  let before: number | null = null;
  begun = false;
  for (;;) {
    const entries = await seen.list(subjectId, { before, limit: 100 });
    for (const entry of entries) {
      yield `${begun ? ',' : ''}${JSON.stringify(entry)}`;
      begun = true;
    }
    if (entries.length < 100) break;
    before = entries.at(-1)?.index ?? null;
  }
  yield ']}\n';
}

/** RFC 4180; a value that a spreadsheet would take for a formula is text to it (a quote in front). */
const cell = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
};

/** The records alone, a line for each value. */
export async function* csvOf({ myData }: Sources, subjectId: SubjectId, requestId: string): AsyncGenerator<string> {
  yield 'record,collection,field,value\r\n';
  for await (const page of myData.pages(subjectId, requestId, 'clear'))
    for (const { id, collection, fields } of page)
      for (const [name, { value }] of Object.entries(fields))
        if (value !== undefined) yield `${[id, collection, name, value].map(cell).join(',')}\r\n`;
}
