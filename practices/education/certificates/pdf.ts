/**
 * A certificate on one A4 page, with the log's own proof in the file. DejaVu has the letters of Latin, Cyrillic, Greek,
 * Armenian, Georgian, Hebrew and Arabic; of a letter that it has not, a box stands there, and the page says so.
 */
import { fileURLToPath } from 'node:url';

import { parseCheckpoint, parseProof, splitNote } from '#platform/tlog';

import type { Certificate } from './certificates.ts';

type Document = PDFKit.PDFDocument;
const [TEXT, DIM, LINE] = ['#1a1d21', '#565d64', '#1c5fb8'] as const;
const MARGIN = 64;
const LABEL_WIDTH = 110;
const PLAIN = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
const BOLD = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'));

export type ToPrint = Readonly<{
  certificate: Certificate;
  name: string;
  issuer: string;
  /** Of the IANA database: the days on it are those there. */
  zone: string;
  /** C2SP tlog-proof of the entry; null: the entry is not known. */
  proof: string | null;
  checkAt: string;
}>;

export async function certificatePdf({ certificate, name, issuer, zone, proof, checkAt }: ToPrint): Promise<Buffer> {
  const { id, kind, title, hash, at, until, state, entry } = certificate;
  // loaded where somebody asks for one: a start does not wait for it
  const { default: PdfDocument } = await import('pdfkit');
  const document = new PdfDocument({
    size: 'A4', margin: MARGIN, lang: 'en', displayTitle: true,
    info: { Title: `Certificate ${id}`, Author: issuer, CreationDate: at },
  }); // prettier-ignore
  const pieces: Buffer[] = [];
  document.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = new Promise<void>((resolve, reject) => {
    document.on('end', resolve);
    document.on('error', reject);
  });
  document.registerFont('plain', PLAIN).registerFont('bold', BOLD);
  const width = document.page.width - 2 * MARGIN;

  document.moveTo(MARGIN, MARGIN).lineTo(MARGIN + width, MARGIN).lineWidth(3).strokeColor(LINE ).stroke(); // prettier-ignore
  document.font('plain').fontSize(11).fillColor(DIM ).text(issuer, MARGIN, MARGIN + 18, { width }); // prettier-ignore
  document.moveDown(1.5).font('bold').fontSize(26).fillColor(TEXT ).text('Certificate', { width }); // prettier-ignore
  document.moveDown(1).font('plain').fontSize(11).text('This is to say that', { width }).moveDown(0.4);
  fitted(document, name, width);
  document.moveDown(0.4).font('plain').fontSize(11).text(kind === 'course' ? 'has passed the course' : 'has read and signed the policy', { width }); // prettier-ignore
  document.moveDown(0.4).font('bold').fontSize(15).text(title, { width }).moveDown(1.5);

  if (certificate.evidence === 'client')
    document.font('plain').fontSize(9).fillColor(DIM).text('By its own account: this course was made elsewhere, and grades itself in the browser of who takes it.', { width }).moveDown(1); // prettier-ignore
  const head = proof === null ? null : headOf(proof);
  row(document, 'Date', inZone(at, zone));
  row(document, 'Valid', validity(state, until, zone));
  row(document, 'Version', hash);
  row(document, 'Certificate', id);
  row(document, 'Log entry', entry === null ? 'not noted: it was done before entries were' : String(entry));
  if (head !== null) {
    row(document, 'Log', head.origin);
    row(document, 'Tree size', String(head.size));
    row(document, 'Root hash', head.root.toString('base64'));
  }
  document.moveDown(1).font('plain').fontSize(9).fillColor(DIM ); // prettier-ignore
  const check = `Whether it holds today: ${checkAt}, with the number of the certificate and the name as they stand here.`;
  document.text(check, MARGIN, document.y, { width });
  if (proof !== null) {
    document.moveDown(0.4).text('The file entry.proof in this document proves the entry without asking anybody: strongroom audit verify --proof entry.proof --key log.keys', { width }); // prettier-ignore
    document.file(Buffer.from(proof), { name: 'entry.proof', type: 'text/plain', creationDate: at, modifiedDate: at, description: 'C2SP tlog-proof of the log entry' }); // prettier-ignore
  }
  if ([...`${name}${title}${issuer}`].some((letter) => !has(document, letter)))
    document.moveDown(0.4).text('A box stands for a letter that this document’s font does not have.', { width });
  document.end();
  await ended;
  return Buffer.concat(pieces);
}

/** As large as two lines let it be: a long name is neither cut off nor pushes the rest from the page. */
function fitted(document: Document, name: string, width: number): void {
  document.font('bold').fillColor(TEXT);
  for (let size = 24; size >= 8; size -= 1) {
    document.fontSize(size);
    const widest = Math.max(...name.split(/\s+/u).map((word) => document.widthOfString(word)));
    if (size === 8 || (document.heightOfString(name, { width }) <= size * 2.6 && widest <= width)) break;
  }
  document.text(name, { width });
}

function row(document: Document, label: string, text: string): void {
  const { y } = document;
  const at = MARGIN + LABEL_WIDTH;
  document.font('plain').fontSize(10).fillColor(DIM ).text(label, MARGIN, y, { width: LABEL_WIDTH }); // prettier-ignore
  document
    .fillColor(TEXT)
    .text(text, at, y, { width: document.page.width - MARGIN - at })
    .moveDown(0.3);
}

const inZone = (at: Date, zone: string): string =>
  `${new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'long', timeStyle: 'short' }).format(at)} (${zone})`;

/** The last day, which is the one before it ends. */
function validity(state: Certificate['state'], until: Date | null, zone: string): string {
  if (state === 'revoked') return 'revoked';
  if (until === null) return 'until a version comes that changes what people do';
  const day = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'long' }).format(new Date(until.getTime() - 1));
  return state === 'expired' ? `until ${day}: that is over` : `until ${day}`;
} // prettier-ignore

function headOf(proof: string): Readonly<{ origin: string; size: number; root: Buffer }> | null {
  const parsed = parseProof(proof);
  const head = parsed === null ? null : parseCheckpoint(splitNote(parsed.note)?.text ?? '');
  return head === null ? null : { origin: head.origin, size: head.size, root: Buffer.from(head.root) };
}

/** pdfkit keeps the font of fontkit behind its own, and its types say nothing of it. */
const has = (document: Document, letter: string): boolean => {
  const { font: own } = (document as unknown as { _font: { font?: { hasGlyphForCodePoint: (code: number) => boolean } } })._font; // prettier-ignore
  return own === undefined || /\s|\p{Cf}/u.test(letter) || own.hasGlyphForCodePoint(letter.codePointAt(0) as number);
};
