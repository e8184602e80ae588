/**
 * Closing: what is under way is answered; connections without a request under way are closed, and who is still there
 * after a while is cut off.
 *
 * Node's own idea of an idle connection leaves out those that never sent a request, and those whose refused body is still
 * arriving: they would hold the process for the whole keep-alive time. So the answers under way are counted here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyInstance } from 'fastify';

const LOOK_MS = 50;
const LONGEST_MS = 30_000;
/** A connection that was just made, or just answered: its request may be on the way, and would be lost. */
const FRESH_MS = 500;

export function drainOnClose(server: FastifyInstance, { longestMs = LONGEST_MS } = {}): void {
  const { server: http } = server;
  const underWay = new Map<Socket, { answers: number; sinceMs: number }>();
  const count = (socket: Socket, by: number): void => {
    const known = underWay.get(socket);
    if (known !== undefined) underWay.set(socket, { answers: known.answers + by, sinceMs: performance.now() });
  };
  // over TLS requests come on the secure socket, and the one below it knows nothing of them
  http.on('setSecureContext' in http ? 'secureConnection' : 'connection', (socket: Socket) => {
    underWay.set(socket, { answers: 0, sinceMs: performance.now() });
    socket.once('close', () => underWay.delete(socket));
  });
  http.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });

  server.addHook('preClose', async () => {
    if (!http.listening) return;
    const look = setInterval(() => {
      const before = performance.now() - FRESH_MS;
      for (const [socket, { answers, sinceMs }] of underWay)
        if (answers === 0 && sinceMs < before) socket.destroySoon();
    }, LOOK_MS);
    const end = setTimeout(() => http.closeAllConnections(), longestMs);
    http.once('close', () => {
      clearInterval(look);
      clearTimeout(end);
    });
  });
}
