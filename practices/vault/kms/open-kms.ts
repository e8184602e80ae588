/** From the setting that names a key provider to the opened provider. */
import { access, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import type { Secret } from '#platform/crypto';
import { isFailure } from '#platform/failure';

import { openAwsKms } from './aws-kms.ts';
import { kmsFailure } from './failures.ts';
import { createFileKms, openFileKms } from './file.ts';
import type { Kms } from './kms.ts';
import { openPkcs11Kms } from './pkcs11.ts';
import { openVaultTransitKms } from './vault-transit.ts';

/** Each secret is asked for only by the provider that uses it, and only while it opens. */
export type KmsNeeds = Readonly<{
  /** Opens (and first makes) a root key file that a passphrase protects. */
  passphrase?: () => Secret<string> | null;
  /** The PIN of a PKCS#11 token's user. */
  pin?: () => Secret<string> | null;
  /** A Vault or OpenBao token. */
  token?: () => Secret<string> | null;
  timeoutMs?: number;
  /**
   * For a root key file that is not there. INVARIANT: `make` only while nothing was ever wrapped by it: a new root opens
   * nothing that an old one wrapped, and would hide that the old one is lost.
   */
  whenMissing?: 'make' | 'refuse';
}>;

/**
 * @param setting `file:<path>` (made in a folder of its own with mode 0700),
 *   `pkcs11:token=<label>;object=<label>?module-path=<library>`, `aws-kms:<key ARN>`,
 *   `vault-transit:https://<host>/<mount>/<key>`
 * @throws KMS_UNKNOWN_PROVIDER, KMS_ROOT_MISSING, KMS_UNREACHABLE, KMS_DENIED, KMS_FILE_DAMAGED
 */
export async function openKms(setting: string, needs: KmsNeeds = {}): Promise<Kms> {
  const colon = setting.indexOf(':');
  const provider = colon < 0 ? '' : setting.slice(0, colon);
  const rest = setting.slice(colon + 1);
  if (rest === '') throw kmsFailure('UNKNOWN_PROVIDER');
  if (provider === 'file') return openFile(resolve(rest), needs);
  if (provider === 'aws-kms') return openAwsKms(rest, needs);
  if (provider === 'pkcs11') return openPkcs11Kms(rest, needs);
  if (provider === 'vault-transit') return openVaultTransitKms(rest, needs);
  throw kmsFailure('UNKNOWN_PROVIDER');
}

async function openFile(path: string, needs: KmsNeeds): Promise<Kms> {
  if (!(await isThere(path))) {
    if (needs.whenMissing !== 'make')
      throw kmsFailure('ROOT_MISSING', { detail: `the root key file ${path} is missing` });
    // a folder that was there before belongs to somebody: its mode is not ours to change
    await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch(unreachable);
    await createFileKms(path, needs).catch((error: unknown) => {
      // another process was quicker: its file is as good as ours
      if (!isFailure(error, 'KMS_FILE_EXISTS')) throw error;
    });
  }
  return openFileKms(path, needs);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? false : unreachable(error)),
  );
}

function unreachable(error: NodeJS.ErrnoException): never {
  throw kmsFailure('UNREACHABLE', { detail: `the root key file cannot be reached (${error.code ?? 'unknown'})` });
}
