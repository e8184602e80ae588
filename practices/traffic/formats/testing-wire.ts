/** A connection as packets, and a parser of them, for tests. */

import type { TrafficEvent } from '../event.ts';
import { readWire, type WireParser } from './wire.ts';
import { tcpFrame, type Sent, type Timed } from './written-packets.ts';

export const NOW = Date.UTC(2026, 10, 26, 14);
export const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];

export const wire = (limits = {}): WireParser => readWire({ logName: 'wire', clock: () => NOW }, limits);

export function all(bytes: Buffer, parser = wire()): TrafficEvent[] {
  return [...parser.feed(bytes), ...parser.end()];
}

/** A side's answer: ports and addresses turned round. */
export const back = ({ from = '10.0.0.1', to = '192.0.2.1', fromPort = 40_000, toPort = 80, ...rest }: Sent): Buffer =>
  tcpFrame({ ...rest, from: to, to: from, fromPort: toPort, toPort: fromPort });

export const GET = 'GET /a?b=c HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: curl/8\r\n\r\n';

export const CONNECTION: readonly Timed[] = [
  [NOW, tcpFrame({ flags: SYN, sequence: 100 })],
  [NOW + 1, back({ flags: SYN | ACK })],
  [NOW + 2, tcpFrame({ flags: ACK, sequence: 101 })],
  [NOW + 3, tcpFrame({ sequence: 101, payload: GET })],
  [NOW + 40, back({ payload: 'HTTP/1.1 200 OK\r\n\r\n' })],
  [NOW + 41, back({ flags: FIN | ACK })],
  [NOW + 42, tcpFrame({ flags: FIN | ACK })],
  [NOW + 43, back({ flags: ACK })],
];

// published: FoxIO's specification, and a fingerprint in its raw form that a public service gave of a browser
export const SPEC = {
  ciphers: [
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f,
    0x0035,
  ],
  extensions: [
    0x001b, 0, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a,
    0x0015,
  ],
  signatures: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
  versions: [0x7a7a, 0x0304, 0x0303],
  alpn: ['h2', 'http/1.1'],
};
