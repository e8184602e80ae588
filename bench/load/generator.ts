/**
 * The load: a process of its own that sends prepared requests over kept-alive connections and takes the time of each.
 * Written on bare sockets, because it shares the cores with what it measures.
 *
 * argv[2] is a file with an Order as JSON; the Answer goes to stdout as JSON.
 */
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';

export type Order = Readonly<{
  host: string;
  port: number;
  /** Whole HTTP requests, sent in this order and from the beginning again. */
  requests: readonly string[];
  connections: number;
  seconds: number;
  /** Requests a second over all connections, whether they are answered or not; null: as many as go. */
  rate: number | null;
}>;
export type Answer = Readonly<{ answered: number; failed: number; seconds: number; p50Ms: number; p99Ms: number }>;

const END_OF_HEAD = Buffer.from('\r\n\r\n');

export async function generate({ host, port, requests, connections, seconds, rate }: Order): Promise<Answer> {
  const prepared = requests.map((text) => Buffer.from(text));
  const times: number[] = [];
  let [next, failed] = [0, 0];
  const began = performance.now();
  const until = began + seconds * 1000;

  const drive = async (n: number): Promise<void> => {
    const socket = await open(host, port);
    const ask = asker(socket);
    // with a rate, each connection has its own share of the moments, and time counts from the moment, not from the sending
    const every = rate === null ? 0 : (connections / rate) * 1000;
    let moment = began + (n / connections) * every;
    // once at least: on a busy machine a short time is over before the connection is there
    do {
      if (rate !== null) {
        const wait = moment - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      }
      const from = rate === null ? performance.now() : moment;
      const status = await ask(prepared[next++ % prepared.length] as Buffer);
      times.push(performance.now() - from);
      if (status < 200 || status > 299) failed += 1;
      moment += every;
    } while (performance.now() < until);
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, (_, n) => drive(n)));
  const sorted = Float64Array.from(times).toSorted();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return {
    answered: times.length - failed,
    failed,
    seconds: (performance.now() - began) / 1000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** One request at a time. Answers must have a Content-Length, as JSON answers of Fastify do. */
function asker(socket: Socket): (request: Buffer) => Promise<number> {
  let held: Buffer = Buffer.alloc(0);
  let waiting: { resolve: (status: number) => void; reject: (thrown: unknown) => void } | null = null;
  socket.on('data', (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const head = held.indexOf(END_OF_HEAD);
    if (head < 0) return;
    const text = held.toString('latin1', 0, head);
    const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
    if (held.length < head + 4 + Number(length ?? 0)) return;
    held = held.subarray(head + 4 + Number(length ?? 0));
    const answered = waiting;
    waiting = null;
    answered?.resolve(Number(text.slice(9, 12)));
  });
  const fail = (): void => waiting?.reject(new Error('the server closed a connection'));
  socket.on('error', fail);
  socket.on('close', fail);
  return (request) =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      socket.write(request);
    });
}

if (import.meta.main) {
  const order = JSON.parse(await readFile(process.argv[2] as string, 'utf8')) as Order;
  process.stdout.write(JSON.stringify(await generate(order)));
}
