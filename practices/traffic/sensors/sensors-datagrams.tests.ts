/** Datagrams, and tcpdump. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { TrafficEvent } from '../event.ts';
import { readDatagramLines } from '../formats/datagram-lines.ts';
import { syslogLine } from '../formats/syslog.ts';
import { pcap, tcpFrame } from '../formats/written-packets.ts';
import { captureWire } from './capture-wire.ts';
import { listenUdp } from './listen-udp.ts';
import { droppedByKernel, tcpdumpArguments } from './tcpdump.ts';
import type { Running } from './sensors.test.ts';

export function datagramsArrive(given: () => Running): void {
  test('datagrams: strangers and what finds no room are counted, and what was dropped is said', async () => {
    const { started, until } = given();
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
    const { started, until } = given();
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
    const { folder, started, until } = given();
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
}
