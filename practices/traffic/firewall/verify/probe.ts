/** Tries ports from where this process runs: TCP by connecting, UDP by a datagram that is hoped to be answered. */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';

import type { Transport } from '../policy.ts';

export type Probe = Readonly<{ source: string | null; target: string; port: number; protocol: Transport }>;
/** `refused`: the machine answers and nobody listens, so nothing between dropped it. `silent`: no answer in time. */
export type Seen = 'open' | 'refused' | 'silent';

export type ProbePace = Readonly<{ timeoutMs: number; atOnce: number }>;

/** @returns one for each probe, in their order */
export async function probeAll(probes: readonly Probe[], { timeoutMs, atOnce }: ProbePace): Promise<readonly Seen[]> {
  const seen: Seen[] = Array<Seen>(probes.length).fill('silent');
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < probes.length) {
      const at = next++;
      const probe = probes[at] as Probe;
      seen[at] = await (probe.protocol === 'tcp' ? probeTcp(probe, timeoutMs) : probeUdp(probe, timeoutMs));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, probes.length) }, work));
  return seen;
}

function probeTcp({ source, target, port }: Probe, timeoutMs: number): Promise<Seen> {
  return new Promise((resolve) => {
    const socket = connect({ host: target, port, ...(source === null ? {} : { localAddress: source }) });
    const end = (seen: Seen): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    const timer = setTimeout(end, timeoutMs, 'silent');
    socket.once('connect', () => end('open'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'));
  });
}

function probeUdp({ source, target, port }: Probe, timeoutMs: number): Promise<Seen> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(target) ? 'udp6' : 'udp4');
    let ended = false;
    const end = (seen: Seen): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.close();
      resolve(seen);
    };
    const timer = setTimeout(end, timeoutMs, 'silent');
    socket.once('message', () => end('open'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'));
    // connected, so that an ICMP error reaches this socket
    socket.bind(0, source ?? undefined, () =>
      socket.connect(port, target, () => socket.send('strongroom firewall verify')),
    );
  });
}
