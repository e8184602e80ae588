import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { TrafficEvent } from '../event.ts';
import { accessLog } from '../formats/access-log.ts';
import { tailFile, type TailCursor } from './tail-file.ts';
import { filesAreFollowed } from './sensors-files.tests.ts';
import { datagramsArrive } from './sensors-datagrams.tests.ts';

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
    assert.ok(turn < 24_000, 'it does not come');
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

/** What the parts are handed, as it is when they ask. */
const running = () => ({ folder, started, line, lines, until, numbers, tailed });
export type Running = ReturnType<typeof running>;

filesAreFollowed(running);
datagramsArrive(running);
