/**
 * What a client says first on a TCP connection, put together out of segments as far as it takes to read a TLS hello or the
 * head of a request. Segments are taken in their order; a gap ends it. Bounded for each connection and for all of them.
 */
import { beginsHello, MOST_HELLO_BYTES, readHello, type ClientHello } from './hello.ts';
import { beginsRequest, headEnd, MOST_HEAD_BYTES, readHead } from './http-head.ts';
import type { TrafficEvent } from '../event.ts';
import type { Packet } from './layers.ts';
import type { Tally } from './parser.ts';

/** `http`: between two requests. `done`: what follows is not looked at. */
export type Opening = { state: 'tls' | 'request' | 'http' | 'done'; bytes: Buffer; nextSequence: number };

export type Said =
  | Readonly<{ hello: ClientHello }>
  | Readonly<{ request: NonNullable<TrafficEvent['http_request']> }>
  | null;

/** Of all connections together. */
const MOST_HELD_BYTES = 8 * 1024 * 1024;
const NOTHING = Buffer.alloc(0);
const MOST_RECORDS_OVERHEAD = 64;

export type Openings = Readonly<{
  /** Takes a segment with payload from the client's side. */
  take: (opening: Opening | null, packet: Packet) => Readonly<{ opening: Opening; said: Said }>;
  /** The connection is over: what was said of a request that did not come to its end. */
  end: (opening: Opening) => Said;
  heldBytes: () => number;
}>;

export function createOpenings(tally: Tally): Openings {
  let held = 0;

  const finish = (opening: Opening, state: Opening['state']): void => {
    held -= opening.bytes.length;
    opening.bytes = NOTHING;
    opening.state = state;
  };

  const read = (opening: Opening, bytes: Buffer, from: number, to: number): Said => {
    if (opening.state === 'tls') {
      const hello = readHello(bytes, from, to);
      if (hello === 'more' && to - from < MOST_HELLO_BYTES + MOST_RECORDS_OVERHEAD)
        return keep(opening, bytes, from, to);
      finish(opening, 'done');
      if (hello === null || hello === 'more') tally.count('openingsUnread');
      return hello === null || hello === 'more' ? null : { hello };
    }
    if (headEnd(bytes, from, to) < 0 && to - from < MOST_HEAD_BYTES) return keep(opening, bytes, from, to);
    const request = readHead(bytes, from, to);
    finish(opening, request === null ? 'done' : 'http');
    return request === null ? null : { request };
  };

  const keep = (opening: Opening, bytes: Buffer, from: number, to: number): null => {
    const added = to - from - opening.bytes.length;
    if (held + added > MOST_HELD_BYTES) {
      tally.count('openingsUnread');
      finish(opening, 'done');
    } else {
      held += added;
      if (bytes !== opening.bytes) opening.bytes = Buffer.from(bytes.subarray(from, to));
    }
    return null;
  };

  return {
    take: (had, { bytes, payloadFrom: from, payloadTo: to, tcpSequence }) => {
      if (had === null || had.state === 'http') {
        const opening = had ?? { state: 'done', bytes: NOTHING, nextSequence: 0 };
        if (beginsHello(bytes, from, to) && had === null) opening.state = 'tls';
        else if (beginsRequest(bytes, from, to)) opening.state = 'request';
        else return { opening, said: null };
        opening.nextSequence = (tcpSequence + to - from) >>> 0;
        return { opening, said: read(opening, bytes, from, to) };
      }
      if (had.state === 'done') return { opening: had, said: null };
      // signed: a segment from before is behind, one after a gap is ahead (RFC 9293 §3.4)
      const ahead = (tcpSequence - had.nextSequence) | 0;
      if (ahead > 0) {
        tally.count('openingsUnread');
        finish(had, 'done');
        return { opening: had, said: null };
      }
      const fresh = from - ahead;
      if (fresh >= to) return { opening: had, said: null };
      had.nextSequence = (had.nextSequence + to - fresh) >>> 0;
      const all = Buffer.concat([had.bytes, bytes.subarray(fresh, to)]);
      return { opening: had, said: read(had, all, 0, all.length) };
    },
    end: (opening) => {
      const { state, bytes } = opening;
      const request = state === 'request' ? readHead(bytes, 0, bytes.length) : null;
      finish(opening, 'done');
      return request === null ? null : { request };
    },
    heldBytes: () => held,
  };
}
