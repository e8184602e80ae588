/** Runs the load generator as a process beside the server. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { childEnvironment } from '#platform/config';

import type { Answer } from './generator.ts';

export type Request = Readonly<{
  method: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: object;
}>;
export type Load = Readonly<{
  url: string;
  requests: readonly Request[];
  connections: number;
  seconds: number;
  rate?: number;
}>;

/** @throws when an answer was anything but 2xx: a rate of refusals is no rate */
export async function load({ url, requests, connections, seconds, rate }: Load): Promise<Answer> {
  const { hostname: host, port } = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), 'sr-load-'));
  const order = join(folder, 'order.json');
  const texts = requests.map((request) => asText(request, `${host}:${port}`));
  await writeFile(
    order,
    JSON.stringify({ host, port: Number(port), requests: texts, connections, seconds, rate: rate ?? null }),
  );
  try {
    const generator = new URL('generator.ts', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(process.execPath, [generator, order], { env: childEnvironment({}) });
    const answer = JSON.parse(stdout) as Answer;
    if (answer.failed > 0) throw new Error(`${answer.failed} of ${answer.answered + answer.failed} requests failed`);
    return answer;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function asText({ method, path, headers = {}, body }: Request, host: string): string {
  const content = body === undefined ? '' : JSON.stringify(body);
  const all = {
    host,
    ...headers,
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(content)) }),
  };
  return `${method} ${path} HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${content}`;
}
