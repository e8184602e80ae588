/** A network of its own, flows of softflowd, and the log of nginx. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer, connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { TrafficEvent } from '../event.ts';
import { accessLog } from '../formats/access-log.ts';
import { readNetflow } from '../formats/netflow.ts';
import { pcap, tcpFrame, udpFrame, type Timed } from '../formats/written-packets.ts';
import { listenUdp } from './listen-udp.ts';
import { tailFile, type TailCursor } from './tail-file.ts';
import type { Running } from './real.test.ts';

const run = promisify(execFile);

export function networkIsSeen(of: () => Running): void {
  const { missing } = of();

  test(
    'tcpdump on any interface of a network namespace sees who is at the other end of a veth',
    { skip: missing('tcpdump', 'ip', 'bash') },
    async (t) => {
      const { programAt, capture, until } = of();
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
      const { folder, started, programAt, until } = of();
      const began = Date.now() - 60_000;
      const frames = Array.from({ length: 30 }, (_, at): Timed => {
        const sent = { fromPort: 40_000 + (at % 3), payload: 'x'.repeat(100) };
        return [
          began + at * 100,
          at % 2 === 0 ? tcpFrame({ ...sent, toPort: 443 }) : udpFrame({ ...sent, toPort: 53 }),
        ];
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
          timeout: 60_000,
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
    const { folder, listening, programAt, started, until } = of();
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
    const nginx = spawn(programAt('nginx') as string, ['-c', join(home, 'nginx.conf'), '-p', home], {
      stdio: 'ignore',
    });
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
        assert.ok(turn < 3000, 'nginx does not come up');
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
}
