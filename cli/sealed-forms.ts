/**
 * Sealed forms in a file: one envelope as the bytes it is, or many, each as base64url on a line of its own. The lines are in the
 * order of the rows they were made of.
 */
import { createReadStream, readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

import type { FormValue, IntakeForm } from '@strongroom/sdk';

import { Usage } from './connection.ts';
import { csvSource, jsonlSource, type Row } from './import/sources.ts';

const MAGIC = Buffer.from('SRI', 'latin1');

export type Envelope = Readonly<{ line: number; envelope: Uint8Array }>;

/** @throws Usage for what is neither */
export async function* readEnvelopes(path: string): AsyncGenerator<Envelope> {
  const file = await open(path).catch(() => {
    throw new Usage(`there is no file ${path}`);
  });
  const start = Buffer.alloc(MAGIC.length);
  await file.read(start, 0, MAGIC.length, 0);
  await file.close();
  if (start.equals(MAGIC)) {
    yield { line: 1, envelope: await readFile(path) };
    return;
  }
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    if (text === '') continue;
    const envelope = Buffer.from(text, 'base64url');
    if (!envelope.subarray(0, MAGIC.length).equals(MAGIC))
      throw new Usage(`line ${line} of ${path} is no sealed form: this file was not made by vault seal-form`);
    yield { line, envelope };
  }
}

/** What a form has unless the file says otherwise. */
export type FormDefaults = Readonly<{ collection?: string; purpose?: string; subject?: string }>;
export type ReadForm = Readonly<{ line: number; form: IntakeForm } | { line: number; because: string }>;

/**
 * `.json`: one form, or a list of forms, with their fields as JSON. `.csv` and `.jsonl`: a form for each row, columns as
 * fields, `subject` naming the column that holds the external id; empty cells are left out.
 * @throws Usage
 */
export async function readForms(
  path: string,
  defaults: FormDefaults,
): Promise<Readonly<{ forms: AsyncIterable<ReadForm>; single: boolean }>> {
  if (/\.(csv|jsonl|ndjson)$/.test(path)) {
    const source = path.endsWith('.csv') ? await csvSource(path) : jsonlSource(path);
    return { forms: rowForms(source.rows, defaults), single: false };
  }
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch {
    throw new Usage(`there is no file ${path}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // the parser's message would quote the form
    throw new Usage(`${path} is not JSON: a form is {"purpose": …, "fields": {…}}; rows come as .csv or .jsonl`);
  }
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  const forms = async function* (): AsyncGenerator<ReadForm> {
    for (const [at, each] of list.entries()) yield await Promise.resolve(oneForm(each, at + 1, defaults));
  };
  return { forms: forms(), single: !Array.isArray(value) };
}

async function* rowForms(rows: AsyncIterable<Row>, { subject, ...defaults }: FormDefaults): AsyncGenerator<ReadForm> {
  for await (const row of rows) {
    if ('because' in row) {
      yield row;
      continue;
    }
    const fields = Object.fromEntries(
      Object.entries(row.cells).filter(([name, text]) => text !== '' && name !== subject),
    );
    const id = subject === undefined ? undefined : row.cells[subject];
    if (subject !== undefined && (id === undefined || id === ''))
      yield { line: row.line, because: `the row has no ${subject}` };
    else yield oneForm({ fields, ...(id === undefined ? {} : { subject: id }) }, row.line, defaults);
  }
}

function oneForm(value: unknown, line: number, defaults: FormDefaults): ReadForm {
  const { collection, purpose, subject, fields, ...more } = { ...defaults, ...(value as object) } as Record<
    string,
    unknown
  >;
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    return { line, because: 'the form has no fields' };
  if (Object.keys(more).length > 0)
    return { line, because: 'a form has collection, purpose, subject and fields, nothing else' };
  if (typeof collection !== 'string') return { line, because: 'no collection: give --collection' };
  if (typeof purpose !== 'string') return { line, because: 'no purpose: give --purpose' };
  const who = subject === undefined ? {} : { subject: subject as string };
  return { line, form: { collection, purpose, ...who, fields: fields as Record<string, FormValue> } };
}
