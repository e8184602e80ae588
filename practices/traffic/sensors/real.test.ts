/**
 * The real parts: tcpdump, softflowd and nginx, on loopback and in network namespaces made here. Each test is skipped, and
 * says why, where its program is not installed or we are not root. Nothing is sent anywhere else.
 */
import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { createServer as createTcpServer, connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';

import { createBehaviours } from '../behaviour/compose.ts';
import { createMaker } from '../behaviour/made-events.ts';
import type { TrafficEvent } from '../event.ts';
import { reconcileOf } from '../detect/own-wire.ts';
import { accessLog } from '../formats/access-log.ts';
import { readNetflow } from '../formats/netflow.ts';
import { pcap, tcpFrame, udpFrame, type Timed } from '../formats/written-packets.ts';
import { captureWire, type WireNeeds } from './capture-wire.ts';
import { listenUdp } from './listen-udp.ts';
import { tailFile, type TailCursor } from './tail-file.ts';

const run = promisify(execFile);
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
    assert.ok(turn < 500, 'it does not come');
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

test(
  'tcpdump on any interface of a network namespace sees who is at the other end of a veth',
  { skip: missing('tcpdump', 'ip', 'bash') },
  async (t) => {
    const ip = programAt('ip') as string;
    const [here, there] = [`sr-a-${process.pid}`, `sr-b-${process.pid}`];
    const made = await run(ip, ['netns', 'add', here])
      .then(() => run(ip, ['netns', 'add', there]))
      .catch(() => null);
    if (made === null) return t.skip('no network namespaces here');
    try {
      const commands = [
        ['link', 'add', 'sr0', 'netns', here, 'type', 'veth', 'peer', 'name', 'sr1', 'netns', there],
        ...[
          [here, 'sr0', '10.99.0.1/24'],
          [there, 'sr1', '10.99.0.2/24'],
        ].flatMap(([name = '', link = '', address = '']) => [
          ['-n', name, 'addr', 'add', address, 'dev', link],
          ['-n', name, 'link', 'set', link, 'up'],
        ]),
      ];
      for (const command of commands) await run(ip, command);
      const command = [ip, 'netns', 'exec', there, programAt('tcpdump') as string];
      const { sensor, packets, events, start } = capture({ interface: 'any', command, filter: 'udp port 9999' });
      await start();
      const knock = () => {
        spawn(ip, ['netns', 'exec', here, 'bash', '-c', 'echo hello > /dev/udp/10.99.0.2/9999'], { stdio: 'ignore' });
      };
      await until(() => packets() > 0, knock);
      await sensor.stop();

      const flow = events.find(({ dst_endpoint: to }) => to?.port === 9999);
      assert.equal(flow?.src_endpoint?.ip, '10.99.0.1');
      assert.equal(flow?.dst_endpoint?.ip, '10.99.0.2');
      assert.equal(sensor.health().counts.unknownLink, undefined);
    } finally {
      for (const name of [here, there]) await run(ip, ['netns', 'del', name]).catch(() => undefined);
    }
  },
);

test(
  'softflowd exports NetFlow 9 and IPFIX of a capture, and its flows arrive',
  { skip: missing('softflowd') },
  async () => {
    const began = Date.now() - 60_000;
    const frames = Array.from({ length: 30 }, (_, at): Timed => {
      const sent = { fromPort: 40_000 + (at % 3), payload: 'x'.repeat(100) };
      return [began + at * 100, at % 2 === 0 ? tcpFrame({ ...sent, toPort: 443 }) : udpFrame({ ...sent, toPort: 53 })];
    });
    const file = join(folder, 'flows.pcap');
    await writeFile(file, pcap(frames));

    for (const version of ['9', '10']) {
      const events: TrafficEvent[] = [];
      const parser = readNetflow({ logName: 'flows', clock: Date.now });
      const sensor = listenUdp({
        host: '127.0.0.1',
        port: 0,
        logName: 'flows',
        parser,
        clock: Date.now,
        senders: 'any',
      });
      started.push(sensor);
      await sensor.start((some) => {
        events.push(...some);
        return Promise.resolve();
      });
      // in the foreground, and without its control socket, on which it would wait
      const options = ['-d', '-c', 'none', '-p', join(folder, `pid${version}`), '-r', file, '-v', version];
      await run(programAt('softflowd') as string, [...options, '-n', `127.0.0.1:${sensor.health().port}`], {
        timeout: 5000,
      });
      await until(() => events.length >= 6);
      await sensor.stop();

      const sums = new Map<number, number>();
      for (const { dst_endpoint: to, traffic } of events)
        sums.set(to?.port ?? 0, (sums.get(to?.port ?? 0) ?? 0) + (traffic?.packets_out ?? 0));
      assert.deepEqual(Object.fromEntries(sums), { 53: 15, 443: 15 }, `version ${version}`);
      for (const event of events) {
        assert.equal(event.src_endpoint?.ip, '10.0.0.1');
        assert.ok(Math.abs(event.time - began) < 10_000, `version ${version}: ${event.time - began}`);
      }
    }
  },
);

test('nginx writes, its log is rotated, and each request is there once', { skip: missing('nginx') }, async () => {
  const home = join(folder, 'nginx');
  await mkdir(home);
  const free = createTcpServer();
  const port = await listening(free);
  await new Promise<void>((resolve) => {
    free.close(() => resolve());
  });
  const log = join(home, 'access.log');
  const config = `daemon off; master_process off; pid ${home}/pid; error_log ${home}/error.log;
    events {}
    http { access_log ${log} combined; client_body_temp_path ${home}; proxy_temp_path ${home}; fastcgi_temp_path ${home};
      uwsgi_temp_path ${home}; scgi_temp_path ${home}; server { listen 127.0.0.1:${port}; location / { return 204; } } }`;
  await writeFile(join(home, 'nginx.conf'), config);
  const nginx = spawn(programAt('nginx') as string, ['-c', join(home, 'nginx.conf'), '-p', home], { stdio: 'ignore' });
  const request = (path: string) =>
    new Promise<boolean>((resolve) => {
      const client = connect(port, '127.0.0.1', () =>
        client.write(`GET ${path} HTTP/1.0\r\nUser-Agent: a"\u001b[1m\r\n\r\n`),
      );
      client
        .on('error', () => resolve(false))
        .resume()
        .on('end', () => resolve(true));
    });
  const events: TrafficEvent[] = [];
  let cursor: TailCursor | null = null;
  const sensor = tailFile({ path: log, logName: 'nginx', format: accessLog(), clock: Date.now, cursor, pollMs: 10 });
  started.push(sensor);
  await sensor.start((some, next) => {
    events.push(...some);
    cursor = next;
    return Promise.resolve();
  });
  try {
    for (let turn = 0; !(await request('/up')); turn += 1) {
      assert.ok(turn < 200, 'nginx does not come up');
      await sleep(20);
    }
    for (let at = 0; at < 10; at += 1) await request(`/a${at}`);
    await rename(log, `${log}.1`);
    for (let at = 0; at < 10; at += 1) await request(`/b${at}`);
    nginx.kill('SIGUSR1');
    await until(() => existsSync(log));
    for (let at = 0; at < 10; at += 1) await request(`/c${at}`);
    await until(() => events.length >= 31);
  } finally {
    nginx.kill('SIGTERM');
    await sensor.stop();
  }

  const paths = events.map(({ http_request: sent }) => sent?.url.path);
  const wanted = ['a', 'b', 'c'].flatMap((name) => Array.from({ length: 10 }, (_, at) => `/${name}${at}`));
  assert.deepEqual(paths, ['/up', ...wanted]);
  assert.equal(events[1]?.http_request?.user_agent, 'a\\x22\\x1B[1m');
  assert.equal(events[1]?.http_response?.code, 204);
  assert.ok(Math.abs((events[1]?.time ?? 0) - Date.now()) < 60_000);
  assert.equal(sensor.health().counts.malformed, 0);
});
