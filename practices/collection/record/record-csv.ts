/**
 * The record of processing as CSV (RFC 4180): a line for each purpose and field.
 *
 * A cell that a spreadsheet would take for a formula gets an apostrophe in front: titles are written by people.
 */
import { basesInWords } from './in-words.ts';
import type { RecordOfProcessing } from './record-of-processing.ts';

const HEAD = [
  'purpose', 'title', 'legal basis', 'art. 9 condition', 'consent', 'subjects', 'collection', 'field', 'field title', 'class', 'category', 'source',
  'recipients', 'countries', 'kept', 'controller', 'catalogue',
] as const; // prettier-ignore

export function recordCsv(record: RecordOfProcessing): string {
  const lines: string[][] = [[...HEAD]];
  for (const activity of record.activities)
    for (const field of activity.fields) {
      const name = `${field.collection}.${field.field}`;
      const kept = activity.retention.filter(({ fields }) => fields.includes(name));
      lines.push([
        activity.purpose,
        activity.title,
        basesInWords(activity.legalBases, []),
        basesInWords([], activity.art9),
        activity.needsConsent ? 'needed' : '',
        activity.subjects.join(', '),
        field.collection,
        field.field,
        field.title,
        field.class,
        field.category ?? '',
        field.source ?? '',
        activity.recipients.map(({ title }) => title).join(', '),
        activity.recipients
          .map(({ country, safeguard }) => `${country ?? 'not said'}${safeguard === null ? '' : ` (${safeguard})`}`)
          .join(', '),
        kept.map(({ says }) => says).join('; '),
        record.controller.name,
        record.version,
      ]);
    }
  return `${lines.map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`;
}

function cell(text: string): string {
  const plain = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
