/**
 * A bucket as a store: any endpoint that speaks S3 with versions and object lock. Nothing it says is believed: after each
 * PUT the version is read back, its bytes hashed, its lock mode and retain-until compared.
 *
 * Source: Amazon S3 API reference, PutObject, HeadObject, GetObjectRetention, ListObjectVersions
 */
import { createHash } from 'node:crypto';

import type * as AwsS3 from '@aws-sdk/client-s3';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';

import { boundAnswers } from '#platform/at-most';
import { isFailure } from '#platform/failure';

import { backupsFailure } from '../failures.ts';
import { isObjectName, MAX_OBJECT_BYTES, type Listed, type Lock, type Target } from './target.ts';

export type S3Place = Readonly<{ bucket: string; prefix: string; endpoint: string | null; region: string }>;
export type S3Options = Readonly<{
  /** Where this machine's own AWS configuration (environment, profile, instance role) is not to be used. */
  client?: Pick<S3ClientConfig, 'credentials'>;
  attempts?: number;
  timeoutMs?: number;
  /** Whoever stops waits for no store: what is under way fails with BACKUPS_STOPPED. */
  stop?: AbortSignal;
}>;

/** A store keeps whole seconds. */
const LOCK_SLACK_MS = 1000;

/** @throws BACKUPS_TARGET_UNFIT when the bucket has no versions or no object lock, BACKUPS_TARGET_* */
export async function openS3(place: S3Place, options: S3Options = {}): Promise<Target> {
  const { bucket, prefix, endpoint, region } = place;
  const { client: more = {}, attempts = 5, timeoutMs = 120_000, stop } = options;
  // loaded here, since most installations never need it
  const aws = await import('@aws-sdk/client-s3');
  const s3 = new aws.S3Client({
    region,
    maxAttempts: attempts,
    // one PUT with the headers below, no trailers: what a store does with those differs
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...more,
  });
  boundAnswers(s3, MAX_OBJECT_BYTES, () => new TooLong());
  const keyOf = (name: string): string => {
    if (!isObjectName(name)) throw backupsFailure('OBJECT_MISSING', { detail: 'the name is not one of an object' });
    return `${prefix}${name}`;
  };
  const ask = async <T>(request: (client: S3Client, o: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> => {
    try {
      const timeout = AbortSignal.timeout(timeoutMs);
      return await request(s3, { abortSignal: stop === undefined ? timeout : AbortSignal.any([stop, timeout]) });
    } catch (thrown) {
      if (stop?.aborted === true) throw backupsFailure('STOPPED', { cause: refusal(thrown) });
      throw refusal(thrown);
    }
  };
  const at = (name: string, version: string | null) => ({
    Bucket: bucket,
    Key: keyOf(name),
    ...(version === null ? {} : { VersionId: version }),
  });
  const read = async (name: string, version: string | null): Promise<{ bytes: Buffer; version: string | null }> =>
    ask(async (client, signal) => {
      const found = await client.send(new aws.GetObjectCommand(at(name, version)), signal);
      if ((found.ContentLength ?? 0) > MAX_OBJECT_BYTES) throw damaged(name);
      const bytes = Buffer.from((await found.Body?.transformToByteArray()) ?? []);
      if (found.ContentLength !== undefined && bytes.length !== found.ContentLength) throw damaged(name);
      return { bytes, version: found.VersionId ?? null };
    });
  const lockOf: Target['lockOf'] = async (name, version) => {
    const found = await ask((client, signal) => client.send(new aws.HeadObjectCommand(at(name, version)), signal));
    if (found.ObjectLockMode !== 'COMPLIANCE') return null;
    return found.ObjectLockRetainUntilDate ?? null;
  };

  const list: Target['list'] = (wanted) =>
    ask((client, signal) => listVersions(aws, client, signal, { bucket, prefix, wanted }));

  await requireFit(aws, ask, bucket);
  const now = async (): Promise<Date> => {
    let date: string | undefined;
    const command = new aws.HeadBucketCommand({ Bucket: bucket });
    command.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        date = (answer.response as { headers?: Record<string, string> }).headers?.date;
        return answer;
      },
      { step: 'deserialize', priority: 'low' },
    );
    await ask((client, signal) => client.send(command, signal));
    const time = Date.parse(date ?? '');
    if (Number.isNaN(time)) throw backupsFailure('TARGET_UNFIT', { detail: 'the store does not say what time it is' });
    return new Date(time);
  };

  return {
    facts: {
      kind: 's3',
      place: `s3://${bucket}/${prefix}${endpoint === null ? '' : ` at ${new URL(endpoint).host}`}`,
      locks: 'enforced',
      versions: true,
      nearby: endpoint !== null && /^(localhost|127\.|\[::1\])/.test(new URL(endpoint).hostname),
    },
    put: async (name, bytes, { lock }) => {
      if (bytes.byteLength > MAX_OBJECT_BYTES) throw backupsFailure('OBJECT_TOO_LARGE');
      const digest = createHash('sha256').update(bytes).digest();
      const earlier = await newest(name);
      if (earlier !== null) throw backupsFailure('OBJECT_EXISTS');
      const answer = await ask((client, signal) =>
        client.send(
          new aws.PutObjectCommand({
            ...at(name, null),
            Body: bytes,
            ContentLength: bytes.byteLength,
            ContentType: 'application/octet-stream',
            // both: a store was seen to take a wrong SHA-256 and to refuse a wrong MD5 (radosgw 16.2)
            ContentMD5: createHash('md5').update(bytes).digest('base64'),
            ChecksumSHA256: digest.toString('base64'),
            ...(lock === null ? {} : { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: lock.until }),
          }),
          signal,
        ),
      );
      const version = answer.VersionId ?? null;
      if (version === null) throw backupsFailure('TARGET_UNFIT', { detail: 'the store gave the object no version' });
      const back = await read(name, version);
      const sha256 = createHash('sha256').update(back.bytes).digest('hex');
      if (sha256 !== digest.toString('hex')) throw damaged(name);
      const lockedUntil = await lockOf(name, version);
      requireLock(lock, lockedUntil);
      return { name, version, sizeBytes: bytes.byteLength, sha256, lockedUntil };
    },
    get: async (name, { version = null, sha256 } = {}) => {
      const whole = async (wanted: string | null): Promise<Buffer> => {
        const { bytes } = await read(name, wanted);
        if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256) throw damaged(name);
        return bytes;
      };
      try {
        return await whole(version);
      } catch (thrown) {
        // whoever may write puts another one over what is locked, or marks it as deleted: it is behind that
        if (version !== null || sha256 === undefined || !isFailure(thrown)) throw thrown;
        if (thrown.code !== 'BACKUPS_OBJECT_MISSING' && thrown.code !== 'BACKUPS_OBJECT_DAMAGED') throw thrown;
        const oldest = (await list(name)).find((each) => each.name === name)?.version ?? null;
        if (oldest === null) throw thrown;
        return whole(oldest);
      }
    },
    list,
    lockOf,
    remove: async (name, version) => {
      if (version === null) throw backupsFailure('OBJECT_MISSING', { detail: 'a version is deleted by its id' });
      const until = await lockOf(name, version);
      if (until !== null && until.getTime() > (await now()).getTime()) throw locked(name, until);
      await ask((client, signal) => client.send(new aws.DeleteObjectCommand(at(name, version)), signal));
      const left = await read(name, version).catch((thrown: unknown) => {
        if (isFailure(thrown, 'BACKUPS_OBJECT_MISSING')) return null;
        throw thrown;
      });
      if (left !== null)
        throw backupsFailure('TARGET_UNFIT', { detail: `the store said it deleted ${name}, and still has it` });
    },
    now,
    close: () => s3.destroy(),
  };

  async function newest(name: string): Promise<string | null> {
    try {
      const found = await ask((client, signal) => client.send(new aws.HeadObjectCommand(at(name, null)), signal));
      return found.VersionId ?? '';
    } catch (thrown) {
      if (isFailure(thrown, 'BACKUPS_OBJECT_MISSING')) return null;
      throw thrown;
    }
  }
}

type Aws = typeof AwsS3;
type Ask = <T>(request: (client: S3Client, o: { abortSignal: AbortSignal }) => Promise<T>) => Promise<T>;

async function requireFit(aws: Aws, ask: Ask, bucket: string): Promise<void> {
  const versions = await ask((client, o) => client.send(new aws.GetBucketVersioningCommand({ Bucket: bucket }), o));
  if (versions.Status !== 'Enabled') throw backupsFailure('TARGET_UNFIT', { detail: 'the bucket keeps no versions' });
  const lock = await ask((client, o) =>
    client.send(new aws.GetObjectLockConfigurationCommand({ Bucket: bucket }), o),
  ).catch((cause: unknown) => {
    throw isFailure(cause, 'BACKUPS_TARGET_UNREACHABLE')
      ? cause
      : backupsFailure('TARGET_UNFIT', { detail: 'the bucket has no object lock', cause });
  });
  if (lock.ObjectLockConfiguration?.ObjectLockEnabled !== 'Enabled')
    throw backupsFailure('TARGET_UNFIT', { detail: 'the bucket has no object lock' });
}

async function listVersions(
  aws: Aws,
  client: S3Client,
  signal: { abortSignal: AbortSignal },
  { bucket, prefix, wanted }: { bucket: string; prefix: string; wanted: string },
): Promise<Listed[]> {
  const found: Listed[] = [];
  let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await client.send(
      new aws.ListObjectVersionsCommand({ Bucket: bucket, Prefix: `${prefix}${wanted}`, ...from }),
      signal,
    );
    // an empty answer too is taken for a list by the SDK, and one without objects is believed
    if (page.Name === undefined)
      throw backupsFailure('TARGET_UNREACHABLE', { detail: 'the store answered something else than a list' });
    for (const { Key: key, VersionId: version, Size: size, LastModified: at } of page.Versions ?? []) {
      const name = key?.slice(prefix.length) ?? '';
      if (isObjectName(name) && at !== undefined)
        found.push({ name, version: version ?? null, sizeBytes: size ?? 0, storedAt: at });
    }
    if (page.IsTruncated !== true) break;
    from = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  // a store lists the newest version of a name first
  return found.toReversed().toSorted((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1));
}

class TooLong extends Error {}

function requireLock(asked: Lock | null, found: Date | null): void {
  if (asked === null) return;
  if (found === null || found.getTime() + LOCK_SLACK_MS < asked.until.getTime()) throw backupsFailure('LOCK_MISSING');
}

const damaged = (name: string): Error =>
  backupsFailure('OBJECT_DAMAGED', { detail: `${name} is not what was written` });
const locked = (name: string, until: Date): Error =>
  backupsFailure('OBJECT_LOCKED', { detail: `${name} is locked until ${until.toISOString()}` });

/** What the store writes may quote what was sent, a session's token too: only its status and a plain code are told on. */
function refusal(thrown: unknown): Error {
  if (isFailure(thrown)) return thrown;
  // a new one: the SDK has hung the answer on what was thrown
  if (thrown instanceof TooLong)
    return backupsFailure('TARGET_UNREACHABLE', { detail: 'the answer of the store is longer than an object may be' });
  const { name = '', $metadata } = thrown as { name?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  if (status === 404) return backupsFailure('OBJECT_MISSING');
  if (name === 'BadDigest' || name === 'InvalidDigest' || name === 'XAmzContentSHA256Mismatch')
    return backupsFailure('OBJECT_DAMAGED', { detail: 'the object changed on its way to the store' });
  if (status !== undefined && status >= 400 && status < 500)
    return backupsFailure('TARGET_DENIED', {
      detail: `the store answered ${status} ${/^[A-Za-z]{1,40}$/.test(name) ? name : ''}`,
    });
  if (status !== undefined) return backupsFailure('TARGET_UNREACHABLE', { detail: `the store answered ${status}` });
  // of the system or of TLS: a name that is not found and a certificate of another are mended elsewhere than a dead store
  const { code } = thrown as NodeJS.ErrnoException;
  const why = name === 'AbortError' || name === 'TimeoutError' ? 'in time' : /^[A-Z0-9_]{1,40}$/.test(code ?? '') ? `(${code})` : ''; // prettier-ignore
  return backupsFailure('TARGET_UNREACHABLE', { detail: `the store does not answer ${why}`.trimEnd(), cause: thrown });
}
