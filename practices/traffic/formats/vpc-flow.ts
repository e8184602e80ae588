/**
 * AWS VPC flow logs, versions 2 to 5: words with spaces between them. What each is, a header line says
 * (`version account-id interface-id srcaddr …`, as files in S3 begin), or the caller; else it is version 2's default.
 *
 * REJECT becomes a refused connection. `NODATA` is ignored; `SKIPDATA` says that AWS itself lost records, and is a finding.
 * `interface-id`, `instance-id`, `vpc-id`, `action`, `pkt-srcaddr`, `pkt-dstaddr` and `flow-direction` stay in `unmapped`.
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
import { endpoint, known } from './fields.ts';
import type { LineFormat, Reading } from './lines.ts';
import { protocolName } from './protocols.ts';
import { keepableTime, plain } from './text.ts';

const VERSION_2 =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';

const MOST_FIELDS = 64;

const namesOf = (header: string): readonly string[] =>
  // CloudFormation and Terraform write `${srcaddr}`
  header.split(' ', MOST_FIELDS).map((name) => name.replaceAll(/[${}]/g, ''));

/** Words that only a header has. */
export const isVpcHeader = (line: string): boolean => {
  // records begin with a number in every format that AWS proposes
  if (/^[0-9]/.test(line)) return false;
  const names = namesOf(line.slice(0, 2000));
  return names.includes('srcaddr') || names.includes('dstaddr') || names.includes('log-status');
};

/** @param fields as in the flow log's own format; a header line in the file wins */
export function vpcFlowLog(fields: string = VERSION_2): LineFormat {
  let names = namesOf(fields);
  return {
    product: 'VPC Flow Logs',
    vendor: 'AWS',
    read: (line, { loggedTime }): Reading => {
      if (isVpcHeader(line)) {
        names = namesOf(line);
        return 'ignored';
      }
      const words = line.split(' ', MOST_FIELDS + 1);
      if (words.length !== names.length) return null;
      const said: Record<string, string> = {};
      names.forEach((name, at) => {
        const word = words[at] as string;
        if (word !== '-') said[name] = word;
      });
      return recordOf(said, loggedTime);
    },
  };
}

function recordOf(said: Readonly<Record<string, string>>, loggedTime: number): Reading {
  const [begun, ended] = [whole(said.start), whole(said.end)];
  const time = keepableTime((begun ?? Number.NaN) * 1000, loggedTime);
  const status = said['log-status'];
  if (status === 'NODATA') return 'ignored';
  if (status === 'SKIPDATA') return skipped(said, time);
  const from = endpoint(said.srcaddr, whole(said.srcport));
  const to = endpoint(said.dstaddr, whole(said.dstport));
  const protocol = whole(said.protocol);
  if ((from ?? to)?.ip === undefined || (protocol !== undefined && protocol > 255)) return null;
  const refused = said.action === 'REJECT';
  const flags = whole(said['tcp-flags']);
  return {
    class: 'network',
    activity_id: refused ? 5 : 6,
    time,
    status_id: refused ? 2 : 1,
    ...known({ src_endpoint: from, dst_endpoint: to }),
    connection_info: {
      protocol_name: protocolName(protocol ?? 0),
      ...known({ direction_id: DIRECTIONS[said['flow-direction'] ?? ''], tcp_flags: flags }),
    },
    ...(begun !== undefined && ended !== undefined && ended >= begun ? { duration: (ended - begun) * 1000 } : {}),
    traffic: known({ bytes_out: whole(said.bytes), packets_out: whole(said.packets) }),
    unmapped: keptOf(said),
  };
}

const DIRECTIONS: Readonly<Record<string, 1 | 2>> = { ingress: 1, egress: 2 };

const KEPT = ['interface-id', 'instance-id', 'vpc-id', 'action', 'pkt-srcaddr', 'pkt-dstaddr', 'flow-direction'];

const keptOf = (said: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(KEPT.flatMap((name) => (said[name] === undefined ? [] : [[name, plain(said[name], 64)]])));

const skipped = (said: Readonly<Record<string, string>>, time: number): Reading => ({
  class: 'finding',
  activity_id: 1,
  severity_id: 2,
  time,
  finding_info: { uid: 'vpc:SKIPDATA', title: 'AWS lost flow records of this interface', types: ['sensor gap'] },
  unmapped: keptOf(said),
});

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
