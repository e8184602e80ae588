/**
 * Requests as an attacker makes them: with any header, any credential, or byte by byte. Each is counted, and each leaves a
 * line of evidence: what was asked and what came back in sizes and hashes, never what stood in it.
 */
import { createHash } from 'node:crypto';
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { CannotTell } from './control-test.ts';
import type { World } from './world.ts';

export type Asked = Readonly<{
  body?: unknown;
  /** Sent as it is. */
  raw?: string | Buffer;
  purpose?: string | undefined;
  /** Left out, a purpose has to be one of the catalogue: a refusal of another one says nothing about the system. */
  purposes?: 'undeclared too';
  headers?: Readonly<Record<string, string>>;
}>;
export type Answer = Readonly<{
  method: string;
  /** As it is said of it. */
  path: string;
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
  bytes: Buffer;
  /** Undefined where it is no JSON. */
  json: Readonly<Record<string, unknown>> | undefined;
  requestId: string;
  ms: number;
}>;
export type Client = (method: string, path: string, asked?: Asked) => Promise<Answer>;
export type Line = Readonly<{
  method: string;
  path: string;
  by: string;
  status: number;
  bytes: number;
  sha256: string;
}>;

export type Wire = Readonly<{
  /** @param key null: as nobody */
  client: (by: string, key: string | null) => Client;
  /** Bytes on the connection as they are; what came back until it was closed, or until the time was up. */
  bytes: (sent: string, waitMs?: number) => Promise<string>;
  requests: () => number;
  lines: () => readonly Line[];
}>;

const TIMEOUT_MS = 30_000;
/** More than an answer of the tests has. */
const MOST_BYTES = 32 * 2 ** 20;
const MOST_LINES = 500;

/** @param outside stands in no evidence: the id of a record that is somebody's */
export function createWire(
  { url, ca, outside, purposes }: Pick<World, 'url' | 'ca' | 'outside' | 'purposes'>,
  most: number,
): Wire {
  const base = new URL(url);
  const isTls = base.protocol === 'https:';
  const lines: Line[] = [];
  let requests = 0;
  const spend = (): void => {
    if ((requests += 1) > most) throw new CannotTell(`it needs more than its ${most} requests`);
  };

  const ask = async (by: string, key: string | null, method: string, path: string, asked: Asked): Promise<Answer> => {
    if (asked.purpose !== undefined && asked.purposes === undefined && !purposes.includes(asked.purpose))
      throw new CannotTell(`the catalogue has no purpose ${asked.purpose}`);
    spend();
    const body = asked.raw ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body));
    const headers: Record<string, string> = {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      ...(asked.purpose === undefined ? {} : { 'strongroom-purpose': asked.purpose }),
      ...asked.headers,
    }; // prettier-ignore
    const said = outside === null ? path : path.replaceAll(outside, '(somebody)');
    const begun = performance.now();
    const answer = await new Promise<Answer>((resolve, reject) => {
      // a connection of its own each: what one leaves on it is nothing to the next
      const sent = (isTls ? secure : plain)(
        { host: base.hostname, port: base.port, method, path, headers, agent: false, timeout: TIMEOUT_MS, ...(ca === null ? {} : { ca, allowPartialTrustChain: true, checkServerIdentity: () => undefined }) },
        (reply) => {
          const parts: Buffer[] = [];
          let size = 0;
          reply.on('data', (part: Buffer) => {
            size += part.length;
            if (size > MOST_BYTES) reply.destroy(new CannotTell('an answer is larger than it may be'));
            else parts.push(part);
          });
          reply.on('error', reject);
          reply.on('end', () => {
            const bytes = Buffer.concat(parts);
            const text = bytes.toString('utf8');
            const given = Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]));
            resolve({ method, path: said, status: reply.statusCode ?? 0, headers: given, text, bytes, json: parsed(text), requestId: given['x-request-id'] ?? '', ms: performance.now() - begun });
          });
        },
      ); // prettier-ignore
      sent.on('timeout', () => sent.destroy(new CannotTell(`no answer within ${TIMEOUT_MS / 1000} s`)));
      sent.on('error', reject);
      sent.end(body);
    });
    if (lines.length < MOST_LINES)
      lines.push({ method, path: answer.path, by, status: answer.status, bytes: Buffer.byteLength(answer.text), sha256: createHash('sha256').update(answer.text).digest('hex') }); // prettier-ignore
    return answer;
  };

  return {
    client:
      (by, key) =>
      (method, path, asked = {}) =>
        ask(by, key, method, path, asked),
    bytes: (sent, waitMs = 2000) => {
      spend();
      return new Promise((resolve, reject) => {
        const at = { host: base.hostname, port: Number(base.port || (isTls ? 443 : 80)) };
        const socket = isTls ? connectTls({ ...at, ca: ca ?? undefined, allowPartialTrustChain: true, checkServerIdentity: () => undefined }) : connect(at); // prettier-ignore
        let got = '';
        const timer = setTimeout(() => socket.destroy(), waitMs);
        socket.on('data', (part: Buffer) => (got += part.toString('latin1')));
        socket.on('close', () => {
          clearTimeout(timer);
          resolve(got);
        });
        // a server that hangs up has answered in its own way
        socket.on('error', (err: NodeJS.ErrnoException) => (err.code === 'ECONNRESET' || err.code === 'EPIPE' ? undefined : reject(err))); // prettier-ignore
        socket.write(sent, 'latin1');
      });
    },
    requests: () => requests,
    lines: () => lines,
  };
}

function parsed(text: string): Answer['json'] {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
