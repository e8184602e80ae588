import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readAny, type ReadAnything } from './read-any.ts';
import { pcap, pcapng, tcpFrame } from './written-packets.ts';

const needs = { logName: 'replay', clock: () => Date.UTC(2026, 10, 26) };
const LINE = '203.0.113.9 - - [26/Nov/2026:13:00:00 +0100] "GET / HTTP/1.1" 404 153 "-" "curl"\n';

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size: number, as = {}): Promise<ReadAnything & { events: number }> {
  const reading = readAny(pieces(bytes, size), needs, as);
  let events = 0;
  for (;;) {
    const { value, done } = await reading.next();
    if (done === true) return { ...value, events };
    events += value.length;
  }
}

test('a file is read by what it is, in pieces of any size', async () => {
  const frames: [number, Buffer][] = [[Date.UTC(2026, 10, 26), tcpFrame({})]];

  for (const size of [7, 100_000]) {
    const log = await read(Buffer.from(LINE.repeat(2000)), size);
    assert.deepEqual([log.format, log.events, log.counts.malformed], ['access-log', 2000, 0]);
    assert.deepEqual((await read(pcap(frames), size)).events, 1);
    assert.deepEqual((await read(pcapng(frames), size)).format, 'pcapng');
  }
});

test('what is none of them makes nothing; a format that was said is believed', async () => {
  const unknown = await read(Buffer.from('hello\n'.repeat(50_000)), 10_000);
  const said = await read(Buffer.from(`${LINE}hello\n`), 10_000, { format: 'access-log' });
  const empty = await read(Buffer.alloc(0), 10);

  assert.deepEqual(unknown, { format: null, counts: {}, aside: [], events: 0 });
  assert.deepEqual([said.events, said.counts.malformed, said.aside[0]?.sample], [1, 1, 'hello']);
  assert.equal(empty.format, null);
});
