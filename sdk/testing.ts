/** A server of its own for tests of the client: what it saw, and what it answers. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createStrongroom, type Strongroom, type StrongroomOptions } from './index.ts';

export type Seen = { method: string; path: string; headers: IncomingMessage['headers']; body: string };
type Answer = (request: Seen, response: ServerResponse, count: number) => void;

export const KEY = 'srk_very_secret_key_1234567890';

/** A server that answers as it is told and keeps what it saw, and a client of it. */
export async function against(
  answer: Answer,
  run: (room: Strongroom, seen: Seen[], url: string) => Promise<void>,
  more: Partial<StrongroomOptions> = {},
): Promise<void> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      seen.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
      answer(seen.at(-1) as Seen, response, seen.length);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await run(createStrongroom({ url, key: KEY, random: () => 0, ...more }), seen, url);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

export const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body));
};
