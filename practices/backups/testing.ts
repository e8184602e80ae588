/**
 * A server for tests that speaks S3 with versions and object lock, enforces COMPLIANCE, and can be told to misbehave in
 * each way that stores were seen to. It is no store: it forgets all at its end and checks no signatures.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { MAX_OBJECT_BYTES } from './targets/target.ts';

export type Misbehaviour = {
  /** Takes lock headers and keeps nothing. */
  dropsLocks?: boolean;
  /** Keeps a retain-until that is a day too early. */
  shortensLocks?: boolean;
  /** Changes a bit of what it is given, whatever the checksum says, and repeats the sender's checksum. */
  flipsBits?: boolean;
  /** Keeps only the first half. */
  truncates?: boolean;
  /** Sends fewer bytes than it announces, and hangs up. */
  hangsUp?: boolean;
  /** Does not list what came after this was set. */
  listsStale?: boolean;
  /** Lists with 200 and nothing else. */
  listsEmpty?: boolean;
  /** Sends more than an object may have, and does not end. */
  endless?: boolean;
  /** Says it deleted, and did not. */
  keepsDeleted?: boolean;
  /** Answers that many requests with 503. */
  unavailable?: number;
  /** Refuses everything, and repeats what it was sent in code and message. */
  repeats?: boolean;
  /** Hours that its clock is off. */
  clockHours?: number;
};

type Version = {
  id: string;
  bytes: Buffer;
  mode: string | null;
  until: Date | null;
  at: Date;
  order: number;
  marks?: true;
};

export type S3Double = {
  endpoint: string;
  faults: Misbehaviour;
  /** All bytes of all versions, for whoever looks for something in them. */
  everything: () => { name: string; bytes: Buffer }[];
  damage: (name: string, change: (bytes: Buffer) => Buffer) => void;
  /** As whoever has the credentials may, locks or not: a newer version of everything, or, with null, a mark that it was deleted. */
  cover: (bytes: Buffer | null) => void;
  close: () => Promise<void>;
};

export async function startS3Double(bucket: string, { versioning = true, lock = true } = {}): Promise<S3Double> {
  const objects = new Map<string, Version[]>();
  const faults: Misbehaviour = {};
  let order = 0;
  let staleFrom: number | null = null;
  const clock = (): Date => new Date(Date.now() + (faults.clockHours ?? 0) * 3_600_000);

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => response.destroy(thrown as Error));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://s3');
    const bytes = await bodyOf(request);
    response.setHeader('date', clock().toUTCString());
    if ((faults.unavailable ?? 0) > 0) {
      faults.unavailable = (faults.unavailable ?? 0) - 1;
      return refuse(response, 503, 'SlowDown');
    }
    if (faults.repeats === true)
      return refuse(
        response,
        403,
        `${request.headers.authorization} ${String(request.headers['x-amz-security-token'])}`,
      );
    const [, where, ...rest] = url.pathname.split('/');
    if (where !== bucket) return refuse(response, 404, 'NoSuchBucket');
    const key = decodeURIComponent(rest.join('/'));
    if (key === '') return onBucket(url, request, response);
    const wanted = url.searchParams.get('versionId');
    const versions = objects.get(key) ?? [];
    const found = wanted === null ? versions.at(-1) : versions.find(({ id }) => id === wanted);
    if (request.method === 'PUT') return put(request, response, key, bytes);
    if (found === undefined || found.marks === true)
      return refuse(response, 404, wanted === null ? 'NoSuchKey' : 'NoSuchVersion');
    if (request.method === 'DELETE') {
      if (wanted === null) return refuse(response, 400, 'WouldOnlyMark');
      if (found.until !== null && found.until.getTime() > clock().getTime())
        return refuse(response, 403, 'AccessDenied');
      if (faults.keepsDeleted !== true)
        objects.set(
          key,
          versions.filter((each) => each !== found),
        );
      response.writeHead(204).end();
      return;
    }
    response.setHeader('x-amz-version-id', found.id);
    response.setHeader('content-length', found.bytes.length);
    response.setHeader('last-modified', found.at.toUTCString());
    if (found.mode !== null) response.setHeader('x-amz-object-lock-mode', found.mode);
    if (found.until !== null) response.setHeader('x-amz-object-lock-retain-until-date', found.until.toISOString());
    if (request.method === 'HEAD') return void response.end();
    if (faults.endless === true) {
      response.removeHeader('content-length');
      return void response.write(Buffer.alloc(MAX_OBJECT_BYTES + 1));
    }
    if (faults.hangsUp === true) {
      response.write(found.bytes.subarray(0, found.bytes.length >> 1));
      setImmediate(() => response.destroy());
      return;
    }
    response.end(found.bytes);
  }

  const orderOf = (key: string, id: string | null): number | undefined =>
    objects.get(key)?.find((each) => each.id === id)?.order;

  function put(request: IncomingMessage, response: ServerResponse, key: string, bytes: Buffer): void {
    const md5 = createHash('md5').update(bytes).digest('base64');
    if (request.headers['content-md5'] !== md5) return refuse(response, 400, 'BadDigest');
    let kept = Buffer.from(bytes);
    if (faults.flipsBits === true) kept[kept.length >> 1] = (kept[kept.length >> 1] as number) ^ 1;
    if (faults.truncates === true) kept = kept.subarray(0, kept.length >> 1);
    const until = request.headers['x-amz-object-lock-retain-until-date'];
    const locked = typeof until === 'string' && faults.dropsLocks !== true;
    order += 1;
    const version: Version = {
      id: createHash('sha256').update(`${key}/${order}`).digest('hex').slice(0, 24),
      bytes: kept,
      mode: locked ? String(request.headers['x-amz-object-lock-mode']) : null,
      until: locked ? new Date(Date.parse(until) - (faults.shortensLocks === true ? 86_400_000 : 0)) : null,
      at: clock(),
      order,
    };
    objects.set(key, [...(objects.get(key) ?? []), version]);
    response.setHeader('x-amz-version-id', version.id);
    const claimed = request.headers['x-amz-checksum-sha256'];
    if (typeof claimed === 'string') response.setHeader('x-amz-checksum-sha256', claimed);
    response.writeHead(200).end();
  }

  function onBucket(url: URL, request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('content-type', 'application/xml');
    const { searchParams } = url;
    if (request.method === 'HEAD') return void response.end();
    if (searchParams.has('versioning'))
      return void response.end(
        `<VersioningConfiguration>${versioning ? '<Status>Enabled</Status>' : ''}</VersioningConfiguration>`,
      );
    if (searchParams.has('object-lock')) {
      if (!lock) return refuse(response, 404, 'ObjectLockConfigurationNotFoundError');
      return void response.end(
        '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>',
      );
    }
    if (!searchParams.has('versions')) return refuse(response, 501, 'NotImplemented');
    if (faults.listsEmpty === true) return void response.end();
    if (faults.listsStale === true) staleFrom ??= order;
    else staleFrom = null;
    const prefix = searchParams.get('prefix') ?? '';
    const [after, upTo] = [searchParams.get('key-marker') ?? '', searchParams.get('version-id-marker')];
    const all = [...objects]
      .flatMap(([key, versions]) => versions.map((version) => ({ key, version })))
      .filter(
        ({ key, version: { order: n, marks } }) =>
          key.startsWith(prefix) && marks !== true && n <= (staleFrom ?? Infinity),
      )
      .filter(({ key, version: { order: n } }) => key > after || (key === after && n < (orderOf(key, upTo) ?? 0)))
      // as S3 does: of a name the newest first
      .toSorted((a, b) => (a.key === b.key ? b.version.order - a.version.order : a.key < b.key ? -1 : 1));
    // short pages, so that whoever reads only the first is found out
    const page = all.slice(0, 3);
    const more = all.length > page.length;
    response.end(
      `<ListVersionsResult><Name>${bucket}</Name><IsTruncated>${more}</IsTruncated>${more ? `<NextKeyMarker>${page.at(-1)?.key}</NextKeyMarker><NextVersionIdMarker>${page.at(-1)?.version.id}</NextVersionIdMarker>` : ''}${page
        .map(
          ({ key, version: { id, bytes, at } }) =>
            `<Version><Key>${key}</Key><VersionId>${id}</VersionId><Size>${bytes.length}</Size><LastModified>${at.toISOString()}</LastModified></Version>`,
        )
        .join('')}</ListVersionsResult>`,
    );
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    faults,
    everything: () => [...objects].flatMap(([name, versions]) => versions.map(({ bytes }) => ({ name, bytes }))),
    cover: (bytes) => {
      for (const versions of objects.values()) {
        order += 1;
        const marks = bytes === null ? { marks: true as const } : {};
        versions.push({ id: `cover-${order}`, bytes: bytes ?? Buffer.alloc(0), mode: null, until: null, at: clock(), order, ...marks }); // prettier-ignore
      }
    },
    damage: (name, change) => {
      for (const [key, versions] of objects)
        if (key.endsWith(name)) for (const version of versions) version.bytes = change(Buffer.from(version.bytes));
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.setHeader('content-type', 'application/xml');
  response.writeHead(status).end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}
