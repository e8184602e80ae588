/**
 * Datagrams from the network → events: NetFlow, IPFIX, syslog. What comes faster than the sink takes waits in a bounded
 * queue; what finds no room there is dropped and counted, and said as a gap once the queue is empty again.
 *
 * UDP says of nobody who they are: name the senders in `senders`, and let no firewall pass others.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { once } from 'node:events';

import { inNetworks } from '#platform/networks';

import type { TrafficEvent } from '../event.ts';
import type { DatagramParser } from '../formats/netflow.ts';
import { createDelivery, sumCounts, type Delivery, type Health, type Sensor } from './sensor.ts';

export type UdpNeeds = Readonly<{
  host: string;
  /** 0: any that is free; health says which. */
  port: number;
  logName: string;
  parser: DatagramParser;
  clock: () => number;
  /** Addresses and networks; `any`, said in so many words: whoever reaches the port. */
  senders: readonly string[] | 'any';
  mostQueuedBytes?: number;
  retryMs?: number;
}>;

export type UdpSensor = Omit<Sensor<null>, 'health'> &
  Readonly<{ health: () => Health & Readonly<{ port: number | null }> }>;

type Queued = Readonly<{ datagram: Buffer; from: string }>;

/** Of each datagram in the queue, beside its bytes. */
const OVERHEAD_BYTES = 200;
/** Of datagrams, and of events from where on no more datagrams are read for them: one has thousands of records at most. */
const BATCH = { datagrams: 500, events: 2000 } as const;
const STOP_MS = 2000;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export function listenUdp(needs: UdpNeeds): UdpSensor {
  const { host, port, logName, parser, clock, senders, mostQueuedBytes = 8 * 1024 * 1024, retryMs = 1000 } = needs;
  let stopping = new AbortController();
  let socket: Socket | null = null;
  let delivery: Delivery<null> | null = null;
  let queue: Queued[] = [];
  let queuedBytes = 0;
  let draining: Promise<void> | null = null;
  let dropped = 0;
  let droppedFromMs = 0;

  const drain = async (to: Delivery<null>): Promise<void> => {
    while (queue.length > 0 && !stopping.signal.aborted) {
      const events: TrafficEvent[] = [];
      let [taken, bytes] = [0, 0];
      for (const { datagram, from } of queue.slice(0, BATCH.datagrams)) {
        if (events.length >= BATCH.events) break;
        events.push(...parser.feed(datagram, from));
        taken += 1;
        bytes += datagram.length + OVERHEAD_BYTES;
      }
      queue.splice(0, taken);
      if (events.length > 0) await to.deliver(events, null);
      queuedBytes -= bytes;
    }
    if (dropped > 0 && !stopping.signal.aborted) {
      const why = `${dropped} datagrams came faster than they could be taken`;
      const fromMs = droppedFromMs;
      dropped = 0;
      await to.deliver([to.gapEvent({ fromMs, toMs: clock(), why })], null);
    }
  };

  const drainOn = (to: Delivery<null>): void => {
    draining ??= drain(to).finally(() => {
      draining = null;
      if (queue.length > 0 && !stopping.signal.aborted) drainOn(to);
    });
  };

  const take = (datagram: Buffer, from: string, to: Delivery<null>): void => {
    if (senders !== 'any' && !inNetworks(senders, from)) return to.count('strangers');
    const bytes = datagram.length + OVERHEAD_BYTES;
    if (queuedBytes + bytes > mostQueuedBytes) {
      if (dropped === 0) droppedFromMs = clock();
      dropped += 1;
      to.count('dropped');
    } else {
      queue.push({ datagram, from });
      queuedBytes += bytes;
    }
    drainOn(to);
  };

  return {
    start: async (sink) => {
      stopping = new AbortController();
      const to = createDelivery({ logName, clock, sink, signal: stopping.signal, retryMs });
      delivery = to;
      const opened = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
      opened.on('message', (datagram, { address }) => take(datagram, address, to));
      opened.bind(port, host);
      try {
        // rejects where the port is taken
        await once(opened, 'listening');
      } catch (cause) {
        opened.close();
        throw cause;
      }
      opened.on('error', () => to.count('socketErrors'));
      opened.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
      socket = opened;
    },
    stop: async () => {
      const opened = socket;
      socket = null;
      if (opened !== null) {
        opened.close();
        await once(opened, 'close');
      }
      // what is in the queue is given, unless the sink does not take it
      const giving = setTimeout(() => stopping.abort(), STOP_MS);
      await draining;
      clearTimeout(giving);
      stopping.abort();
      queue = [];
      queuedBytes = 0;
    },
    health: () => ({
      state: socket === null ? 'stopped' : delivery?.isFailing() === true ? 'waiting' : 'running',
      counts: sumCounts([parser.counts(), delivery?.counts() ?? {}]),
      aside: parser.aside(),
      gaps: delivery?.gaps() ?? [],
      port: socket === null ? null : socket.address().port,
    }),
  };
}
