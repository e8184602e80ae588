/**
 * A program of its own, run inside a network namespace: `listen` opens ports and answers, `probe` tries them. What to do
 * comes as JSON by standard input; what was seen goes to standard output.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';

import type { Transport } from '../policy.ts';
import { probeAll, type Probe, type ProbePace } from './probe.ts';

export type Listening = readonly Readonly<{ port: number; protocol: Transport }>[];
export type Probing = Readonly<{ probes: readonly Probe[]; pace: ProbePace }>;

async function listen(ports: Listening): Promise<void> {
  for (const { port, protocol } of ports) {
    if (protocol === 'tcp') {
      const server = createServer((socket) => socket.on('error', () => undefined).end());
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '::', resolve));
    } else
      for (const [kind, any] of [
        ['udp4', '0.0.0.0'],
        ['udp6', '::'],
      ] as const) {
        const socket = createSocket({ type: kind, ipv6Only: kind === 'udp6' });
        socket.on('message', (message, { port, address }) => socket.send(message, port, address));
        await new Promise<void>((resolve, reject) => {
          socket.once('error', reject);
          socket.bind(port, any, resolve);
        });
      }
  }
  process.stdout.write('ready\n');
}

if (process.argv[2] === 'listen') {
  // the first line says what; when standard input ends, so does this
  let before = '';
  process.stdin.setEncoding('utf8').on('data', (chunk: string) => {
    const [line, rest] = (before + chunk).split('\n', 2) as [string, string | undefined];
    before = rest === undefined ? line : '';
    if (rest !== undefined)
      listen(JSON.parse(line) as Listening).catch((error: unknown) => {
        process.stderr.write(String(error));
        process.exit(1);
      });
  });
  process.stdin.on('end', () => process.exit(0));
} else if (process.argv[2] === 'probe') {
  const { probes, pace } = JSON.parse(await text(process.stdin)) as Probing;
  process.stdout.write(JSON.stringify(await probeAll(probes, pace)));
}
