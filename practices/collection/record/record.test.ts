import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';

import { parseCatalog } from '../parse-catalog.ts';
import { dataMap } from './data-map.ts';
import { recordCsv } from './record-csv.ts';
import { recordOfProcessing } from './record-of-processing.ts';
import { recordPdf, shown } from './record-pdf.ts';

const EXAMPLE = readFileSync(new URL('../../../examples/catalog.yaml', import.meta.url), 'utf8');
const about = {
  controller: { name: 'Käse & Söhne GmbH', contact: 'dpo@example.org' },
  version: 'cat_test',
  generatedAt: new Date('2026-11-26T12:00:00Z'),
  measures: ['each field is sealed under keys of its own subject'],
};

/** Text of each page, by reading the strings that are drawn on it (ISO 32000-1 §9.4.3), in Windows-1252. */
function textOf(pdf: Buffer): string[] {
  const pages: string[] = [];
  for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 1)) {
    if (pdf.toString('latin1', at - 3, at) === 'end') continue;
    const end = pdf.indexOf('\nendstream', at);
    let content: string;
    try {
      content = inflateSync(pdf.subarray(at + 7, end)).toString('latin1');
    } catch {
      continue;
    }
    if (!content.includes(' Tf')) continue;
    const drawn = [...content.matchAll(/\[((?:<[0-9a-f]*>|[-\d. ]+)*)\] TJ/g)].map((run) =>
      [...(run[1] as string).matchAll(/<([0-9a-f]*)>/g)]
        .map((piece) => Buffer.from(piece[1] as string, 'hex').toString('latin1'))
        .join(''),
    );
    pages.push(drawn.join(' '));
  }
  return pages;
}

test('the record has one activity for each purpose, with bases, subjects, recipients, and how long each field is kept', () => {
  const record = recordOfProcessing(parseCatalog(EXAMPLE), about);

  assert.deepEqual(
    record.activities.map(({ purpose }) => purpose),
    [
      'analytics.product',
      'legal.request',
      'marketing.newsletter',
      'service.billing',
      'service.delivery',
      'service.support',
    ],
  );
  const newsletter = record.activities.find(({ purpose }) => purpose === 'marketing.newsletter');
  assert.deepEqual([newsletter?.legalBases, newsletter?.needsConsent, newsletter?.subjects], [['consent'], true, ['customer']]); // prettier-ignore
  assert.deepEqual(newsletter?.recipients.map(({ id }) => id), ['mail-provider']); // prettier-ignore
  assert.deepEqual(newsletter?.retention[0], {
    after: 'consent.withdrawn', event: 'the subject withdrew consent to the purpose', for: 'P0D', action: 'stop-use', says: 'no longer used as soon as the subject withdrew consent to the purpose', fields: ['customer.email'],
  }); // prettier-ignore
  const support = record.activities.find(({ purpose }) => purpose === 'service.support');
  assert.deepEqual([support?.legalBases, support?.art9], [['contract', 'consent'], ['explicit-consent']]);
  assert.equal(
    support?.basis,
    'a contract with them (art. 6(1)(b)), consent (art. 6(1)(a)), explicit consent (art. 9(2)(a))',
  );
  for (const { basis, retention } of record.activities)
    for (const says of [basis, ...retention.map((each) => each.says)])
      assert.doesNotMatch(says, /P\d|stop-use|legal-|-interest/);
  assert.ok(support?.fields.some(({ field }) => field === 'attachments'));
});

test('as CSV there is a line for each purpose and field, and no cell that a spreadsheet runs', () => {
  const nasty = EXAMPLE.replace('title: Care notes', `title: '=HYPERLINK("http://evil","x"), or so'`).replace(
    'source: subject',
    'source: "\\n=1+1"',
  );
  const record = recordOfProcessing(parseCatalog(nasty), about);

  const lines = recordCsv(record).trimEnd().split('\r\n');

  assert.equal(lines.length, 1 + record.activities.reduce((sum, { fields }) => sum + fields.length, 0));
  assert.ok(lines.some((line) => line.includes(`"'=HYPERLINK(""http://evil"",""x""), or so"`)));
  assert.ok(recordCsv(record).includes(`"'\n=1+1"`), 'behind a line feed too');
  assert.ok(!lines.some((line) => /(^|,)"?[=+@]/.test(line)));
});

test('as PDF it says the same, on pages that are counted, with nothing cut off', async () => {
  const many = Array.from({ length: 150 }, (_, n) => `      extra_${n}: {type: text, class: internal, title: Extra Nummer ${n}, purposes: [service.support]}\n`); // prettier-ignore
  const record = recordOfProcessing(parseCatalog(EXAMPLE.replace('      first_name:', `${many.join('')}      first_name:`)), about); // prettier-ignore

  const pdf = await recordPdf(record);

  assert.equal(pdf.toString('latin1', 0, 5), '%PDF-');
  const pages = textOf(pdf);
  const text = pages.map((page) => page.slice(0, page.lastIndexOf('Käse & Söhne GmbH: record'))).join(' ').replaceAll(/\s+/g, ' '); // prettier-ignore
  assert.ok(pages.length >= 3, `${pages.length} pages`);
  pages.forEach((page, at) => assert.match(page, new RegExp(`Page ${at + 1} of ${pages.length}`)));
  for (const said of [
    'Käse & Söhne GmbH',
    'dpo@example.org',
    'cat_test',
    record.hash,
    'The monthly newsletter',
    'explicit consent',
    'no longer used as soon as',
    'each field is sealed under keys of its own subject',
  ])
    // prettier-ignore
    assert.ok(text.includes(said), said);
  for (let n = 0; n < 150; n += 1) assert.ok(text.includes(`Extra Nummer ${n} `), `field ${n}`);
});

test('letters that the font lacks lose their marks, and none is taken for another', () => {
  assert.equal(shown('Łódź – “quoted” €'), '?ódz – “quoted” €');
  assert.equal(shown('日本\u0000\n'), '??? ');
});

test('the map knows where each field comes from, what it is for, and to whom it goes', () => {
  const map = dataMap(parseCatalog(EXAMPLE));
  const flow = (from: string, to: string) => map.flows.find((one) => one.from === from && one.to === to);

  assert.deepEqual(map.sources, ['not said', 'subject']);
  assert.deepEqual(flow('collection:customer', 'recipient:mail-provider')?.fields, ['email']);
  assert.equal(flow('collection:customer', 'recipient:parcel-service')?.class, 'sensitive');
  assert.equal(flow('collection:customer', 'purpose:service.support')?.class, 'special');
  assert.ok(flow('source:subject', 'collection:customer')?.fields.includes('care_notes'));
  assert.equal(
    Object.values(map.collections[0]?.classes ?? {}).reduce((sum, n) => sum + n, 0),
    16,
  );
});
