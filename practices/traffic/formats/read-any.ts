/**
 * A file of whatever format → events, for `strongroom traffic replay`. What it is, its content says.
 */
import type { TrafficEvent } from '../event.ts';
import { readLines } from './lines.ts';
import type { Aside, Counts, Parser, ParserNeeds } from './parser.ts';
import { ENOUGH_BYTES, lineFormat, recognise, type FormatName } from './recognise.ts';
import { readWire } from './wire.ts';

export type ReadAs = Readonly<{
  /** Instead of what the content says. */
  format?: FormatName;
  /** Of an access log nginx's `log_format`, of VPC flow logs the fields. */
  declared?: string;
}>;

/** format null: none of those that are read; nothing was made of it. */
export type ReadAnything = Readonly<{ format: FormatName | null; counts: Counts; aside: readonly Aside[] }>;

/** Yields as the bytes come, in pieces that are not empty; returns what was read, and what could not be. */
export async function* readAny(
  stream: AsyncIterable<Uint8Array>,
  needs: ParserNeeds,
  { format, declared }: ReadAs = {},
): AsyncGenerator<TrafficEvent[], ReadAnything, void> {
  let beginning: Buffer[] = [];
  let beginningBytes = 0;
  let parser: Parser | null = null;
  let found = format ?? null;

  const begin = (): TrafficEvent[] => {
    const all = Buffer.concat(beginning);
    beginning = [];
    beginningBytes = 0;
    found ??= recognise(all);
    parser = found === null ? null : parserOf(found, needs, declared);
    return parser?.feed(all) ?? [];
  };

  for await (const each of stream) {
    const bytes = Buffer.from(each.buffer, each.byteOffset, each.byteLength);
    let events: TrafficEvent[] = [];
    if (parser !== null) events = (parser as Parser).feed(bytes);
    else {
      // a copy: who reads files uses its memory again
      beginning.push(Buffer.from(bytes));
      beginningBytes += bytes.length;
      if (beginningBytes < ENOUGH_BYTES) continue;
      events = begin();
      if (parser === null) break;
    }
    if (events.length > 0) yield events;
  }
  if (beginningBytes > 0) {
    const events = begin();
    if (events.length > 0) yield events;
  }
  const ended = (parser as Parser | null)?.end() ?? [];
  if (ended.length > 0) yield ended;
  const read = parser as Parser | null;
  return { format: found, counts: read?.counts() ?? {}, aside: read?.aside() ?? [] };
}

function parserOf(format: FormatName, needs: ParserNeeds, declared: string | undefined): Parser {
  if (format === 'pcap' || format === 'pcapng') return readWire(needs);
  return readLines(lineFormat(format, declared), needs);
}
