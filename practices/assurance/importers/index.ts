/**
 * Importers: what other tools report → findings of one shape. Pure and bounded; a report that is hostile, half or unknown is
 * refused whole.
 *
 * | format | whose |
 * |---|---|
 * | `sarif` | SARIF 2.1.0: linters, scanners of code |
 * | `cyclonedx`, `osv`, `npm-audit` | vulnerabilities of packages |
 * | `zap`, `zap-xml`, `nuclei`, `wapiti`, `ffuf`, `sqlmap` | what attacks a web server |
 * | `testssl`, `sslscan`, `nmap`, `lynis` | TLS, ports, the host |
 * | `csv`, `json` | anything else: generic.ts names the fields |
 */
import { importFailure } from './failures.ts';
import { ffuf } from './ffuf.ts';
import type { Beside, Format, Opening } from './format.ts';
import { genericCsv, genericJson } from './generic.ts';
import { joined, type Imported } from './imported.ts';
import { lynis } from './lynis.ts';
import { nmap } from './nmap.ts';
import { nuclei } from './nuclei.ts';
import { cyclonedx, npmAudit, osv } from './packages.ts';
import { jsonOf, MOST_FINDINGS, textOf } from './read-bytes.ts';
import { xmlOf } from './read-xml.ts';
import { sarif } from './sarif.ts';
import { sqlmap } from './sqlmap.ts';
import { sslscan, testssl } from './tls.ts';
import { wapiti } from './wapiti.ts';
import { zap, zapXml } from './zap.ts';

export type { Imported } from './imported.ts';

/** In the order in which they are tried: what is told apart by less comes later. */
const READERS = {
  sarif,
  cyclonedx,
  'npm-audit': npmAudit,
  zap,
  'zap-xml': zapXml,
  wapiti,
  ffuf,
  testssl,
  sslscan,
  nmap,
  nuclei,
  osv,
  lynis,
  sqlmap,
  json: genericJson,
  csv: genericCsv,
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof READERS;
export const FORMATS = Object.keys(READERS) as readonly FormatName[];

export type ParseOptions = Beside & Readonly<{ /** recognised by what the report begins with, where it is not named */ format?: FormatName }>; // prettier-ignore

/**
 * @param bytes a report, up to 32 MiB, in UTF-8
 * @returns one for each fingerprint, the worst of them
 * @throws ASSURANCE_IMPORT_TOO_LARGE, _PACKED, _MALFORMED, _UNKNOWN_FORMAT, _INCOMPLETE, _NO_ASSET
 */
export function parse(bytes: Uint8Array, { format, ...beside }: ParseOptions = {}): readonly Imported[] {
  const text = textOf(bytes);
  const found = READERS[format ?? recognise(text)].read(text, beside);
  if (found.length > MOST_FINDINGS)
    throw importFailure('IMPORT_TOO_LARGE', { detail: `the report has more than ${MOST_FINDINGS} findings` });
  return joined(found);
}

/** @throws ASSURANCE_IMPORT_UNKNOWN_FORMAT */
export function recognise(text: string): FormatName {
  const start = text.slice(0, 4096);
  const begins = start.trimStart()[0];
  const opening: Opening = {
    start,
    json: begins === '{' || begins === '[' ? tried(text) : null,
    firstLine: begins === '{' ? tried(text.slice(0, text.indexOf('\n') + 1 || undefined)) : null,
    root: begins === '<' ? rootOf(start) : null,
  };
  const found = FORMATS.find((name) => READERS[name].isIt(opening));
  if (found !== undefined) return found;
  // hostile and broken ones are told what is wrong with them, and not that nobody knows them
  if ((begins === '{' || begins === '[') && opening.json === null && opening.firstLine === null) jsonOf(text);
  if (begins === '<') xmlOf(text);
  throw importFailure('IMPORT_UNKNOWN_FORMAT');
}

/** null where it is no JSON: the format that is named or found says what is wrong with it. */
function tried(text: string): unknown {
  try {
    return jsonOf(text);
  } catch {
    return null;
  }
}

/** The first element behind the declaration, comments and a DOCTYPE. */
const rootOf = (start: string): string | null =>
  /^\s*(?:<\?[^>]{0,300}\?>\s*|<!--[\s\S]{0,1000}?-->\s*|<!DOCTYPE[^>[]{0,200}>\s*)*<([A-Za-z_][\w.:-]*)/.exec(start)?.[1] ?? null; // prettier-ignore
