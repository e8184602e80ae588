/** Files that are followed through failures, rotation and truncation. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { appendFile, copyFile, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { readDatagramLines } from '../formats/datagram-lines.ts';
import { syslogLine } from '../formats/syslog.ts';
import { listenUdp } from './listen-udp.ts';
import { tailFile } from './tail-file.ts';
import type { Running } from './sensors.test.ts';

const openFiles = async (): Promise<number> => (await readdir('/proc/self/fd')).length;

export function filesAreFollowed(of: () => Running): void {
  test(
    'reading that fails again and again, and a port that is taken, leave nothing open',
    { skip: !existsSync('/proc/self/fd') && 'no /proc here' },
    async () => {
      const { tailed, lines, line, started, until } = of();
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
      const sensor = tailFile({
        path,
        logName: 'web',
        format: broken,
        clock: Date.now,
        cursor: kept.cursor,
        retryMs: 1,
      });
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
    const { tailed, lines, numbers } = of();
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
    const { tailed, lines, numbers } = of();
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
    const { tailed, lines, until, line, numbers } = of();
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
    const { tailed, lines, until, line } = of();
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
    const { tailed, lines, numbers } = of();
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
    const { tailed, lines, until } = of();
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
}
