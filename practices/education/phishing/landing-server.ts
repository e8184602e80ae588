/**
 * The server of landing pages: on a port and an origin of its own, without cookies, sessions or anything of the API.
 *
 * INVARIANT: no body is taken that could hold what was typed: one that is longer than a beacon, of another type, or anywhere
 * else than at /b is refused by its head and the connection ended; of a beacon, `parseBeacon` leaves kinds and numbers.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { LANDING_POLICY, NOTHING_PAGE } from './landing-page.ts';
import { parseBeacon, type Beacon } from './landing.ts';

export type LandingNeeds = Readonly<{
  /** @returns the page; null where no exercise has this link */
  pageOf: (token: string) => Promise<string | null>;
  noteFetch: (token: string) => Promise<void>;
  noteBeacon: (beacon: Beacon) => Promise<void>;
  /** Without paths, which are secrets. */
  onFault: (thrown: unknown) => void;
}>;

/** A beacon of all kinds of fields has less. */
const MOST_BYTES = 320;
const TOKEN = /^\/([A-Za-z0-9_-]{22})$/;
const HEADERS = {
  'content-security-policy': LANDING_POLICY,
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

export function landingServer({ pageOf, noteFetch, noteBeacon, onFault }: LandingNeeds): Server {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    const end = (status: number, body = ''): void => {
      response.writeHead(status, HEADERS).end(method === 'HEAD' ? '' : body);
    };
    if (method === 'POST' && url === '/b') return takeBeacon(request, response, noteBeacon);
    if (hasBody(request)) return refuse(response, 413);
    const token = TOKEN.exec(url)?.[1];
    if (token === undefined) return end(404, NOTHING_PAGE);
    // whoever asks in any other way than to see it is a program, too
    const page = await pageOf(token);
    if (page === null) return end(404, NOTHING_PAGE);
    await noteFetch(token);
    return method === 'GET' || method === 'HEAD' ? end(200, page) : end(405);
  };
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      onFault(thrown);
      if (!response.headersSent) response.writeHead(503, HEADERS);
      response.end();
    });
  }); // prettier-ignore
  // `Expect: 100-continue` would let a body come before it was looked at
  server.on('checkContinue', (_request, response: ServerResponse) => refuse(response, 417));
  server.maxConnections = 2000;
  return server;
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...HEADERS, connection: 'close' }).end(() => response.socket?.destroy());
}

async function takeBeacon(
  request: IncomingMessage,
  response: ServerResponse,
  note: LandingNeeds['noteBeacon'],
): Promise<void> {
  const { 'content-length': length = '', 'content-type': type, 'transfer-encoding': pieces } = request.headers;
  const sizeBytes = /^[1-9]\d{0,3}$/.test(length) ? Number(length) : Number.NaN;
  if (type !== 'application/json' || pieces !== undefined || !(sizeBytes <= MOST_BYTES)) return refuse(response, 413);
  const body = Buffer.alloc(sizeBytes);
  let at = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    at += piece.copy(body, at);
    piece.fill(0);
  }
  const beacon = parseBeacon(parsed(body));
  body.fill(0);
  if (beacon === null) return refuse(response, 400);
  await note(beacon);
  response.writeHead(204, HEADERS).end();
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
