/** What stands on a certificate, read back from the file: names of many scripts, very long ones, days where the person is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pdfFiles, pdfText } from '#platform/testing';

import { certificatePdf, type ToPrint } from './pdf.ts';

const certificate: ToPrint['certificate'] = {
  id: 'crt_00000000000000000000000000', kind: 'course', text: 'phishing', title: 'Phishing: what a mail wants', hash: 'h'.repeat(43),
  at: new Date('2026-03-28T23:30:00Z'), until: new Date('2027-03-29T22:00:00Z'), state: 'valid', entry: null, evidence: 'graded',
}; // prettier-ignore
const print = (wanted: Partial<ToPrint> = {}): Promise<Buffer> =>
  certificatePdf({
    certificate,
    name: 'Ada',
    issuer: 'Käse & Söhne GmbH',
    zone: 'Europe/Berlin',
    proof: null,
    checkAt: 'https://room.example/certificates',
    ...wanted,
  });
const pages = (pdf: Buffer): number => pdf.toString('latin1').match(/\/Type \/Page\n/g)?.length ?? 0;

test('it has holder, title, version, number, and the day where the person is', async () => {
  const text = pdfText(await print());

  for (const part of ['Käse & Söhne GmbH', 'Ada', 'has passed the course', certificate.title, certificate.hash, certificate.id, 'https://room.example/certificates'])
    assert.ok(text.includes(part), `${part} in ${text}`);
  assert.match(text, /29 March 2026 at 00:30 \(Europe\/Berlin\)/);
  assert.match(text, /until 29 March 2027/);
  assert.match(pdfText(await print({ zone: 'America/New_York' })), /28 March 2026 at 19:30 \(America\/New_York\)/);
}); // prettier-ignore

test('names with umlauts, of Cyrillic and Greek letters stand there whole, and one that the font lacks is said', async () => {
  for (const name of ['Jürgen Größe-Žižek', 'Пётр Ильич Чайковский', 'Γιώργος Σεφέρης', 'Nguyễn Thị Hoà', 'Łukasz Żółć'])
    assert.ok(pdfText(await print({ name })).includes(name), name);
  assert.doesNotMatch(pdfText(await print({ name: 'Žofie' })), /A box stands/);
  assert.match(pdfText(await print({ name: '山田' })), /A box stands for a letter/);
}); // prettier-ignore

test('a very long name is whole, on one page with all the rest', async () => {
  for (const name of ['Ærøskøbing '.repeat(18).trim(), 'W'.repeat(200)]) {
    const pdf = await print({ name });
    const text = pdfText(pdf);
    assert.ok(text.replaceAll(' ', '').includes(name.replaceAll(' ', '')), name);
    assert.equal(pages(pdf), 1);
    assert.ok(text.includes(certificate.id));
  }
});

test('one that was revoked or has ended says so, and one without an entry has no proof in it', async () => {
  const of = async (change: Partial<typeof certificate>): Promise<string> =>
    pdfText(await print({ certificate: { ...certificate, ...change } }));
  assert.match(await of({ state: 'revoked', until: null }), /Valid revoked/);
  assert.match(await of({ state: 'expired' }), /that is over/);
  assert.match(await of({ evidence: 'client' }), /By its own account/);
  assert.match(await of({ until: null }), /until a version comes/);
  assert.deepEqual(pdfFiles(await print()), []);
});
