/** Parsers of traffic: packets and access logs, against the limit that reading them sets. */
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { accessLog, readLines, readWire } from '#practices/traffic';

import { ratioOf, spreadOf, takeTurns, type Contender, type Did } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';

const PIECE_BYTES = 256 * 1024;
const MEGABYTE = 1e6;
const GOAL_MEGABYTES = 100;

const needs = { logName: 'bench', clock: Date.now };

/** On the clock of this thread: what a core does, whoever else uses the machine. */
async function onCore(operations: number, work: () => Promise<void>): Promise<Did> {
  const began = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(began);
  return { operations, seconds: Math.max(1, user + system) / 1e6 };
}

async function readPieces(path: string, onPiece: (piece: Buffer) => void): Promise<void> {
  const file = await open(path);
  const buffer = Buffer.alloc(PIECE_BYTES);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES);
      if (bytesRead === 0) return;
      onPiece(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

async function withFile(bytes: Buffer, work: (path: string) => Promise<Measured>): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-bench-'));
  try {
    const path = join(folder, 'traffic');
    await writeFile(path, bytes);
    return await work(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** TCP segments of 1,500 connections, a third of them small, as a download beside its acknowledgements is. */
function writePackets(count: number): Buffer {
  const packets = Array.from({ length: count }, (_, at) => {
    const payload = at % 3 === 0 ? 60 : 1200;
    const length = 54 + payload;
    const packet = Buffer.alloc(16 + length);
    packet.writeUInt32LE(1_795_000_000 + Math.trunc(at / 1000), 0);
    packet.writeUInt32LE((at % 1000) * 1000, 4);
    packet.writeUInt32LE(length, 8);
    packet.writeUInt32LE(length, 12);
    packet.writeUInt16BE(0x0800, 28);
    packet[30] = 0x45;
    packet.writeUInt16BE(40 + payload, 32);
    packet[39] = 6;
    packet.set([10, 0, (at % 1500) >> 8, at % 250, 192, 0, 2, 1], 42);
    packet.writeUInt16BE(20_000 + (at % 1500), 50);
    packet.writeUInt16BE(443, 52);
    packet.writeUInt32BE(at, 54);
    packet.set([0x50, 0x18], 62);
    return packet;
  });
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1_b2_c3_d4, 0);
  header.set([2, 0, 4, 0], 4);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(1, 20);
  return Buffer.concat([header, ...packets]);
}

async function measurePackets({ sizes, progress }: Bench): Promise<Measured> {
  const packets = sizes.name === 'full' ? 300_000 : sizes.name === 'quick' ? 60_000 : 300;
  const bytes = writePackets(packets);
  const megabytes = bytes.length / MEGABYTE;
  return withFile(bytes, async (path) => {
    let told = 0;
    const contenders: Contender<'parsed' | 'read'>[] = [
      {
        name: 'parsed',
        work: () =>
          onCore(megabytes, async () => {
            const parser = readWire(needs);
            await readPieces(path, (piece) => {
              told += parser.feed(piece).length;
            });
            told += parser.end().length;
          }),
      },
      { name: 'read', work: () => onCore(megabytes, () => readPieces(path, () => undefined)) },
    ];
    const rates = await takeTurns(contenders, {
      rounds: sizes.rounds,
      warmups: 2,
      onRound: (round, of) => progress(`round ${round} of ${of}, ${told} flows`),
    });
    return {
      sides: [
        { name: 'packets of a file made flows', unit: 'MB a second of CPU', spread: spreadOf(rates.parsed) },
        { name: 'the file only read', unit: 'MB a second of CPU', spread: spreadOf(rates.read) },
      ],
      goals: [
        goal(
          `packets made flows, over ${GOAL_MEGABYTES} MB/s`,
          spreadOf(rates.parsed.map((rate) => rate / GOAL_MEGABYTES)),
          {
            atLeast: 1,
          },
        ),
        goal('packets made flows, of only reading the file', ratioOf(rates.parsed, rates.read)),
      ],
      figures: [{ name: 'bytes in a packet, on average', value: bytes.length / packets, unit: 'bytes' }],
    };
  });
}

const lineOf = (at: number): string =>
  `203.0.113.${at % 250} - - [26/Nov/2026:13:${10 + (Math.trunc(at / 400) % 50)}:00 +0100] "GET /api/v1/items/${at}?page=${at % 9} HTTP/1.1" 200 ${at} "https://shop.example/" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Safari/537.36"`;

async function measureLines({ sizes, progress }: Bench): Promise<Measured> {
  const count = sizes.name === 'full' ? 200_000 : sizes.name === 'quick' ? 40_000 : 300;
  const lines = Array.from({ length: count }, (_, at) => lineOf(at));
  const text = Buffer.from(`${lines.join('\n')}\n`);
  const [event] = readLines(accessLog(), needs).feed(Buffer.from(`${lineOf(0)}\n`));
  const json = JSON.stringify(event);
  let seen = 0;
  const contenders: Contender<'parsed' | 'json' | 'split'>[] = [
    {
      name: 'parsed',
      work: () =>
        onCore(count, async () => {
          const parser = readLines(accessLog(), needs);
          for (let at = 0; at < text.length; at += PIECE_BYTES)
            seen += parser.feed(text.subarray(at, at + PIECE_BYTES)).length;
          await Promise.resolve();
        }),
    },
    {
      name: 'json',
      work: () =>
        onCore(count, async () => {
          for (let at = 0; at < count; at += 1) seen += (JSON.parse(json) as { time: number }).time & 1;
          await Promise.resolve();
        }),
    },
    {
      name: 'split',
      work: () =>
        onCore(count, async () => {
          for (const line of text.toString('utf8').split('\n')) seen += line.split(' ').length;
          await Promise.resolve();
        }),
    },
  ];
  const rates = await takeTurns(contenders, {
    rounds: sizes.rounds,
    warmups: 2,
    onRound: (round, of) => progress(`round ${round} of ${of}, ${seen % 10}`),
  });
  return {
    sides: [
      { name: 'lines of COMBINED made events', unit: 'lines a second of CPU', spread: spreadOf(rates.parsed) },
      { name: 'JSON.parse of such an event', unit: 'lines a second of CPU', spread: spreadOf(rates.json) },
      { name: 'lines split at their spaces', unit: 'lines a second of CPU', spread: spreadOf(rates.split) },
    ],
    goals: [
      goal('lines made events, of JSON.parse of what they become', ratioOf(rates.parsed, rates.json), {
        atLeast: 0.25,
      }),
      goal('lines made events, of lines split at their spaces', ratioOf(rates.parsed, rates.split)),
    ],
  };
}

export const formatRows: readonly Row[] = [
  {
    name: 'traffic-packets',
    title: 'Packets of a capture file made flows',
    how: [
      'A pcap of TCP segments of 1,500 connections, about 890 bytes each, read in pieces of 256 KiB from a file in the page cache.',
      'On the clock of one thread. The goal is the design’s; the limit is reading the same file and doing nothing.',
    ],
    measure: measurePackets,
  },
  {
    name: 'traffic-access-log',
    title: 'Lines of an access log made events',
    how: [
      'COMBINED as nginx writes it, about 250 bytes a line, in memory; each event with its SHA-256 uid. On the clock of one thread.',
      'Beside it: JSON.parse of such an event, which is what reading it back would cost, and splitting lines at their spaces.',
    ],
    measure: measureLines,
  },
];
