/**
 * The real parts: tcpdump, softflowd and nginx, on loopback and in network namespaces made here. Each test is skipped, and
 * says why, where its program is not installed or we are not root. Nothing is sent anywhere else.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { createServer as createTcpServer, connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

import { createBehaviours } from '../behaviour/compose.ts';
import { createMaker } from '../behaviour/made-events.ts';
import type { TrafficEvent } from '../event.ts';
import { reconcileOf } from '../detect/own-wire.ts';
import { captureWire, type WireNeeds } from './capture-wire.ts';
import { networkIsSeen } from './real-network.tests.ts';

const isRoot = process.getuid?.() === 0;
const programAt = (name: string): string | undefined =>
  ['/usr/bin', '/usr/sbin', '/bin', '/sbin'].map((folder) => `${folder}/${name}`).find((path) => existsSync(path));

function missing(...names: string[]): string | false {
  if (!isRoot) return 'not root';
  const name = names.find((each) => programAt(each) === undefined);
  return name === undefined ? false : `no ${name} here`;
}

const folder = await mkdtemp(join(tmpdir(), 'strongroom-real-'));
const started: { stop: () => Promise<void> }[] = [];
after(async () => {
  // what a failed test left running would keep this file from ending
  for (const sensor of started) await sensor.stop();
  await rm(folder, { recursive: true });
});

async function until(holds: () => boolean, each?: () => void): Promise<void> {
  for (let turn = 0; !holds(); turn += 1) {
    assert.ok(turn < 6000, 'it does not come');
    each?.();
    await sleep(20);
  }
}

/** Captures, with the programs that it started. */
function capture(needs: Partial<WireNeeds> & Pick<WireNeeds, 'interface'>) {
  const events: TrafficEvent[] = [];
  const children: ChildProcess[] = [];
  const spawned = ((...of: Parameters<typeof spawn>) => {
    const child = spawn(...of);
    children.push(child);
    return child;
  }) as typeof spawn;
  const sensor = captureWire({
    logName: 'wire',
    clock: Date.now,
    spawn: spawned,
    delivery: 'immediate',
    restartMs: 10,
    tickMs: 100,
    command: [programAt('tcpdump') ?? 'tcpdump'],
    ...needs,
  });
  started.push(sensor);
  const packets = (): number => sensor.health().counts.packets ?? 0;
  return {
    sensor,
    events,
    children,
    packets,
    start: () =>
      sensor.start((some) => {
        events.push(...some);
        return Promise.resolve();
      }),
  };
}

/** A port of ours, with somebody who listens on it. */
async function listening(server: ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return (server.address() as AddressInfo).port;
}

test(
  'tcpdump on loopback: a request, a hello, flows; killed, it is started again and says so',
  { skip: missing('tcpdump') },
  async () => {
    const server = createServer((_, response) => response.end('hello'));
    const port = await listening(server);
    const silent = createTcpServer((socket) => socket.on('error', () => undefined).resume());
    const tlsPort = await listening(silent);
    const probe = createSocket('udp4').unref();
    const { sensor, events, children, packets, start } = capture({
      interface: 'lo',
      filter: `port ${port} or port ${tlsPort}`,
    });
    const request = (path: string) =>
      new Promise<void>((resolve, reject) => {
        get({ port, host: '127.0.0.1', path, agent: false, headers: { 'user-agent': 'probe' } }, (response) => {
          response.resume().on('end', resolve);
        }).on('error', reject);
      });
    const knock = () => probe.send('x', port, '127.0.0.1');
    const paths = () => events.flatMap(({ http_request: sent }) => (sent === undefined ? [] : [sent.url.path]));
    await start();
    await until(() => packets() > 0, knock);

    await request('/before');
    const tls = connectTls({ port: tlsPort, host: '127.0.0.1', servername: 'shop.example', ALPNProtocols: ['h2'] });
    tls.on('error', () => undefined);
    await until(() => events.some((each) => each.tls !== undefined) && paths().includes('/before'));
    tls.destroy();
    children[0]?.kill('SIGKILL');
    await until(() => children.length > 1);
    const before = packets();
    await until(() => packets() > before, knock);
    await request('/after');
    await until(() => paths().includes('/after'));
    await sensor.stop();

    const hello = events.find((each) => each.tls !== undefined)?.tls;
    assert.equal(hello?.sni, 'shop.example');
    assert.match(hello?.ja4 ?? '', /^t13d\d{4}h2_[0-9a-f]{12}_[0-9a-f]{12}$/);
    assert.deepEqual(paths(), ['/before', '/after']);
    const flows = events.filter(
      ({ traffic, dst_endpoint: to }) => traffic !== undefined && to?.port === port && (traffic.packets_in ?? 0) > 0,
    );
    assert.ok(flows.length >= 2 && flows.every(({ src_endpoint: from }) => from?.ip === '127.0.0.1'));
    const gaps = events.filter(({ finding_info: finding }) => finding?.types?.includes('sensor gap'));
    assert.equal(gaps.length, 1);
    assert.ok(children.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null));
    assert.equal(sensor.health().state, 'stopped');
    probe.close();
    server.close();
    silent.close();
  },
);

test(
  'a copy that leaves beside the API is told by the packets of the own port; what the API answered is not',
  { skip: missing('tcpdump') },
  async () => {
    const [api, besides] = [64e6, 96e6];
    const piece = Buffer.alloc(1 << 20);
    const pieces = function* (bytes: number) {
      for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
    };
    const server = createServer((_, response) => void Readable.from(pieces(api)).pipe(response));
    const port = await listening(server);
    const leak = createTcpServer((socket) => void Readable.from(pieces(besides)).pipe(socket));
    const leakPort = await listening(leak);
    const probe = createSocket('udp4').unref();
    const { sensor, events, packets, start } = capture({
      interface: 'lo',
      filter: `port ${port} or port ${leakPort}`,
      // heads are enough for flows, and so the kernel has room for all of them
      snapBytes: 128,
      delivery: 'throughput',
    });
    await start();
    await until(
      () => packets() > 0,
      () => probe.send('x', port, '127.0.0.1'),
    );
    // who asks has an address of its own: 127.0.0.1 is the system's
    const fetched = (at: number) =>
      new Promise<void>((resolve, reject) => {
        const client = connect({ port: at, host: '127.0.0.1', localAddress: '127.0.0.2' });
        client.on('error', reject).on('close', () => resolve());
        client.resume();
        if (at === port) client.write('GET / HTTP/1.0\r\n\r\n');
      });
    const flowsTo = (at: number) => events.filter(({ traffic, dst_endpoint: to }) => traffic !== undefined && to?.port === at);
    await fetched(port);
    await fetched(leakPort);
    // what it has of them it tells when it is stopped
    let [before, same] = [0, 0];
    await until(() => {
      same = packets() === before ? same + 1 : 0;
      before = packets();
      // the kernel hands over what fills no block after a second
      return same === 100;
    });
    await sensor.stop();
    probe.close();
    server.close();
    leak.close();

    const { request } = createMaker();
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    const moved = (all: readonly TrafficEvent[], to: number): TrafficEvent[] =>
      all.map((event) => ({ ...event, time: to, duration: 0, metadata: { ...event.metadata, logged_time: to } }));
    const judged = (flows: readonly TrafficEvent[], asked: boolean) => {
      const reconcile = reconcileOf([{ name: 'wire', own: { hosts: ['127.0.0.1'], known: [] } }]);
      const behaviours = createBehaviours({ reconcile });
      const answered = (time: number, bytes: number) => request({ time, actor: 'key_a', address: '127.0.0.2', bytes });
      return [...(asked ? [answered(hour, api)] : []), ...moved(flows, hour + 1000), answered(hour + 2 * 3_600_000, 10)]
        .flatMap((event) => behaviours.feed(event))
        .filter(({ rule }) => rule === 'behaviour.unlogged-data');
    };

    assert.deepEqual(judged(flowsTo(port), true), [], 'the API alone');
    assert.equal(judged(flowsTo(port), false).length, 1, 'the same without the request in the log');
    const [copy] = judged([...flowsTo(port), ...flowsTo(leakPort)], true);
    assert.match(copy?.reason ?? '', /1 logged requests answered 64 MB\. \d\d MB have no read in the log/);
  },
); // prettier-ignore

/** What the parts are handed, as it is when they ask. */
const running = () => ({ programAt, missing, folder, started, until, capture, listening });
export type Running = ReturnType<typeof running>;

networkIsSeen(running);
