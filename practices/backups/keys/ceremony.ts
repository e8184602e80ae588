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
    `Recipient fingerprint   ${fingerprint}`,
    `Signer fingerprint      ${signer ?? '(write it here: strongroom backups status)'}`,
    `Shares                  ${threshold} of ${shares.length} open every backup`,
  ];
  const cover: Sheet = {
    title: 'Strongroom backups: cover sheet',
    lines: [
      ...facts,
      '',
      'Recipient (public; give it to the server: strongroom backups trust FILE):',
      ...chunked(recipient, 70),
      '',
      'Custodians: name, date, where the envelope is kept, signature',
      ...shares.map((_, n) => `${n + 1}  ______________________________________________________________`),
      '',
      'Yearly: strongroom backups keys prove, with the shares of any three.',
      'To restore: docs/practices/backups.md. The ledger of erasures is needed too.',
    ],
  };
  return [
    cover,
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
