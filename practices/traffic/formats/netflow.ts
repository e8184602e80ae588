/**
 * NetFlow 9 (RFC 3954) and IPFIX (RFC 7011) datagrams → a network event for each record.
 *
 * Templates are kept for each exporter and observation domain, bounded; records that come before their template wait a
 * little, bounded, and are counted (`waited`, and `waitedInVain` where no template came in time). Of options only the time
 * at which the exporter's clock began is used.
 * Counts: `datagrams`, `templates`, `options`, `otherVersions`, `lost` (by the exporter's own sequence numbers).
 */
import { eventOf, type Source, type TrafficEvent } from '../event.ts';
import { bootedBy, readRecords, recordTold } from './flow-records.ts';
import { createTally, type Aside, type Counts, type ParserNeeds } from './parser.ts';
import { createTemplates, type Domain, type Templates } from './templates.ts';
import { keepableTime } from './text.ts';
import { uidsOf } from './uid.ts';

export type DatagramParser = Readonly<{
  /** @param from the sender's address */
  feed: (datagram: Buffer, from: string) => TrafficEvent[];
  counts: () => Counts;
  aside: () => readonly Aside[];
}>;

export type NetflowParser = DatagramParser & Readonly<{ held: () => ReturnType<Templates['held']> }>;

const V9_HEADER = 20;
const IPFIX_HEADER = 16;

type Header = Readonly<{
  version: 9 | 10;
  /** Where the sets begin and end. */
  from: number;
  to: number;
  exportedMs: number;
  /** Of the exporter's clock of up-time. */
  upTimeMs: number | null;
  sequence: number;
  domain: number;
}>;

export function readNetflow({ logName, clock }: ParserNeeds): NetflowParser {
  const tally = createTally();
  const templates = createTemplates(tally);
  const uidOf = uidsOf(logName);
  const source: Source = { log_name: logName, product: 'NetFlow' };

  const tellSet = (header: Header, domain: Domain, set: Buffer, id: number, position: string): TrafficEvent[] => {
    const fields = domain.templates.get(id);
    if (fields === undefined) {
      templates.wait(domain, id, set, header, position);
      domain.uncounted = true;
      return [];
    }
    const loggedTime = clock();
    const events: TrafficEvent[] = [];
    const records = readRecords(set, fields, header.version === 10, (record, at) => {
      domain.bootedMs = bootedBy(record) ?? domain.bootedMs;
      const { exportedMs, upTimeMs } = header;
      const told = recordTold(record, { exportedMs, upTimeMs, bootedMs: domain.bootedMs });
      if (told === null) return tally.count('ignored');
      tally.count('events');
      const observed = {
        ...told,
        time: keepableTime(told.time, loggedTime),
        uid: uidOf(`${position}+${at}`, set.toString('latin1', at, at + 64)),
      };
      events.push(eventOf(source, observed, loggedTime));
    });
    domain.records += records;
    return events;
  };

  const readSets = (datagram: Buffer, header: Header, domain: Domain, position: string): TrafficEvent[] => {
    const events: TrafficEvent[] = [];
    for (let at = header.from, count = 0; at + 4 <= header.to; count += 1) {
      const [id, length] = [datagram.readUInt16BE(at), datagram.readUInt16BE(at + 2)];
      if (length < 4 || at + length > header.to) {
        tally.setAside(position, 'a set that is longer than its datagram', datagram.subarray(at, at + 16));
        break;
      }
      const set = datagram.subarray(at + 4, at + length);
      const isV9 = header.version === 9;
      const kind = id === (isV9 ? 0 : 2) ? 'flows' : id === (isV9 ? 1 : 3) ? 'options' : null;
      if (kind !== null) {
        if (kind === 'options') tally.count('options');
        for (const ready of templates.learn(domain, set, header.version, kind)) {
          const waited = ready.header as Header;
          events.push(...tellSet(waited, domain, ready.set, ready.id, ready.position));
        }
      } else if (id >= 256) events.push(...tellSet(header, domain, set, id, `${position}.${count}`));
      at += length;
    }
    return events;
  };

  return {
    feed: (datagram, from) => {
      tally.count('datagrams');
      const header = headerOf(datagram);
      if (typeof header === 'string') {
        if (header === 'version') tally.count('otherVersions');
        tally.setAside(from, header === 'version' ? 'neither NetFlow 9 nor IPFIX' : 'shorter than it says', datagram);
        return [];
      }
      const domain = templates.domainOf(`${from}|${header.version}|${header.domain}`);
      const before = domain.records;
      const position = `${from}|${header.domain}|${header.exportedMs}|${header.sequence}`;
      countLost(domain, header, tally.count);
      const events = readSets(datagram, header, domain, position);
      // RFC 3954 §5.1 counts datagrams, RFC 7011 §3.1 data records; of a set without template nobody knows how many it has
      const step = header.version === 9 ? 1 : domain.records - before;
      domain.expected = header.version === 10 && domain.uncounted ? null : (header.sequence + step) >>> 0;
      domain.uncounted = false;
      return events;
    },
    counts: tally.counts,
    aside: tally.aside,
    held: templates.held,
  };
}

function headerOf(datagram: Buffer): Header | 'short' | 'version' {
  if (datagram.length < IPFIX_HEADER) return 'short';
  const version = datagram.readUInt16BE(0);
  if (version === 10) {
    const to = datagram.readUInt16BE(2);
    if (to < IPFIX_HEADER || to > datagram.length) return 'short';
    return {
      version,
      from: IPFIX_HEADER,
      to,
      exportedMs: datagram.readUInt32BE(4) * 1000,
      upTimeMs: null,
      sequence: datagram.readUInt32BE(8),
      domain: datagram.readUInt32BE(12),
    };
  }
  if (version !== 9) return 'version';
  if (datagram.length < V9_HEADER) return 'short';
  const exportedMs = datagram.readUInt32BE(8) * 1000;
  return {
    version,
    from: V9_HEADER,
    to: datagram.length,
    exportedMs,
    upTimeMs: datagram.readUInt32BE(4),
    sequence: datagram.readUInt32BE(12),
    domain: datagram.readUInt32BE(16),
  };
}

/** A jump of more than this is a restart of the exporter, or somebody's invention. */
const MOST_LOST = 100_000;

function countLost(domain: Domain, { sequence }: Header, count: (name: string, times: number) => void): void {
  if (domain.expected === null) return;
  const missing = (sequence - domain.expected) >>> 0;
  // behind: out of order
  if (missing > 0 && missing <= MOST_LOST) count('lost', missing);
}
