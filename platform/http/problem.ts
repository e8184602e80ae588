/**
 * Problem documents (RFC 9457): every error leaves in this one shape, and nothing of the request's content with it.
 */
import type { Socket } from 'node:net';

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

import { isFailure, type Failure } from '#platform/failure';
import { uuidv7 } from '#platform/ids';

import { httpFailure } from './failures.ts';
import type { RouteConfig } from './slow-bodies.ts';

const codes = new WeakMap<object, string>();
/** Of the problem that a request was answered with. */
export const problemCodeOf = (request: object): string | undefined => codes.get(request);

/** Whether the disk of the database is full. */
export type RoomOfDatabase = Readonly<{ isFull: () => boolean }>;

export type Problem = Readonly<{
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  hint: string;
  instance: string;
}>;

/** Connection faults of PostgreSQL and the socket: safe to try again, nothing was half done. */
const DATABASE_GONE = new Set([
  'CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED', 'CONNECT_TIMEOUT', 'ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE',
  'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN',
  // sessions ended by the server, a server that starts or stops, one that became a standby
  '57P01', '57P02', '57P03', '57P05', '25P03', '25006',
  // no memory, no connection left, no answer from the disk
  '53200', '53300', '58030',
]); // prettier-ignore
const isDatabaseGone = (code: string): boolean => DATABASE_GONE.has(code) || /^08[0-9A-Z]{3}$/.test(code);

/** SQLSTATE 53100, wherever in its causes it stands: who wrapped it says what could not be done, this says why. */
function isDiskFull(thrown: unknown): boolean {
  for (let each = thrown; each instanceof Error; each = each.cause)
    if ((each as { code?: unknown }).code === '53100') return true;
  return false;
}

export function asFailure(thrown: unknown): Failure {
  if (isDiskFull(thrown)) return httpFailure('DISK_FULL', { cause: thrown });
  if (isFailure(thrown)) return thrown;
  const { code, statusCode, validation } = thrown as Partial<FastifyError> & { validation?: unknown };
  if (validation !== undefined)
    return httpFailure('INVALID', { detail: describeValidation(validation), cause: thrown });
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return httpFailure('TOO_LARGE', { cause: thrown });
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH') return httpFailure('PATH', { cause: thrown });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return httpFailure('MEDIA_TYPE', { cause: thrown });
  if (typeof code === 'string' && isDatabaseGone(code)) return httpFailure('DATABASE', { cause: thrown });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return httpFailure('MALFORMED', { cause: thrown });
  return httpFailure('INTERNAL', { cause: thrown });
}

/** Says where the schema was not met and what was expected; never the offending value. */
function describeValidation(validation: unknown): string {
  const [first] = validation as {
    instancePath?: string;
    message?: string;
    keyword?: string;
    params?: Record<string, unknown>;
  }[];
  const where = first?.instancePath === undefined || first.instancePath === '' ? 'the request' : first.instancePath;
  return `${where}: ${first?.message ?? 'does not fit its schema'}`;
}

export function toProblem(failure: Failure, requestId: string): Problem & Record<string, unknown> {
  return {
    ...failure.extra,
    type: `urn:strongroom:problem:${failure.code.toLowerCase()}`,
    title: failure.code.toLowerCase().replaceAll('_', ' '),
    status: failure.status,
    detail: failure.message,
    code: failure.code,
    hint: failure.hint,
    instance: `urn:strongroom:request:${requestId}`,
  };
}

/** What is answered for a database that does not answer. */
const DATABASE_IS_AWAY = new Set(['HTTP_DATABASE', 'AUDIT_UNAVAILABLE']);

/** @param room null where nothing is known of the database's disk */
export function sendProblem(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  room: RoomOfDatabase | null = null,
): FastifyReply {
  const met = asFailure(thrown);
  // a database that ended because its disk is full says nothing any more: the disk does
  const failure =
    DATABASE_IS_AWAY.has(met.code) && room?.isFull() === true ? httpFailure('DISK_FULL', { cause: met }) : met;
  codes.set(request, failure.code);
  if (failure.status >= 500) request.log.error({ err: failure, code: failure.code }, 'request failed');
  if (failure.status === 401) reply.header('www-authenticate', challenge(failure));
  if (failure.status === 503 || failure.status === 429) reply.header('retry-after', retryAfter(failure));
  // what failed before there was a route has none
  const { problem } = (request.routeOptions as { config?: RouteConfig } | undefined)?.config ?? {};
  const { type, body } = problem?.(failure) ?? {
    type: 'application/problem+json',
    body: toProblem(failure, request.id),
  };
  return reply.code(failure.status).type(type).send(JSON.stringify(body));
}

/** Who is not known sends a key; whose authentication is too old shows it again (RFC 9470 §3). */
function challenge({ extra: { maxAgeSeconds } }: Failure): string {
  if (typeof maxAgeSeconds !== 'number') return 'Bearer realm="strongroom"';
  return `Bearer realm="strongroom", error="insufficient_user_authentication", error_description="a newer authentication is needed", max_age="${maxAgeSeconds}"`;
}

const retryAfter = ({ extra: { retryAfterSeconds } }: Failure): string =>
  typeof retryAfterSeconds === 'number' ? String(retryAfterSeconds) : '1';

/** For bytes that never became a request: the last words on a connection, written by hand. */
export function refuseConnection(thrown: NodeJS.ErrnoException, socket: Socket): void {
  if (thrown.code !== 'ECONNRESET' && !socket.destroyed && socket.writable) {
    const text = JSON.stringify(toProblem(httpFailure('PROTOCOL'), uuidv7()));
    socket.write(
      `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
    );
  }
  socket.destroySoon();
}
