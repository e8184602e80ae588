/**
 * The witness over HTTP: `POST /add-checkpoint`, and `GET /`, which says who it is and what it cosigned last.
 *
 * Plain node:http: one route for anybody who can reach it, whose answers are not JSON. Nothing here is secret, and nothing
 * is believed but signatures; TLS is for who wants it on the way.
 */
import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';

import type { Witness } from './witness.ts';

export type WitnessHttpNeeds = Readonly<{
  witness: Witness;
  /** The body of `GET /`. */
  describe: () => object;
  tls?: Readonly<{ cert: string; key: string }>;
  /** Told of a request that failed inside. */
  onFault: (thrown: unknown) => void;
}>;

/** 63 lines of proof and a checkpoint with some 30 ML-DSA-44 signatures. */
const MOST_BODY_BYTES = 128 * 1024;
const LIMITS = {
  requestTimeout: 10_000,
  headersTimeout: 5_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
} as const;
const MOST_CONNECTIONS = 256;

export function createWitnessServer({ witness, describe, tls, onFault }: WitnessHttpNeeds): Server {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path === '/' && request.method === 'GET')
      return send(response, 200, 'application/json', `${JSON.stringify(describe())}\n`);
    if (path !== '/add-checkpoint') return send(response, 404, TEXT, 'there are / and /add-checkpoint here\n');
    if (request.method !== 'POST') return send(response, 405, TEXT, 'add-checkpoint takes a POST\n');
    const body = await readBody(request);
    if (body === null) return send(response, 413, TEXT, `a request has at most ${MOST_BODY_BYTES} bytes\n`, true);
    const { status, type, body: text } = witness.addCheckpoint(body);
    return send(response, status, type, text);
  };
  const listener: RequestListener = (request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      // a client that went away in the middle is no fault of ours
      if (request.errored === null) onFault(thrown);
      if (response.headersSent) response.destroy();
      else send(response, 500, TEXT, 'the witness could not do this\n', true);
    });
  };
  const server =
    tls === undefined
      ? createHttp(LIMITS, listener)
      : createHttps({ ...LIMITS, ...tls, minVersion: 'TLSv1.3' }, listener);
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}

/** @returns where it listens, as a URL */
export async function listen(
  server: Server,
  { host, port }: Readonly<{ host: string; port: number }>,
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { address, family, port: taken } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
}

const TEXT = 'text/plain; charset=utf-8';

function send(response: ServerResponse, status: number, type: string, body: string, close = false): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(close ? { connection: 'close' } : {}),
  });
  response.end(body);
}

/** null when it is too long; the rest is not read. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      pieces.push(piece);
      if (bytes <= MOST_BODY_BYTES) return;
      request.pause();
      resolve(null);
    });
    request.on('end', () => resolve(Buffer.concat(pieces)));
    request.on('error', reject);
  });
}
