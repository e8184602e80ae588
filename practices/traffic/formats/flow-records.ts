/**
 * Records of NetFlow 9 and IPFIX, by the numbers that both have for what they say (IANA "IPFIX Information Elements").
 */
import { addressText } from './addresses.ts';
import type { Told } from './lines.ts';
import { protocolName } from './protocols.ts';
import { VARIABLE, type Field } from './templates.ts';

/** What a record says, by element; those of the other direction (RFC 5103) as negative numbers. Addresses are text. */
export type FlowRecord = ReadonlyMap<number, number | string>;

/** RFC 5103 §6.1: this enterprise's elements are the same, of the other direction. */
const REVERSE = 29_305;

const ADDRESSES = new Set([8, 12, 27, 28]);
/** Elements that a record is read for. */
const NUMBERS = new Set([
  1, 2, 4, 6, 7, 11, 21, 22, 23, 24, 32, 61, 85, 86, 136, 139, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160,
  161,
]);

/** More than fit into a datagram: what has records of no length would have as many as it likes. */
const MOST_RECORDS = 65_536;

/** @param onRecord with where it begins in the set @returns how many there were */
export function readRecords(
  set: Buffer,
  fields: readonly Field[],
  mayVary: boolean,
  onRecord: (record: FlowRecord, at: number) => void,
): number {
  let count = 0;
  for (let at = 0; count < MOST_RECORDS; count += 1) {
    const record = new Map<number, number | string>();
    const end = readRecord(set, at, fields, mayVary, record);
    // what is left is padding
    if (end < 0 || end === at) return count;
    onRecord(record, at);
    at = end;
  }
  return count;
}

/** @returns where it ends; -1: it is not all there */
function readRecord(
  set: Buffer,
  from: number,
  fields: readonly Field[],
  mayVary: boolean,
  into: Map<number, number | string>,
): number {
  let at = from;
  for (const { element, enterprise, length: fixed } of fields) {
    let length = fixed;
    if (fixed === VARIABLE && mayVary) {
      if (at >= set.length) return -1;
      length = set[at] as number;
      at += 1;
      if (length === 255) {
        if (at + 2 > set.length) return -1;
        length = set.readUInt16BE(at);
        at += 2;
      }
    }
    const end = at + length;
    if (end > set.length) return -1;
    if (enterprise === 0 || enterprise === REVERSE) {
      const value = valueOf(set, at, length, element);
      if (value !== undefined) into.set(enterprise === 0 ? element : -element, value);
    }
    at = end;
  }
  return at;
}

function valueOf(set: Buffer, at: number, length: number, element: number): number | string | undefined {
  if (ADDRESSES.has(element))
    return length === 4 || length === 16 ? addressText(set.toString('latin1', at, at + length), 0, length) : undefined;
  if (!NUMBERS.has(element)) return undefined;
  // NTP fractions (dateTimeMicroseconds, RFC 7011 §6.1.9)
  if (element >= 154 && element <= 157 && length === 8)
    return (set.readUInt32BE(at) - 2_208_988_800 + set.readUInt32BE(at + 4) / 4_294_967_296) * 1000;
  if (length >= 1 && length <= 6) return set.readUIntBE(at, length);
  return length === 8 ? Math.min(Number.MAX_SAFE_INTEGER, Number(set.readBigUInt64BE(at))) : undefined;
}

export type Times = Readonly<{
  exportedMs: number;
  /** Of the exporter's clock of up-time, when it sent this. */ upTimeMs: number | null;
  /** When that clock was 0, where options say so. */
  bootedMs: number | null;
}>;

/** systemInitTimeMilliseconds, which IPFIX exporters say in their options. */
export function bootedBy(record: FlowRecord): number | null {
  const value = record.get(160);
  return typeof value === 'number' ? value : null;
}

/** @returns null: it is of no flow between addresses */
export function recordTold(record: FlowRecord, times: Times): Told | null {
  const number = (element: number): number | undefined => {
    const value = record.get(element);
    return typeof value === 'number' ? value : undefined;
  };
  const address = (v4: number, v6: number): string | undefined => {
    // an exporter with one template for both leaves the other empty
    const [short, long] = [record.get(v4), record.get(v6)];
    return (short !== undefined && short !== '0.0.0.0' ? short : (long ?? short)) as string | undefined;
  };
  const [src, dst] = [address(8, 27), address(12, 28)];
  if (src === undefined || dst === undefined) return null;
  const protocol = number(4);
  const hasPorts = protocol === 6 || protocol === 17 || protocol === 132;
  const flags = number(6);
  const [began, ended] = [momentOf(number, times, BEGAN), momentOf(number, times, ENDED)];
  const direction = number(61);
  return {
    class: 'network',
    activity_id: 6,
    time: began ?? times.exportedMs,
    ...(began !== undefined && ended !== undefined && ended >= began ? { duration: Math.round(ended - began) } : {}),
    src_endpoint: { ip: src, ...portOf(hasPorts, number(7)) },
    dst_endpoint: { ip: dst, ...portOf(hasPorts, number(11)) },
    connection_info: {
      protocol_name: protocolName(protocol ?? 0),
      ...(flags === undefined ? {} : { tcp_flags: flags & 255 }),
      ...(direction === 0 || direction === 1 ? { direction_id: direction === 0 ? (1 as const) : (2 as const) } : {}),
    },
    traffic: trafficOf(number),
  };
}

const portOf = (has: boolean, port: number | undefined): { port?: number } =>
  has && port !== undefined && port <= 65_535 ? { port } : {};

type Number = (element: number) => number | undefined;

function trafficOf(number: Number): NonNullable<Told['traffic']> {
  const amounts = {
    bytes_out: number(1) ?? number(85) ?? number(23),
    packets_out: number(2) ?? number(86) ?? number(24),
    bytes_in: number(-1) ?? number(-85),
    packets_in: number(-2) ?? number(-86),
  };
  return Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== undefined));
}

/** Elements of one moment: up-time, seconds, milliseconds, micro- and nanoseconds, microseconds before the export. */
const BEGAN = [22, 150, 152, 154, 156, 158] as const;
const ENDED = [21, 151, 153, 155, 157, 159] as const;

function momentOf(
  number: Number,
  { exportedMs, upTimeMs, bootedMs }: Times,
  elements: typeof BEGAN | typeof ENDED,
): number | undefined {
  const [upTime, seconds, ms, us, ns, delta] = elements.map(number);
  if (ms !== undefined) return ms;
  if (us !== undefined) return us;
  if (ns !== undefined) return ns;
  if (seconds !== undefined) return seconds * 1000;
  if (delta !== undefined) return exportedMs - delta / 1000;
  if (upTime === undefined) return undefined;
  const booted = number(160) ?? bootedMs;
  const nowUpTime = upTimeMs ?? (booted === null ? null : exportedMs - booted);
  // 32 bits: it begins again every 49.7 days, and softflowd has flows that began before it did
  return nowUpTime === null ? undefined : exportedMs - ((nowUpTime - upTime) | 0);
}
