/** Parsers of lines, and lines for them, for tests. */
import assert from 'node:assert/strict';

import type { TrafficEvent } from '../event.ts';
import { readLines, type LineFormat, type LineParser } from './lines.ts';
import { FORMATS } from './recognise.ts';

export const NOW = Date.UTC(2026, 10, 26, 14);
export const LINE_FORMATS = FORMATS.filter((each) => each !== 'pcap' && each !== 'pcapng');

export const parser = (format: LineFormat, options = {}): LineParser =>
  readLines(format, { logName: 'test', clock: () => NOW }, options);

export function all(format: LineFormat, text: string | Buffer): TrafficEvent[] {
  const one = parser(format);
  return [...one.feed(Buffer.from(text)), ...one.end()];
}

export const only = (format: LineFormat, text: string): TrafficEvent => {
  const events = all(format, text);
  assert.equal(events.length, 1, text);
  return events[0] as TrafficEvent;
};

export const REQUEST = '203.0.113.9 - - [26/Nov/2026:13:00:00 +0100] "GET /a?b=c HTTP/1.1" 404 153';
export const COMBINED_LINE = `${REQUEST} "https://example.org/" "curl/8.5"`;
export const EVE = {
  timestamp: '2026-11-26T13:00:00.123456+0100',
  flow_id: 123,
  event_type: 'alert',
  src_ip: '203.0.113.9',
  src_port: 50096,
  dest_ip: '2001:DB8:0:0::1',
  dest_port: 80,
  proto: 'TCP',
  alert: {
    action: 'allowed',
    gid: 1,
    signature_id: 2_018_358,
    rev: 10,
    signature: 'ET HUNTING something',
    category: 'Potentially Bad Traffic',
    severity: 2,
    metadata: { mitre_technique_id: ['T1071'] },
  },
};
export const eve = (fields: object): string => JSON.stringify({ ...EVE, ...fields });
