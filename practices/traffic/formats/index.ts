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
 */
export { accessLog, CLF, COMBINED } from './access-log.ts';
export { readLines, type LineFormat, type LineParser } from './lines.ts';
export type { Aside, Counts, Parser, ParserNeeds } from './parser.ts';
export { FORMATS, lineFormat, recognise, type FormatName } from './recognise.ts';
