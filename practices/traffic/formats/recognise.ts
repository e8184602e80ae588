/** Which format bytes are in, by what they begin with. */
import { COMBINED, accessLog } from './access-log.ts';
import { jsonLine } from './fields.ts';
import type { LineFormat } from './lines.ts';
import { frameOf, syslogLine } from './syslog.ts';
import { suricataEve } from './suricata.ts';
import { isVpcHeader, vpcFlowLog } from './vpc-flow.ts';
import { zeekJson } from './zeek.ts';

export const FORMATS = ['pcap', 'pcapng', 'eve', 'zeek', 'access-log', 'syslog', 'vpc-flow'] as const;
export type FormatName = (typeof FORMATS)[number];

/** How much of the beginning is enough. */
export const ENOUGH_BYTES = 64 * 1024;

const PCAP = new Set([0xa1_b2_c3_d4, 0xd4_c3_b2_a1, 0xa1_b2_3c_4d, 0x4d_3c_b2_a1]);
const PCAPNG = 0x0a_0d_0d_0a;

/** @returns null: none of these */
export function recognise(beginning: Buffer): FormatName | null {
  if (beginning.length >= 4) {
    const magic = beginning.readUInt32BE(0);
    if (PCAP.has(magic)) return 'pcap';
    if (magic === PCAPNG) return 'pcapng';
  }
  const lines = beginning
    .toString('utf8', 0, ENOUGH_BYTES)
    .split(/\r?\n/, 21)
    .filter((line) => line !== '');
  // a first line may be damaged, and the last one here may be cut: the kind that most are of
  const votes = new Map<FormatName, number>();
  for (const line of lines.slice(0, 20)) {
    const kind = kindOf(line);
    if (kind !== null) votes.set(kind, (votes.get(kind) ?? 0) + 1);
  }
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

function kindOf(line: string): FormatName | null {
  const json = jsonLine(line);
  if (json !== null) {
    if (typeof json.event_type === 'string' && 'timestamp' in json) return 'eve';
    return 'ts' in json || '_path' in json ? 'zeek' : null;
  }
  if (isVpcHeader(line)) return 'vpc-flow';
  const about = { loggedTime: 0, cut: false };
  if (/^[2-5] (\d{12}|unknown) /.test(line) && vpcFlowLog().read(line, about) !== null) return 'vpc-flow';
  if (accessLog(COMBINED).read(line, about) !== null) return 'access-log';
  return frameOf(line, 0) === null ? null : 'syslog';
}

/** @param declared of an access log: nginx's `log_format`; of VPC flow logs: the fields */
export function lineFormat(name: Exclude<FormatName, 'pcap' | 'pcapng'>, declared?: string): LineFormat {
  const made: Readonly<Record<typeof name, () => LineFormat>> = {
    eve: () => suricataEve,
    zeek: () => zeekJson,
    'access-log': () => accessLog(declared),
    syslog: () => syslogLine,
    'vpc-flow': () => vpcFlowLog(declared),
  };
  return made[name]();
}
