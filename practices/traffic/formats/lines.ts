/**
 * Bytes → lines → events, for every format that has one event in a line.
 */
import { eventOf, type Observed, type Source, type TrafficEvent } from '../event.ts';
import { asForeign } from './foreign-name.ts';
import { createTally, type Parser, type ParserNeeds } from './parser.ts';
import { uidsOf } from './uid.ts';

/** What a line says, before it has a uid. */
export type Told = Omit<Observed, 'uid'>;

/** `ignored`: well formed, and nothing that makes an event. null: malformed. */
export type Reading = Told | 'ignored' | null;

export type AboutLine = Readonly<{ loggedTime: number; /** Its end is missing. */ cut: boolean }>;

export type LineFormat = Readonly<{
  product: string;
  vendor?: string;
  /** Never throws, whatever the line. */
  read: (line: string, about: AboutLine) => Reading;
  /** How many of the same a line stands for, where there can be several. */
  times?: (line: string) => number;
}>;

/** @param uid of the first of them */
export function eventsOf({ times }: LineFormat, line: string, told: Told, source: Source, uid: string, loggedTime: number): TrafficEvent[] {
  const of = (n: number): TrafficEvent => eventOf(source, { ...asForeign(told), uid: n === 0 ? uid : `${uid}.${n}` }, loggedTime);
  return Array.from({ length: times?.(line) ?? 1 }, (_, n) => of(n));
} // prettier-ignore

/** Of a line: Suricata's with packets in them are long, those of access logs end at 8 KiB. */
const MOST_LINE_BYTES = 128 * 1024;

export type LineParser = Parser &
  Readonly<{
    /** Bytes of the line that has begun and not ended, dropped ones too: a cursor stands before them. */
    pendingBytes: () => number;
  }>;

/**
 * @param position where the first byte stands in its file
 * @param mostLineBytes what is longer is cut there and counted as `cut`; a format may still make something of it
 */
export function readLines(
  format: LineFormat,
  { logName, clock }: ParserNeeds,
  { position = 0, mostLineBytes = MOST_LINE_BYTES }: Readonly<{ position?: number; mostLineBytes?: number }> = {},
): LineParser {
  const tally = createTally();
  const uidOf = uidsOf(logName);
  const source: Source = {
    log_name: logName,
    product: format.product,
    ...(format.vendor === undefined ? {} : { vendor: format.vendor }),
  };
  let lineStart = position;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let droppedBytes = 0;

  const take = (line: string, cut: boolean, loggedTime: number, events: TrafficEvent[]): void => {
    if (line === '') return;
    if (cut) tally.count('cut');
    const told = format.read(line, { loggedTime, cut });
    if (told === null) return tally.setAside(lineStart, cut ? 'too long' : 'not in this format', line);
    if (told === 'ignored') return tally.count('ignored');
    const made = eventsOf(format, line, told, source, uidOf(lineStart, line), loggedTime);
    tally.count('events', made.length);
    events.push(...made);
  };

  const hold = (bytes: Buffer): void => {
    const room = mostLineBytes - heldBytes;
    if (bytes.length > room) droppedBytes += bytes.length - Math.max(0, room);
    if (room <= 0 || bytes.length === 0) return;
    // a copy: the chunk may be large, and its memory used again
    held.push(Buffer.from(bytes.subarray(0, room)));
    heldBytes += Math.min(room, bytes.length);
  };

  const takeHeld = (loggedTime: number, events: TrafficEvent[]): void => {
    const line = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
    take(textOf(line, 0, line.length), droppedBytes > 0, loggedTime, events);
    held = [];
    heldBytes = 0;
    droppedBytes = 0;
  };

  return {
    feed: (bytes) => {
      const events: TrafficEvent[] = [];
      const loggedTime = clock();
      let from = 0;
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
        let length = at - from + 1;
        if (heldBytes + droppedBytes > 0 || at - from > mostLineBytes) {
          hold(bytes.subarray(from, at));
          length = heldBytes + droppedBytes + 1;
          takeHeld(loggedTime, events);
        } else take(textOf(bytes, from, at), false, loggedTime, events);
        lineStart += length;
        from = at + 1;
      }
      hold(bytes.subarray(from));
      return events;
    },
    end: () => {
      const events: TrafficEvent[] = [];
      if (heldBytes > 0) {
        const length = heldBytes + droppedBytes;
        takeHeld(clock(), events);
        lineStart += length;
      }
      return events;
    },
    counts: tally.counts,
    aside: tally.aside,
    pendingBytes: () => heldBytes + droppedBytes,
  };
}

/** Without the carriage return that some writers leave; what is no UTF-8 becomes U+FFFD. */
function textOf(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('utf8', from, to > from && bytes[to - 1] === 13 ? to - 1 : to);
}
