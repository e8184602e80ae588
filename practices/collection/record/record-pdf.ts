/**
 * The record of processing as a PDF of A4 pages, for whoever asks for it on paper.
 *
 * The standard fonts know Windows-1252: other letters lose their marks, or stand as `?`; JSON and CSV have them as they are.
 */
import type { RecordActivity, RecordOfProcessing } from './record-of-processing.ts';

const MARGIN = 56;
const LABEL_WIDTH = 120;
const [TEXT, DIM, LINE] = ['#1a1d21', '#565d64', '#c8ccd0'];
type Document = PDFKit.PDFDocument;

export async function recordPdf(record: RecordOfProcessing): Promise<Buffer> {
  const title = 'Record of processing activities';
  // loaded where somebody asks for one: a start does not wait for it
  const { default: PdfDocument } = await import('pdfkit');
  const document = new PdfDocument({
    size: 'A4',
    margins: { top: MARGIN, bottom: MARGIN + 20, left: MARGIN, right: MARGIN },
    bufferPages: true,
    lang: 'en',
    displayTitle: true,
    info: { Title: title, Author: shown(record.controller.name), CreationDate: new Date(record.generatedAt) },
  });
  const pieces: Buffer[] = [];
  document.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = new Promise<void>((resolve, reject) => {
    document.on('end', resolve);
    document.on('error', reject);
  });

  document.font('Helvetica-Bold').fontSize(20).fillColor(TEXT).text(title);
  document
    .font('Helvetica')
    .fontSize(10)
    .fillColor(DIM)
    .text('GDPR article 30(1), generated from the catalogue and the settings in force');
  document.moveDown(1);
  row(document, 'Controller', record.controller.name);
  row(document, 'Contact', record.controller.contact ?? 'not set (STRONGROOM_CONTROLLER_CONTACT)');
  row(document, 'Catalogue', `${record.version}, hash ${record.hash}`);
  row(document, 'Generated', record.generatedAt);
  row(document, 'Activities', String(record.activities.length));
  for (const activity of record.activities) writeActivity(document, activity);
  heading(document, 'Technical and organisational measures');
  for (const measure of record.measures) {
    document
      .font('Helvetica')
      .fontSize(10)
      .fillColor(TEXT)
      .text(`•  ${shown(measure)}`, { indent: 0 });
    document.moveDown(0.3);
  }
  number(document, `${shown(record.controller.name)}: ${title.toLowerCase()}`);
  document.end();
  await ended;
  return Buffer.concat(pieces);
}

function writeActivity(document: Document, activity: RecordActivity): void {
  heading(document, `${activity.title} (${activity.purpose})`);
  if (activity.description !== null) row(document, 'What it is', activity.description);
  row(document, 'Legal basis', activity.basis);
  row(document, 'Consent', activity.needsConsent ? 'needed for at least one field' : 'not needed');
  if (activity.until !== null) row(document, 'Ends', activity.until);
  row(document, 'Whose data', activity.subjects.join(', '));
  const collections = [...new Set(activity.fields.map(({ collection }) => collection))];
  for (const name of collections) {
    const fields = activity.fields.filter(({ collection }) => collection === name);
    const lines = fields.map(
      ({ title, class: of, category }) => `${title} (${of}${category === null ? '' : `, ${category}`})`,
    );
    row(document, `Data: ${name}`, lines.join('; '));
  }
  const given = activity.recipients.map(
    ({ title, country, safeguard }) =>
      `${title}: ${country ?? 'country not said'}${safeguard === null ? '' : `, ${safeguard}`}`,
  );
  row(document, 'Recipients', given.length === 0 ? 'none' : given.join('; '));
  for (const { says, fields } of activity.retention)
    row(document, 'Kept', `${says} (${fields.length} ${fields.length === 1 ? 'field' : 'fields'})`);
}

/** Begins on a new page when less than a few lines are left of this one. */
function heading(document: Document, text: string): void {
  if (document.y > document.page.height - document.page.margins.bottom - 110) document.addPage();
  else document.moveDown(1.2);
  const width = document.page.width - 2 * MARGIN;
  document
    .moveTo(MARGIN, document.y)
    .lineTo(MARGIN + width, document.y)
    .lineWidth(0.7)
    .strokeColor(LINE)
    .stroke();
  document.moveDown(0.5);
  document.font('Helvetica-Bold').fontSize(13).fillColor(TEXT).text(shown(text), MARGIN, document.y, { width });
  document.moveDown(0.4);
}

/** A label and beside it what it is; a long text goes on at the top of the next page. */
function row(document: Document, label: string, text: string): void {
  const at = MARGIN + LABEL_WIDTH;
  const width = document.page.width - MARGIN - at;
  document.font('Helvetica').fontSize(10);
  const needed = Math.min(document.heightOfString(shown(text), { width }), 40);
  if (document.y + needed > document.page.height - document.page.margins.bottom) document.addPage();
  const { y } = document;
  document.fillColor(DIM).text(shown(label), MARGIN, y, { width: LABEL_WIDTH - 8 });
  const below = document.y;
  document.fillColor(TEXT).text(shown(text), at, y, { width });
  document.y = Math.max(below, document.y);
  document.x = MARGIN;
  document.moveDown(0.25);
}

function number(document: Document, footer: string): void {
  const { start, count } = document.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    document.switchToPage(page);
    const { height, width, margins } = document.page;
    // below the margin, where text would otherwise begin a page of its own
    const { bottom } = margins;
    margins.bottom = 0;
    document.font('Helvetica').fontSize(8).fillColor(DIM);
    document.text(footer, MARGIN, height - 40, { width: width - 2 * MARGIN - 80, lineBreak: false, ellipsis: true });
    document.text(`Page ${page - start + 1} of ${count}`, width - MARGIN - 80, height - 40, {
      width: 80,
      align: 'right',
      lineBreak: false,
    });
    margins.bottom = bottom;
  }
}

/** What Windows-1252 has beyond Latin-1. */
const BEYOND = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ');

export function shown(text: string): string {
  let out = '';
  for (const sign of text.normalize('NFC')) {
    const code = sign.codePointAt(0) as number;
    if ((code >= 32 && code < 127) || (code >= 160 && code < 256) || BEYOND.has(sign)) out += sign;
    else if (code === 9 || code === 10 || code === 13) out += ' ';
    else {
      const plain = sign.normalize('NFKD').replaceAll(/\p{M}/gu, '');
      out += /^[\x20-\x7e]+$/.test(plain) ? plain : '?';
    }
  }
  return out;
}
