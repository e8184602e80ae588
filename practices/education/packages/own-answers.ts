/**
 * Answers that Node would write by itself, without a policy: to what is no request, is too long or too slow, or expects what
 * there is not.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Content Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** @param headers of each of them */
export function answerOddOnes(server: Server, headers: Readonly<Record<string, string>>): void {
  const open = new WeakMap<Duplex, Set<ServerResponse>>();
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': '0' });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const all = open.get(socket) ?? new Set();
    open.set(socket, all.add(response));
    response.once('close', () => all.delete(response));
  });
  server.on('clientError', (thrown: NodeJS.ErrnoException, socket) => {
    // never into the middle of another answer
    const begun = [...(open.get(socket) ?? [])].some(({ headersSent }) => headersSent);
    const status = STATUS[thrown.code ?? ''] ?? '400 Bad Request';
    if (socket.writable && !begun && thrown.code !== 'ECONNRESET')
      socket.write(`HTTP/1.1 ${status}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    socket.destroy();
  });
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    response.writeHead(417, { ...headers, connection: 'close' }).end();
  });
}
