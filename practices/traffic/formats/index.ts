/**
 * Formats: bytes that others write → TrafficEvents. Pure, streaming, bounded.
 *
 * | name | what | file |
 * |---|---|---|
 * | `eve` | Suricata EVE JSON | suricata.ts |
 * | `zeek` | Zeek JSON logs | zeek.ts |
 * | `access-log` | nginx, Apache; any nginx `log_format` | access-log.ts |
 * | `syslog` | RFC 5424, RFC 3164: who logged on | syslog.ts, auth-messages.ts |
 * | `vpc-flow` | AWS VPC flow logs 2 to 5 | vpc-flow.ts |
 * | `pcap`, `pcapng` | packets → flows, DNS, TLS hellos (JA4), HTTP requests | wire.ts |
 * | NetFlow 9, IPFIX | datagrams | netflow.ts |
 */
export { accessLog, CLF, COMBINED } from './access-log.ts';
export { readDatagramLines } from './datagram-lines.ts';
export { readLines, type LineFormat, type LineParser } from './lines.ts';
export type { Aside, Counts, Parser, ParserNeeds } from './parser.ts';
export { readNetflow, type DatagramParser, type NetflowParser } from './netflow.ts';
export { readAny, type ReadAnything, type ReadAs } from './read-any.ts';
export { readWire, type WireParser } from './wire.ts';
export { FORMATS, lineFormat, recognise, type FormatName } from './recognise.ts';
