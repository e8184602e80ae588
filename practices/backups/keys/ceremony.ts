/**
 * The ceremony sheet: one page for each custodian, with one share and what is needed to use it, and a cover with what all of
 * them may know. Printed and sealed in envelopes; no file of it is kept.
 */
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';

export type Sheet = Readonly<{ title: string; lines: readonly string[] }>;

export type Ceremony = Readonly<{
  fingerprint: string;
  recipient: string;
  /** Of the system's manifests; null when it is not known yet. */
  signer: string | null;
  shares: readonly string[];
  threshold: number;
  at: Date;
}>;

export function ceremonySheet({ fingerprint, recipient, signer, shares, threshold, at }: Ceremony): Sheet[] {
  const facts = [
    `Made ${at.toISOString()}`,
    ...who(fingerprint, signer),
    `Shares                  ${threshold} of ${shares.length} open every backup`,
  ];
  return [
    cover(facts, recipient, shares.length),
    ...shares.map((share, n) => ({
      title: `Strongroom backups: share ${n + 1} of ${shares.length}`,
      lines: [
        ...facts,
        '',
        'This page alone opens nothing. Keep it where the others are not, and tell nobody what is on it.',
        '',
        'Type it as one line, without spaces:',
        '',
        ...chunked(share, 44),
      ],
    })),
  ];
}

const who = (fingerprint: string, signer: string | null): string[] => [
  `Recipient fingerprint   ${fingerprint}`,
  `Signer fingerprint      ${signer ?? '(write it here: strongroom backups status)'}`,
];

const cover = (facts: readonly string[], recipient: string, custodians: number): Sheet => ({
  title: 'Strongroom backups: cover sheet',
  lines: [
    ...facts,
    '',
    'Recipient (public; give it to the server: strongroom backups trust FILE):',
    ...chunked(recipient, 70),
    '',
    'Custodians: name, date, where the envelope is kept, signature',
    ...Array.from({ length: custodians }, (_, n) => `${n + 1}  ${'_'.repeat(62)}`),
    '',
    'Yearly: strongroom backups keys prove, with as many shares as are needed.',
    'To restore: docs/practices/backups.md. The ledger of erasures is needed too.',
  ],
});

/** The cover alone, as the system can print it: it knows the signer, which nobody knew at the ceremony, and no share. */
export const coverSheet = ({ fingerprint, recipient, signer, at }: Pick<Ceremony, 'fingerprint' | 'recipient' | 'signer' | 'at'>): Sheet =>
  cover([`Trusted ${at.toISOString()}`, ...who(fingerprint, signer)], recipient, 5); // prettier-ignore

const chunked = (text: string, width: number): string[] =>
  Array.from({ length: Math.ceil(text.length / width) }, (_, n) => text.slice(n * width, (n + 1) * width));

export const sheetText = ({ title, lines }: Sheet): string =>
  `${title}\n${'='.repeat(title.length)}\n\n${lines.join('\n')}\n`;

/** A4, one page for each sheet. */
export async function sheetPdf(sheets: readonly Sheet[]): Promise<Buffer> {
  const { default: PdfDocument } = await import('pdfkit');
  const document = new PdfDocument({
    size: 'A4',
    margin: 50,
    autoFirstPage: false,
    info: { Title: 'Strongroom backups' },
  });
  const out = document.pipe(new PassThrough());
  const whole = buffer(out);
  for (const { title, lines } of sheets) {
    document.addPage().font('Helvetica-Bold').fontSize(16).text(title).moveDown();
    document.font('Courier').fontSize(9);
    for (const line of lines) document.text(line === '' ? ' ' : line);
  }
  document.end();
  return whole;
}
