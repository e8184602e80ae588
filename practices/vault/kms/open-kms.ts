/** From the setting that names a key provider to the opened provider. */
import { access, chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Secret } from '#platform/crypto';
import { kmsFailure } from './failures.ts';
import { createFileKms, openFileKms } from './file.ts';
import type { Kms } from './kms.ts';

/** Each secret is asked for only by the provider that uses it, and only while it opens. */
export type KmsNeeds = Readonly<{
  /** Opens (and first makes) a root key file that a passphrase protects. */
  passphrase?: () => Secret<string> | null;
  /** The PIN of a PKCS#11 token's user. */
  pin?: () => Secret<string> | null;
  /** A Vault or OpenBao token. */
  token?: () => Secret<string> | null;
  timeoutMs?: number;
}>;

/**
 * @param setting `file:<path>`; the file is made on first use, in a folder of its own with mode 0700
 * @throws KMS_UNKNOWN_PROVIDER, KMS_UNREACHABLE, KMS_DENIED, KMS_FILE_DAMAGED
 */
export async function openKms(setting: string, _needs: KmsNeeds = {}): Promise<Kms> {
  const colon = setting.indexOf(':');
  const provider = colon < 0 ? '' : setting.slice(0, colon);
  const rest = setting.slice(colon + 1);
  if (provider === 'file' && rest !== '') return openOrMakeFile(rest);
  throw kmsFailure('UNKNOWN_PROVIDER');
}

async function openOrMakeFile(path: string): Promise<Kms> {
  const there = await access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw kmsFailure('UNREACHABLE', { detail: `the root key file cannot be reached (${error.code ?? 'unknown'})` });
    },
  );
  if (!there) {
    // a folder that was there before belongs to somebody: its mode is not ours to change
    const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (made !== undefined) await chmod(dirname(path), 0o700);
    await createFileKms(path).catch((error: NodeJS.ErrnoException) => {
      // another process was quicker: its file is as good as ours
      if (error.code !== 'EEXIST') throw error;
    });
  }
  return openFileKms(path);
}
