/**
 * The server of courses made elsewhere: on a port and an origin of its own, without cookies, sessions or anything of the
 * API. What it gives out is rows of the database, looked up by their very names: no path of a request is one of this machine.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

import type { Db } from '#platform/db';

import { chunkOf, fileRow } from '../store/packages.ts';
import type { Documents } from '../cmi5/documents.ts';
import { exchangeAnswer, FETCH, LRS, OVER } from '../cmi5/launch.ts';
import { answerLrs } from '../cmi5/lrs.ts';
import type { PartSessions } from '../cmi5/sessions.ts';
import type { PartStatements } from '../cmi5/statements.ts';
import { XAPI_VERSION } from '../cmi5/words.ts';
import { mediaTypeOf } from './media-types.ts';
import { coursePolicy, OVER_PAGE, PLAYER_SCRIPT, PLAYER_STYLE, playerPage, playerPolicy } from './player.ts';
import { answerOddOnes } from './own-answers.ts';
import type { Package } from './package.ts';
import type { Runs } from './runs.ts';
import { CHUNK_BYTES } from './take-in.ts';

export type ContentNeeds = Readonly<{
  db: Db;
  runs: Pick<Runs, 'ofToken'>;
  sessions: Pick<PartSessions, 'exchange' | 'ofAuth' | 'ofToken'>;
  statements: PartStatements;
  documents: Documents;
  now: () => Date;
  /** Its own, as parts are led back to it. */
  origin: string | null;
  /** Without paths, which have a token in them. */
  onFault: (thrown: unknown) => void;
}>;

const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-dns-prefetch-control': 'off',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
};
/** Of what is no page: nothing in it runs, whatever it says that it is. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'";
const OF_NOTHING = { ...HEADERS, 'content-security-policy': NOTHING };
const PATH = /^\/([A-Za-z0-9_-]{32})\/([^?#]*)/;
/** For a page: what stands beside the modules that are resolved here. */
const API = {
  '1.2': import.meta.resolve('scorm-again/scorm12/min'),
  '2004': import.meta.resolve('scorm-again/scorm2004/min'),
} as const;

export function contentServer(needs: ContentNeeds): Server {
  const { db, runs, sessions, origin, onFault } = needs;
  const lrs = { ...needs, returnUrl: `${origin}${OVER}` };
  const apis = new Map<string, Promise<Buffer>>();
  const apiOf = (schema: keyof typeof API): Promise<Buffer> => {
    const known = apis.get(schema) ?? readFile(fileURLToPath(API[schema].replace('/esm/', '/')));
    apis.set(schema, known);
    return known;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', httpVersion } = request;
    const end = (status: number, type: string, policy: string, body: string | Buffer = ''): void => {
      const headers = { ...HEADERS, 'content-type': type, 'content-security-policy': policy, 'content-length': Buffer.byteLength(body) }; // prettier-ignore
      response.writeHead(status, headers).end(method === 'HEAD' ? '' : body);
    };
    const nothing = (status = 404): void => end(status, 'text/plain; charset=utf-8', NOTHING);
    // Node would refuse it by itself, without a policy (RFC 9112 §3.2)
    if (httpVersion === '1.1' && request.headers.host === undefined) return nothing(400);
    const [path = '', search = ''] = url.split('?', 2);
    if (path.startsWith(LRS)) {
      const { status, headers, body } = await answerLrs(
        request,
        path.slice(LRS.length),
        new URLSearchParams(search),
        lrs,
      );
      return send(request, response, status, { ...headers, 'x-experience-api-version': XAPI_VERSION }, body);
    }
    if (path.startsWith(FETCH)) {
      // never by GET, which something on the way may keep (cmi5 §8.2.1)
      if (method !== 'POST') return nothing(405);
      const body = JSON.stringify(exchangeAnswer(await sessions.exchange(path.slice(FETCH.length))));
      return send(request, response, 200, { 'content-type': 'application/json' }, body);
    }
    if (method !== 'GET' && method !== 'HEAD') return nothing(405);
    if (path === OVER) return end(200, 'text/html; charset=utf-8', "default-src 'none'", OVER_PAGE);
    const [, token = '', rest = ''] = PATH.exec(url) ?? [];
    const run = token === '' ? null : await runs.ofToken(token);
    const part = token === '' || run !== null ? null : await sessions.ofToken(token);
    if (part !== null) {
      const { console: home } = part.session;
      return rest.startsWith('c/')
        ? sendFile(db, { package: part.of.read, console: home }, rest.slice(2), request, response, nothing)
        : nothing();
    }
    if (run === null) return nothing();
    const player = playerPolicy(run.console);
    if (rest === '') return end(200, 'text/html; charset=utf-8', player, playerPage(run.package, run.console));
    if (rest === 'player.js') return end(200, 'text/javascript; charset=utf-8', player, PLAYER_SCRIPT);
    if (rest === 'player.css') return end(200, 'text/css; charset=utf-8', player, PLAYER_STYLE);
    if (rest === 'api.js') return end(200, 'text/javascript; charset=utf-8', player, await apiOf(run.package.schema)); // prettier-ignore
    return rest.startsWith('c/') ? sendFile(db, run, rest.slice(2), request, response, nothing) : nothing();
  };
  const limits = { maxHeaderSize: 16_384, requestTimeout: 30_000, headersTimeout: 10_000, requireHostHeader: false };
  const server = createServer(limits, (request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      if (!isCutOff(request, thrown)) onFault(thrown);
      if (response.headersSent) response.destroy();
      else response.writeHead(503, OF_NOTHING).end();
    });
  });
  answerOddOnes(server, OF_NOTHING);
  server.maxConnections = 2000;
  return server;
}

/** Who sent it has gone in the middle of it, which is nobody's fault here. */
const isCutOff = (request: IncomingMessage, thrown: unknown): boolean =>
  request.destroyed &&
  !request.complete &&
  ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes((thrown as NodeJS.ErrnoException).code ?? '');

/** What is no page of a course. */
function send(request: IncomingMessage, response: ServerResponse, status: number, more: Readonly<Record<string, string>>, body: string | Buffer): void {
  // what was sent and is not read ends with the connection
  const rest = request.complete ? {} : { connection: 'close' };
  const headers = { ...OF_NOTHING, 'content-length': Buffer.byteLength(body), ...more, ...rest };
  response.writeHead(status, headers).end(request.method === 'HEAD' ? '' : body);
} // prettier-ignore

async function sendFile(
  db: Db,
  run: Readonly<{ package: Pick<Package, 'hash'>; console: string }>,
  encoded: string,
  request: IncomingMessage,
  response: ServerResponse,
  nothing: (status?: number) => void,
): Promise<void> {
  const { hash } = run.package;
  const path = decoded(encoded);
  const file = path === null ? null : await fileRow(db, hash, path);
  if (path === null || file === null) return nothing();
  const size = Number(file.size);
  const part = rangeOf(request.headers.range, size);
  const { from, to } = part ?? { from: 0, to: size - 1 };
  response.writeHead(part === null ? 200 : 206, {
    ...HEADERS,
    'content-type': mediaTypeOf(path),
    'content-security-policy': coursePolicy(run.console),
    'content-length': Math.max(0, to - from + 1),
    'accept-ranges': 'bytes',
    ...(part === null ? {} : { 'content-range': `bytes ${from}-${to}/${size}` }),
  });
  if (request.method === 'HEAD') return void response.end();
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (let n = Math.floor(from / CHUNK_BYTES); n * CHUNK_BYTES <= to; n += 1) {
      const bytes = await chunkOf(db, hash, path, n);
      // less than was said is an answer cut off, never one that ends well
      if (bytes === null) throw new Error('a file of a course lacks a part');
      const begins = n * CHUNK_BYTES;
      yield bytes.subarray(Math.max(0, from - begins), Math.min(bytes.length, to - begins + 1));
    }
  };
  // a reader that is slow is waited for, one that has gone is nobody's fault
  await pipeline(Readable.from(pieces(), { objectMode: false }), response).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw thrown;
  });
}

function decoded(path: string): string | null {
  try {
    const text = decodeURIComponent(path);
    // no text of the database has it
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

/** One range, as videos ask for it (RFC 9110 §14.2); anything else is answered whole. */
function rangeOf(header: string | undefined, size: number): Readonly<{ from: number; to: number }> | null {
  const [, first = '', last = ''] = /^bytes=(\d{1,12})-(\d{0,12})$/.exec(header ?? '') ?? [];
  if (first === '') return null;
  const [from, to] = [Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1)];
  return from <= to ? { from, to } : null;
}
