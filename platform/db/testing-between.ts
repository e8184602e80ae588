import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

import { reach } from '#platform/testing';

export type Way = Readonly<{
  /** Ends with a socket to PostgreSQL, to and from which nothing goes yet. */
  toPostgres: () => Socket;
  /** All of it goes to PostgreSQL and back. */
  passOn: () => Socket;
}>;

/** A server that lets `meet` have every connection. @returns the URL of the same database, by way of it */
export async function between(t: TestContext, url: string, meet: (client: Socket, way: Way) => void): Promise<string> {
  const { username, password, pathname } = new URL(url);
  const server = createServer((client) => {
    client.on('error', () => {});
    const toPostgres = (): Socket => {
      const far = reach(url);
      far.on('error', () => {});
      client.on('close', () => far.destroy());
      return far;
    };
    const passOn = (): Socket => {
      const far = toPostgres();
      far.on('close', () => client.destroy());
      client.pipe(far);
      far.pipe(client);
      return far;
    };
    meet(client, { toPostgres, passOn });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `postgres://${username}:${password}@127.0.0.1:${(server.address() as { port: number }).port}${pathname}`;
}
