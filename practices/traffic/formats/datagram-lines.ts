/**
 * Datagrams that each are one line, as syslog over UDP (RFC 5426).
 */
import type { Source } from '../event.ts';
import { eventsOf, type LineFormat } from './lines.ts';
import type { DatagramParser } from './netflow.ts';
import { createTally, type ParserNeeds } from './parser.ts';
import { uidsOf } from './uid.ts';

/** The largest that RFC 5424 §6.1 asks anybody to take, four times. */
const MOST_BYTES = 8192;

export function readDatagramLines(format: LineFormat, { logName, clock }: ParserNeeds): DatagramParser {
  const tally = createTally();
  const uidOf = uidsOf(logName);
  const source: Source = { log_name: logName, product: format.product };
  // a datagram comes once, and two that say the same are two
  const began = clock();
  let number = 0;
  return {
    feed: (datagram, from) => {
      number += 1;
      const loggedTime = clock();
      const cut = datagram.length > MOST_BYTES;
      const line = datagram.toString('utf8', 0, MOST_BYTES).trimEnd();
      const told = format.read(line, { loggedTime, cut });
      if (cut) tally.count('cut');
      if (told === null) tally.setAside(from, 'not in this format', line);
      else if (told === 'ignored') tally.count('ignored');
      else {
        const events = eventsOf(format, line, told, source, uidOf(`${began}#${number}`, line), loggedTime);
        tally.count('events', events.length);
        return events;
      }
      return [];
    },
    counts: tally.counts,
    aside: tally.aside,
  };
}
