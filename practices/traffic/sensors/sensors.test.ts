import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { appendFileSync, existsSync } from 'node:fs';
import { appendFile, copyFile, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { TrafficEvent } from '../event.ts';
import { accessLog } from '../formats/access-log.ts';
import { readDatagramLines } from '../formats/datagram-lines.ts';
import { syslogLine } from '../formats/syslog.ts';
import { pcap, tcpFrame } from '../formats/written-packets.ts';
import { captureWire } from './capture-wire.ts';
import { listenUdp } from './listen-udp.ts';
import { tailFile, type TailCursor } from './tail-file.ts';
import { droppedByKernel, tcpdumpArguments } from './tcpdump.ts';

const folder = await mkdtemp(join(tmpdir(), 'strongroom-sensors-'));
const started: { stop: () => Promise<void> }[] = [];
after(async () => {
  // what a failed test left running would keep this file from ending
  for (const sensor of started) await sensor.stop();
  await rm(folder, { recursive: true });
});

const line = (path: string | number): string =>
  `203.0.113.9 - - [26/Nov/2026:13:00:00 +0100] "GET /${path} HTTP/1.1" 200 153 "-" "curl"\n`;

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => line(from + at)).join('');

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn += 1) {
    assert.ok(turn < 2000, 'it does not come');
    await sleep(5);
  }
}

/** Where a tail's events go: what it said, and the last cursor, as a store keeps both. */
function store() {
  const events: TrafficEvent[] = [];
  const kept: { cursor: TailCursor | null; refuse: number } = { cursor: null, refuse: 0 };
  return {
    events,
    kept,
    paths: () =>
      events.flatMap(({ http_request: request }) => (request === undefined ? [] : [request.url.path.slice(1)])),
    gaps: () => events.filter(({ finding_info: finding }) => finding?.uid === 'strongroom:gap').length,
    sink: (some: readonly TrafficEvent[], cursor: TailCursor): Promise<void> => {
      if (kept.refuse > 0) {
        kept.refuse -= 1;
        return Promise.reject(new Error('no'));
      }
      events.push(...some);
      kept.cursor = cursor;
      return Promise.resolve();
    },
  };
}

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => String(from + at));

let files = 0;
async function tailed(text: string) {
  const path = join(folder, `log${(files += 1)}`);
  await writeFile(path, text);
  const kept = store();
  const tail = (cursor: TailCursor | null = kept.kept.cursor) => {
    const sensor = tailFile({
      path,
      logName: 'web',
      format: accessLog(),
      clock: Date.now,
      cursor,
      pollMs: 5,
      batchBytes: 700,
      retryMs: 5,
    });
    started.push(sensor);
    return sensor;
  };
  const runUntil = async (holds: () => boolean) => {
    const sensor = tail();
    await sensor.start(kept.sink);
    await until(holds);
    await sensor.stop();
    return sensor.health();
  };
  return { path, ...kept, tail, runUntil };
}

test('a file is followed as it grows, half a line waits for its end, and a restart goes on from there', async () => {
  const { path, paths, runUntil, kept } = await tailed(lines(0, 50));

  await runUntil(() => paths().length === 50);
  await appendFile(path, line(50).slice(0, 30));
  await runUntil(() => true);
  await appendFile(path, line(50).slice(30) + lines(51, 60));
  const health = await runUntil(() => paths().length === 60);

  assert.deepEqual(paths(), numbers(0, 60));
  assert.equal(kept.cursor?.offset, lines(0, 60).length);
  assert.equal(health.state, 'stopped');
});

test('over a rotation by rename nothing is lost and nothing comes twice, late lines of the old file too', async () => {
  const { path, paths, tail, sink, gaps } = await tailed(lines(0, 20));
  const sensor = tail();
  await sensor.start(sink);
  await until(() => paths().length === 20);

  await rename(path, `${path}.1`);
  await writeFile(path, '');
  await appendFile(`${path}.1`, lines(20, 25));
  await until(() => paths().length === 25);
  await appendFile(path, lines(25, 30));
  await until(() => paths().length === 30);
  await sensor.stop();

  assert.deepEqual(paths(), numbers(0, 30));
  assert.equal(gaps(), 0);
});

test('a writer that goes on in the old file after the new one has begun is waited for', async () => {
  const { path, paths, sink, kept } = await tailed(lines(0, 5));
  const sensor = tailFile({ path, logName: 'web', format: accessLog(), clock: Date.now, cursor: null, pollMs: 150 });
  started.push(sensor);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await sensor.start(async (some, cursor) => {
    if (kept.cursor === null) await held;
    await sink(some, cursor);
  });
  await until(() => (sensor.health().counts.events ?? 0) === 5);
  await rename(path, `${path}.1`);
  await writeFile(path, lines(6, 8));

  release();
  // behind the first look that finds both files, and before the next: that timer runs out later than this one
  await sleep(60);
  appendFileSync(`${path}.1`, line(5));
  await until(() => paths().length >= 8);
  await sensor.stop();

  assert.deepEqual(paths(), numbers(0, 8));
});

const openFiles = async (): Promise<number> => (await readdir('/proc/self/fd')).length;

test(
  'reading that fails again and again, and a port that is taken, leave nothing open',
  { skip: !existsSync('/proc/self/fd') && 'no /proc here' },
  async () => {
    const { path, paths, kept, runUntil, sink } = await tailed(lines(0, 5));
    await runUntil(() => paths().length === 5);
    await appendFile(path, line(5));
    await rename(path, `${path}.2`);
    await writeFile(`${path}.1`, line(6));
    await writeFile(path, line(7));
    const taken = createSocket('udp4');
    await new Promise<void>((resolve) => {
      taken.bind(0, '127.0.0.1', resolve);
    });
    const before = await openFiles();
    const broken = { product: 'x', read: () => assert.fail('as a disk that fails') };
    const sensor = tailFile({ path, logName: 'web', format: broken, clock: Date.now, cursor: kept.cursor, retryMs: 1 });
    started.push(sensor);

    await sensor.start(sink);
    await until(() => (sensor.health().counts.readFailures ?? 0) >= 20);
    await sensor.stop();
    const { port } = taken.address();
    const parser = readDatagramLines(syslogLine, { logName: 'x', clock: Date.now });
    for (let at = 0; at < 20; at += 1)
      await assert.rejects(
        listenUdp({ host: '127.0.0.1', port, logName: 'x', parser, clock: Date.now, senders: 'any' }).start(() =>
          Promise.resolve(),
        ),
      );
    taken.close();

    assert.ok((await openFiles()) <= before + 5, `${before} were open`);
  },
);

test('rotated several times while away: all files are read in their order', async () => {
  const { path, paths, runUntil, gaps } = await tailed(lines(0, 20));
  await runUntil(() => paths().length === 20);

  await appendFile(path, lines(20, 25));
  await rename(path, `${path}.2`);
  await writeFile(`${path}.1`, lines(25, 35));
  await writeFile(path, lines(35, 40));
  await runUntil(() => paths().length === 40);

  assert.deepEqual(paths(), numbers(0, 40));
  assert.equal(gaps(), 0);
});

test('what vanished unread is said, whichever file it was', async () => {
  const between = await tailed(lines(0, 20));
  await between.runUntil(() => between.paths().length === 20);
  await rename(between.path, `${between.path}.3`);
  await writeFile(`${between.path}.1`, lines(30, 35));
  await writeFile(between.path, lines(35, 40));
  await between.runUntil(() => between.paths().length === 30);
  const ours = await tailed(lines(0, 20));
  await ours.runUntil(() => ours.paths().length === 20);
  await writeFile(`${ours.path}.new`, lines(40, 45));
  await rename(`${ours.path}.new`, ours.path);
  const health = await ours.runUntil(() => ours.paths().length === 25);

  assert.deepEqual(between.paths(), [...numbers(0, 20), ...numbers(30, 40)]);
  assert.deepEqual([between.gaps(), ours.gaps(), health.gaps.length], [1, 1, 1]);
});

test('copied and truncated, while it runs and while away: the rest is read from the copy', async () => {
  const { path, paths, tail, sink, gaps, runUntil } = await tailed(lines(0, 20));
  const sensor = tail();
  await sensor.start(sink);
  await until(() => paths().length === 20);
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
  await appendFile(path, lines(20, 25).replaceAll('13:00', '13:01'));
  await until(() => paths().length === 25);
  await sensor.stop();

  await appendFile(path, lines(25, 30));
  await rename(`${path}.1`, `${path}.2`);
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
  await appendFile(path, line('new').repeat(100));
  await runUntil(() => paths().length === 130);

  assert.deepEqual(paths().slice(0, 30), numbers(0, 30));
  assert.equal(gaps(), 0);
});

test('truncated without a copy is a gap, even when it has grown beyond where we were', async () => {
  const { path, paths, tail, sink, gaps } = await tailed(lines(0, 3));
  const sensor = tail();
  await sensor.start(sink);
  await until(() => paths().length === 3);

  await writeFile(path, line('other').repeat(30).replaceAll('203.0.113.9', '203.0.113.10'));
  await until(() => paths().length === 33);
  await sensor.stop();

  assert.deepEqual(paths().slice(3), Array(30).fill('other'));
  assert.equal(gaps(), 1);
});

test('a sink that fails gets the same events again; one that is slow is not hurried', async () => {
  const { paths, runUntil, kept, events } = await tailed(lines(0, 40));
  kept.refuse = 3;

  const health = await runUntil(() => paths().length === 40);

  assert.deepEqual(paths(), numbers(0, 40));
  assert.equal(new Set(events.map(({ metadata }) => metadata.uid)).size, 40);
  assert.equal(health.counts.sinkFailures, 3);
  const slow = await tailed(lines(0, 4000));
  const sensor = slow.tail();
  let most = 0;
  await sensor.start(async (some) => {
    most = Math.max(most, some.length);
    await sleep(20);
  });
  await sleep(100);
  assert.ok((sensor.health().counts.events ?? 0) < 100);
  assert.ok(most > 0 && most < 20);
  await sensor.stop();
});

test('a file that is not there yet is waited for', async () => {
  const { path, paths, tail, sink } = await tailed('');
  await rm(path);
  const sensor = tail();
  await sensor.start(sink);
  await sleep(20);
  const { state } = sensor.health();

  await writeFile(path, lines(0, 2));
  await until(() => paths().length === 2);
  await sensor.stop();

  assert.equal(state, 'waiting');
});

test('datagrams: strangers and what finds no room are counted, and what was dropped is said', async () => {
  const events: TrafficEvent[] = [];
  let open = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  const parser = readDatagramLines(syslogLine, { logName: 'syslog', clock: Date.now });
  const sensor = listenUdp({
    host: '127.0.0.1',
    port: 0,
    logName: 'syslog',
    parser,
    clock: Date.now,
    senders: ['127.0.0.1'],
    mostQueuedBytes: 10_000,
  });
  await sensor.start(async (some) => {
    await closed;
    events.push(...some);
  });
  started.push(sensor);
  const client = createSocket('udp4').unref();
  const message = '<86>Nov 26 13:00:00 h sshd[1]: Failed password for root from 203.0.113.9 port 4222 ssh2';

  for (let at = 0; at < 200; at += 1) client.send(message, sensor.health().port as number, '127.0.0.1');
  const counts = () => sensor.health().counts;
  await until(() => (counts().dropped ?? 0) > 100);
  open();
  const attempts = () => events.filter(({ class_uid }) => class_uid === 3002);
  await until(() => attempts().length + (counts().dropped ?? 0) === 200);
  await until(() => events.some(({ finding_info: finding }) => finding !== undefined));
  const taken = attempts();

  assert.equal(new Set(taken.map(({ metadata }) => metadata.uid)).size, taken.length);
  assert.ok(sensor.health().gaps.length >= 1);
  await sensor.stop();
  client.close();
  const strange = listenUdp({
    host: '127.0.0.1',
    port: 0,
    logName: 'x',
    parser,
    clock: Date.now,
    senders: ['10.0.0.0/8'],
  });
  await strange.start(() => Promise.reject(new Error('nothing comes here')));
  const other = createSocket('udp4');
  other.send(message, strange.health().port as number, '127.0.0.1');
  await until(() => strange.health().counts.strangers === 1);
  await strange.stop();
  other.close();
});

test('datagrams with many events each are given in pieces', async () => {
  const line = '<86>Nov 26 13:00:00 h sshd[1]: Failed password for root from 203.0.113.9 port 4222 ssh2';
  const one = readDatagramLines(syslogLine, { logName: 'flows', clock: Date.now });
  // as an exporter's with 1000 records in a datagram
  const parser = { ...one, feed: () => Array.from({ length: 1000 }, () => one.feed(Buffer.from(line), 'x')).flat() };
  const sensor = listenUdp({ host: '127.0.0.1', port: 0, logName: 'flows', parser, clock: Date.now, senders: 'any' });
  started.push(sensor);
  let [most, all] = [0, 0];
  let open = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  await sensor.start(async ({ length }) => {
    await closed;
    most = Math.max(most, length);
    all += length;
  });
  const client = createSocket('udp4').unref();
  const port = sensor.health().port as number;

  for (let at = 0; at < 30; at += 1)
    await new Promise((resolve) => {
      client.send('x', port, '127.0.0.1', resolve);
    });
  await sleep(20);
  open();
  await until(() => all === 30_000);
  await sensor.stop();
  client.close();

  assert.ok(most <= 3000, `${most} at once`);
});

test('tcpdump gets none of this process’s settings, and one that cannot be begun is tried again', async () => {
  const [told, capture] = [join(folder, 'environment'), join(folder, 'one.pcap')];
  await writeFile(capture, pcap([[Date.now(), tcpFrame({ payload: 'x' })]]));
  process.env.STRONGROOM_PLANTED = 'planted-secret';
  const events: TrafficEvent[] = [];
  let tries = 0;
  const sensor = captureWire({
    interface: 'lo',
    logName: 'wire',
    clock: Date.now,
    command: ['/bin/sh', '-c', 'env > "$0"; cat "$1"; exec sleep 100', told, capture],
    spawn: ((...of: Parameters<typeof spawn>) => {
      tries += 1;
      if (tries === 1) throw new Error('spawn ENOMEM');
      return spawn(...of);
    }) as typeof spawn,
    restartMs: 1,
  });
  started.push(sensor);

  await sensor.start((some) => {
    events.push(...some);
    return Promise.resolve();
  });
  await until(() => (sensor.health().counts.packets ?? 0) === 1);
  await sensor.stop();
  delete process.env.STRONGROOM_PLANTED;

  const environment = await readFile(told, 'utf8');
  assert.match(environment, /^LC_ALL=C$/m);
  assert.doesNotMatch(environment, /planted|STRONGROOM/);
  const gaps = events.filter(({ finding_info: finding }) => finding?.types?.includes('sensor gap'));
  assert.deepEqual([gaps.length, events.length, sensor.health().counts.deaths], [1, 2, 1]);
  const needs = { logName: 'w', clock: Date.now, spawn: () => assert.fail() };
  assert.throws(() => captureWire({ ...needs, interface: '-w' }), /interface/);
});

test('an interface’s name or a filter cannot be an option of tcpdump', () => {
  const needs = { logName: 'w', clock: Date.now, spawn: () => assert.fail() };

  for (const name of ['-w', '', 'a b', 'x'.repeat(16), 'eth0;id'])
    assert.throws(() => tcpdumpArguments({ ...needs, interface: name }), /interface/);
  const given = tcpdumpArguments({ ...needs, interface: 'lo', filter: '-w /etc/x' });
  assert.deepEqual(given.slice(-2), ['--', '-w /etc/x']);
  assert.equal(
    droppedByKernel('x: 5 packets captured\n7 packets received by filter\n2 packets dropped by kernel\n'),
    2,
  );
  assert.equal(
    droppedByKernel('tcpdump: 5 packets captured, 5 packets received by filter, 1 packet dropped by kernel\n'),
    1,
  );
  assert.equal(droppedByKernel('nothing'), null);
});
