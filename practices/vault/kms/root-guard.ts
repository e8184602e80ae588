/**
 * What stands between the root key file and the roots in it: its permissions alone, or a passphrase besides.
 *
 * Each root carries a check value, so that an altered file is told from a blob that belongs elsewhere; a check is an
 * HMAC under a 256-bit random key and tells nothing about it.
 * Source: docs/formats/root-key-file.md §3; RFC 9106 §4 (second recommended option: 64 MiB, 3 passes, 4 lanes)
 */
import { argon2, createCipheriv, createDecipheriv, randomBytes, type Argon2Parameters } from 'node:crypto';
import { promisify } from 'node:util';

import { equal, hmacSha256, lengthPrefixed, type Secret } from '#platform/crypto';

import { kmsFailure } from './failures.ts';
import {
  CHECK_BYTES,
  ROOT_BYTES,
  SALT_BYTES,
  type PassphraseProtection,
  type Protection,
  type RootVersion,
} from './root-file.ts';

const CHECK_LABEL = 'strongroom/kms/root-check/1';
const SEAL_LABEL = 'strongroom/kms/root-seal/1';
const PASSPHRASE_LABEL = 'strongroom/kms/passphrase-check/1';
/** NIST SP 800-63B-4 §3.1.1.2: 15 characters where the passphrase stands alone. */
const MIN_PASSPHRASE_CHARACTERS = 15;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type RootGuard = Readonly<{
  protection: Protection;
  seal: (root: Uint8Array, keyId: string, version: string) => RootVersion;
  /** @throws KMS_FILE_DAMAGED, KMS_KEY_DESTROYED */
  open: (entry: RootVersion, keyId: string) => Buffer;
}>;

/** A guard for a new file: of the passphrase where there is one. @throws KMS_PASSPHRASE_WEAK */
export async function makeGuard(passphrase: Secret<string> | null): Promise<RootGuard> {
  if (passphrase === null) return permissionsGuard;
  if (Array.from(passphrase.reveal().normalize('NFC')).length < MIN_PASSPHRASE_CHARACTERS) {
    throw kmsFailure('PASSPHRASE_WEAK');
  }
  const cost = { salt: randomBytes(SALT_BYTES).toString('base64'), memoryKiB: 65_536, passes: 3, lanes: 4 };
  const key = await stretch(passphrase, cost);
  return passphraseGuard({ kind: 'passphrase', kdf: 'argon2id', ...cost, check: passphraseCheck(key) }, key);
}

/** @throws KMS_PASSPHRASE_MISSING, KMS_PASSPHRASE_WRONG, KMS_PASSPHRASE_UNUSED */
export async function openGuard(protection: Protection, passphrase: Secret<string> | null): Promise<RootGuard> {
  if (protection.kind === 'permissions') {
    // whoever sets a passphrase counts on it
    if (passphrase !== null) throw kmsFailure('PASSPHRASE_UNUSED');
    return permissionsGuard;
  }
  if (passphrase === null) throw kmsFailure('PASSPHRASE_MISSING');
  const key = await stretch(passphrase, protection);
  if (!equal(Buffer.from(passphraseCheck(key)), Buffer.from(protection.check))) throw kmsFailure('PASSPHRASE_WRONG');
  return passphraseGuard(protection, key);
}

const permissionsGuard: RootGuard = {
  protection: { kind: 'permissions' },
  seal: (root, keyId, version) => ({
    version,
    root: Buffer.from(root).toString('base64'),
    check: rootCheck(root, keyId, version),
  }),
  open: (entry, keyId) => checked(Buffer.from(rootText(entry), 'base64'), entry, keyId),
};

function passphraseGuard(protection: PassphraseProtection, key: Buffer): RootGuard {
  // the cost is authenticated too: a file whose cost was lowered and whose key was then guessed is no file of ours
  const bound = (keyId: string, version: string): Buffer =>
    lengthPrefixed(
      SEAL_LABEL,
      keyId,
      version,
      protection.salt,
      `${protection.memoryKiB}/${protection.passes}/${protection.lanes}`,
    );
  return {
    protection,
    seal: (root, keyId, version) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound(keyId, version));
      const sealed = Buffer.concat([nonce, cipher.update(root), cipher.final(), cipher.getAuthTag()]);
      return { version, root: sealed.toString('base64'), check: rootCheck(root, keyId, version) };
    },
    open: (entry, keyId) => {
      const sealed = Buffer.from(rootText(entry), 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(bound(keyId, entry.version)).setAuthTag(sealed.subarray(NONCE_BYTES + ROOT_BYTES));
      const root = decipher.update(sealed.subarray(NONCE_BYTES, NONCE_BYTES + ROOT_BYTES));
      try {
        decipher.final();
      } catch {
        root.fill(0);
        throw kmsFailure('FILE_DAMAGED', { detail: `version ${entry.version} of the root key file is damaged` });
      }
      return checked(root, entry, keyId);
    },
  };
}

async function stretch(
  passphrase: Secret<string>,
  cost: Omit<PassphraseProtection, 'kind' | 'kdf' | 'check'>,
): Promise<Buffer> {
  const message = Buffer.from(passphrase.reveal().normalize('NFC'), 'utf8');
  const parameters: Argon2Parameters = {
    message,
    nonce: Buffer.from(cost.salt, 'base64'),
    memory: cost.memoryKiB,
    passes: cost.passes,
    parallelism: cost.lanes,
    tagLength: ROOT_BYTES,
  };
  return promisify(argon2)('argon2id', parameters).finally(() => message.fill(0));
}

const passphraseCheck = (key: Uint8Array): string =>
  hmacSha256(key, PASSPHRASE_LABEL).subarray(0, CHECK_BYTES).toString('base64');

const rootCheck = (root: Uint8Array, keyId: string, version: string): string =>
  hmacSha256(root, lengthPrefixed(CHECK_LABEL, keyId, version))
    .subarray(0, CHECK_BYTES)
    .toString('base64');

function checked(root: Buffer, entry: RootVersion, keyId: string): Buffer {
  if (equal(Buffer.from(rootCheck(root, keyId, entry.version)), Buffer.from(entry.check ?? ''))) return root;
  root.fill(0);
  throw kmsFailure('FILE_DAMAGED', { detail: `version ${entry.version} of the root key file is damaged` });
}

function rootText(entry: RootVersion): string {
  if (entry.root === null) throw kmsFailure('KEY_DESTROYED');
  return entry.root;
}
