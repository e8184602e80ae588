/** From the address of a store to the store. */
import { isAbsolute } from 'node:path';

import { backupsFailure } from '../failures.ts';
import { openDirectory } from './directory.ts';
import { openS3, type S3Options, type S3Place } from './s3.ts';
import type { Target } from './target.ts';

/**
 * @param address `directory:/path`, or `s3://bucket/prefix?endpoint=https://…&region=…`; credentials come from where
 *   programs of AWS find them (environment, profile, role), never from here
 * @throws BACKUPS_TARGET_MALFORMED, BACKUPS_TARGET_*
 */
export async function openTarget(address: string, options: S3Options = {}): Promise<Target> {
  if (address.startsWith('directory:')) {
    const folder = address.slice('directory:'.length).replace(/\/+$/, '');
    if (!isAbsolute(folder)) throw malformed('a directory needs an absolute path');
    return openDirectory(folder);
  }
  return openS3(s3Place(address), options);
}

function s3Place(address: string): S3Place {
  if (!address.startsWith('s3://') || !URL.canParse(address))
    throw malformed('it begins with neither directory: nor s3://');
  const { hostname: bucket, pathname, searchParams, username, password } = new URL(address);
  if (username !== '' || password !== '') throw malformed('credentials do not belong into the address');
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) throw malformed('the bucket has no valid name');
  for (const name of searchParams.keys())
    if (name !== 'endpoint' && name !== 'region') throw malformed('only endpoint and region may follow the ?');
  const endpoint = searchParams.get('endpoint');
  if (endpoint !== null && !isSafe(endpoint)) throw malformed('the endpoint is not https, nor this machine');
  const prefix = pathname.replace(/^\/+|\/+$/g, '');
  if (prefix !== '' && !/^[A-Za-z0-9._/-]{1,200}$/.test(prefix))
    throw malformed('the prefix has other characters than A-Z a-z 0-9 . _ - /');
  const region = searchParams.get('region') ?? 'us-east-1';
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/`, endpoint, region };
}

function isSafe(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, hostname } = new URL(endpoint);
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname));
}

const malformed = (detail: string): Error => backupsFailure('TARGET_MALFORMED', { detail });
