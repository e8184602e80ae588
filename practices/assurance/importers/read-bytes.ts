/** Bytes of a report → text, lines, JSON. All that is unbounded in them is bounded here. */
import { importFailure } from './failures.ts';

export const MOST_BYTES = 32 * 1024 * 1024;
export const MOST_LINE_BYTES = 1024 * 1024;
export const MOST_FINDINGS = 50_000;
/** Of objects and lists within each other; reports of tools need about ten. */
export const MOST_DEPTH = 64;

/** First bytes of archives and of compressed files. */
const PACKED: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ['ZIP', [0x50, 0x4b, 0x03, 0x04]],
  ['ZIP', [0x50, 0x4b, 0x05, 0x06]],
  ['gzip', [0x1f, 0x8b]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf]],
];

/**
 * @returns the report as text, without the mark of order of bytes
 * @throws ASSURANCE_IMPORT_TOO_LARGE, ASSURANCE_IMPORT_PACKED, ASSURANCE_IMPORT_MALFORMED for what is no UTF-8
 */
export function textOf(bytes: Uint8Array): string {
  if (bytes.length > MOST_BYTES)
    throw importFailure('IMPORT_TOO_LARGE', { detail: `the report has ${bytes.length} bytes; ${MOST_BYTES} are read` });
  const packed = PACKED.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte));
  if (packed !== undefined) throw importFailure('IMPORT_PACKED', { detail: `the report is packed (${packed[0]})` });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw importFailure('IMPORT_MALFORMED', { detail: 'the report is not text in UTF-8', cause });
  }
  if (text.includes('\0')) throw importFailure('IMPORT_MALFORMED', { detail: 'the report has a zero byte in it' });
  return text;
}

/** @throws ASSURANCE_IMPORT_TOO_LARGE for a line that is too long */
export function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  const long = lines.findIndex((line) => line.length > MOST_LINE_BYTES);
  if (long >= 0)
    throw importFailure('IMPORT_TOO_LARGE', {
      detail: `line ${long + 1} has ${lines[long]?.length ?? 0} characters; ${MOST_LINE_BYTES} are read`,
    });
  return lines;
}

/** @throws ASSURANCE_IMPORT_MALFORMED, also for what is nested deeper than any report is */
export function jsonOf(text: string, where = 'the report'): unknown {
  if (isDeep(text)) throw importFailure('IMPORT_MALFORMED', { detail: `${where} is nested deeper than ${MOST_DEPTH}` });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw importFailure('IMPORT_MALFORMED', { detail: `${where} is not JSON`, cause });
  }
}

/** Looked at before it is parsed: a parser that goes down as deep as the text does has no end of its own. */
function isDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > MOST_DEPTH) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}
