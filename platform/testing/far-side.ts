/** What a program of ours connects to, and what then does not behave: for tests of those that connect. */
import { createServer, type AddressInfo, type Socket } from 'node:net';

export type FarSide = Readonly<{
  port: number;
  /** All that came in, over all connections. */
  got: () => string;
  /** Connections that are open. */
  open: () => number;
}>;
type Context = Readonly<{ after: (work: () => Promise<void>) => void }>;

/** @param on what it does with a connection; that errs and ends as it likes, and is taken away with the test */
export async function farSide(t: Context, on: (socket: Socket) => void): Promise<FarSide> {
  const sockets = new Set<Socket>();
  let got = '';
  // its own half stays open until it says so
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('data', (bytes) => (got += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    on(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, got: () => got, open: () => sockets.size };
}

/** A little again and again: never idle, never done. */
export function drip(socket: Socket, text: string, everyMs = 100): void {
  const timer = setInterval(() => socket.write(text), everyMs);
  socket.on('close', () => clearInterval(timer));
}

/** As much as the other side takes. */
export function flood(socket: Socket): void {
  const much = Buffer.alloc(2 ** 18, 'a');
  const go = (): void => {
    while (!socket.destroyed && socket.write(much));
  };
  socket.on('drain', go);
  go();
}
