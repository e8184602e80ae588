/** Bytes as text where nobody promised an encoding: UTF-8 where they are that, else Latin-1; binary is no text. */
import { isUtf8 } from 'node:buffer';

const LF = 0x0a;

/** @returns null for what holds control bytes that no text has */
export function textOf(bytes: Buffer): string | null {
  if (isUtf8(bytes)) return bytes.includes(0) ? null : bytes.toString('utf8');
  // a value that was cut may end within a letter
  const whole = bytes.subarray(0, wholeLetters(bytes));
  if (isUtf8(whole)) return whole.toString('utf8');
  for (const byte of bytes) if (byte < 9 || (byte > 13 && byte < 32) || byte === 127) return null;
  return bytes.toString('latin1');
}

/** Lines are decoded each by itself when together they are not UTF-8. */
export function linesOf(bytes: Buffer): Readonly<{ text: string; foreign: number }> {
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), foreign: 0 };
  let text = '';
  let foreign = 0;
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(LF, from);
    const line = bytes.subarray(from, end === -1 ? bytes.length : end + 1);
    if (isUtf8(line)) text += line.toString('utf8');
    else {
      foreign += 1;
      text += line.toString('latin1');
    }
    from += line.length;
  }
  return { text, foreign };
}

/** Where the last whole letter of UTF-8 ends. */
export function wholeLetters(bytes: Buffer): number {
  for (let back = 1; back <= 4 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
