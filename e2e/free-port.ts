/** A port that nothing listens on, for a moment. */
import { once } from 'node:events';
import { createServer } from 'node:net';

export async function freePort(): Promise<number> {
  for (;;) {
    // below those that the system gives to whoever asks for any
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(() => true, () => false); // prettier-ignore
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
