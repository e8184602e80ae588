/** The same text as it looks where it was encoded: UTF-16 and Base64 (Sigma modifiers appendix 2.1, Encoding). */
import type { Encoding } from './modifiers.ts';
import { isPlain, plainText, withDashes, type Pattern } from './pattern.ts';

/** @returns the patterns that a value stands for, one of which must match; null where a wildcard cannot be encoded */
export function encoded(pattern: Pattern, encodings: readonly Encoding[]): readonly Pattern[] | null {
  let all: Pattern[] = [pattern];
  // text becomes bytes with the first of them: then a unit of the string is a byte
  let bytes = false;
  for (const encoding of encodings) {
    if (encoding === 'windash') {
      all = all.map(withDashes);
      continue;
    }
    if (!all.every(isPlain)) return null;
    const texts = all.map(plainText);
    const asBytes = (text: string): Buffer => Buffer.from(text, bytes ? 'latin1' : 'utf8');
    if (encoding === 'base64') all = texts.map((text) => [asBytes(text).toString('base64')]);
    else if (encoding === 'base64offset')
      all = texts.flatMap((text) => [0, 1, 2].map((shift): Pattern => [shifted(asBytes(text), shift)]));
    else {
      all = texts.map((text) => [utf16(text, encoding)]);
      bytes = true;
    }
    if (encoding === 'base64' || encoding === 'base64offset') bytes = false;
  }
  return all.filter((each) => plainText(each) !== '' || !isPlain(each));
}

/** What of the encoded bytes stays the same when `shift` unknown bytes stand before them, and any after. */
function shifted(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
  const start = [0, 2, 3][shift] as number;
  const end = [0, 3, 2][(bytes.length + shift) % 3] as number;
  return text.slice(start, text.length - end);
}

function utf16(text: string, encoding: Encoding): string {
  const little = Buffer.from(text, 'utf16le');
  if (encoding === 'utf16be') return little.swap16().toString('latin1');
  return (encoding === 'utf16' ? Buffer.concat([Buffer.from([0xff, 0xfe]), little]) : little).toString('latin1');
}
