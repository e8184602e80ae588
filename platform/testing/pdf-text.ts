/** Text of a PDF with embedded fonts, and the files in it, read back by what the file itself says of its letters (ISO 32000-1 §9.10.3). */
import { inflateSync } from 'node:zlib';

type Letters = ReadonlyMap<number, string>;

/** Decoded streams with what stands before each. */
function streams(pdf: Buffer): { head: string; body: Buffer }[] {
  const found: { head: string; body: Buffer }[] = [];
  for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 1)) {
    if (pdf.toString('latin1', at - 3, at) === 'end') continue;
    const head = pdf.toString('latin1', pdf.lastIndexOf(' obj', at) - 12, at);
    const body = pdf.subarray(at + 7, pdf.indexOf('\nendstream', at));
    found.push({ head, body: head.includes('/FlateDecode') ? inflateSync(body) : body });
  }
  return found;
}

/** Font by font, as the page names them: pdfkit writes ranges of glyphs in a row, with UTF-16 for each. */
function lettersOf(pdf: Buffer): ReadonlyMap<string, Letters> {
  const text = pdf.toString('latin1');
  const numberOf = (head: string): string => /(\d+) 0 obj/.exec(head)?.[1] ?? '';
  const maps = new Map<string, Letters>();
  for (const { head, body } of streams(pdf)) {
    const map = new Map<number, string>();
    const said = body.toString('latin1');
    if (!said.includes('beginbfrange')) continue;
    for (const [, from, all] of said.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g))
      [...(all as string).matchAll(/<([0-9a-f ]*)>/g)].forEach(([, hex], place) => {
        const bytes = Buffer.from((hex as string).replaceAll(' ', ''), 'hex').swap16();
        map.set(Number.parseInt(from as string, 16) + place, bytes.toString('utf16le'));
      });
    maps.set(numberOf(head), map);
  }
  const named = [...text.matchAll(/\/(F\d+) (\d+) 0 R/g)];
  return new Map(
    named.map(([, name, object]) => {
      const from = text.indexOf(`\n${object} 0 obj`);
      const unicode = /\/ToUnicode (\d+) 0 R/.exec(text.slice(from, text.indexOf('endobj', from)))?.[1] ?? '';
      return [name as string, maps.get(unicode) ?? new Map<number, string>()];
    }),
  );
}

/** @returns what is drawn, in the order in which it is; lines are joined by a space */
export function pdfText(pdf: Buffer): string {
  const letters = lettersOf(pdf);
  const drawn: string[] = [];
  for (const { body } of streams(pdf)) {
    const content = body.toString('latin1');
    if (!content.includes(' Tf')) continue;
    let font: Letters = new Map();
    for (const [, name, run] of content.matchAll(/\/(F\d+) [\d.]+ Tf|\[((?:<[0-9a-f]*>|[-\d. ]+)*)\] TJ/g)) {
      if (name !== undefined) font = letters.get(name) ?? new Map();
      else drawn.push([...(run as string).matchAll(/<([0-9a-f]*)>/g)].map(([, hex]) => ((hex as string).match(/.{4}/g) ?? []).map((code) => font.get(Number.parseInt(code, 16)) ?? '').join('')).join('')); // prettier-ignore
    }
  }
  return drawn.join(' ').replaceAll(/\s+/g, ' ');
}

/** The files that are embedded in it, in their order. */
export const pdfFiles = (pdf: Buffer): Buffer[] =>
  streams(pdf).flatMap(({ head, body }) => (head.includes('/EmbeddedFile') ? [body] : []));
