/**
 * A root key in an HSM or token, through PKCS#11: AES-256-GCM inside the token, the context as additional data.
 *
 * The key is all AES keys of one label; CKA_ID, read as a number, is the version. Blob: version 1 ‖ nonce 12 ‖
 * ciphertext ‖ tag 16. Nonces are random; with one wrap per epoch the 2^32 of NIST SP 800-38D §8.3 is never near.
 */
import { randomBytes } from 'node:crypto';

import { lengthPrefixed, type Secret } from '#platform/crypto';

import { kmsFailure } from './failures.ts';
import { MAX_WRAP_BYTES, type Kms, type KmsContext } from './kms.ts';
import { CK, loadPkcs11, returnValueOf, type GcmMechanism, type Handle, type Pkcs11 } from './pkcs11-binding.ts';
import { findVersions, generateVersion, isLocked, type KeyPlace } from './pkcs11-keys.ts';
import { pkcs11Session } from './pkcs11-session.ts';
import { contextBytes } from './root-wrap.ts';

const PROVIDER = 'pkcs11';
const LABEL = 'strongroom/kms/pkcs11/1';
const FORMAT = 1;
const NONCE_BYTES = 12;
const HEAD_BYTES = 1 + NONCE_BYTES;
const TAG_BYTES = 16;
/** What tokens answer to a wrong tag: PKCS#11 v2.40 the first two, v3.0 the third. */
const REFUSED = new Set(['CKR_ENCRYPTED_DATA_INVALID', 'CKR_ENCRYPTED_DATA_LEN_RANGE', 'CKR_AEAD_DECRYPT_FAILED']);
/** SoftHSM 2.6 says this to a wrong tag, and any token to a fault of its own. */
const UNCLEAR = 'CKR_GENERAL_ERROR';

export type Pkcs11KmsNeeds = Readonly<{
  pin?: () => Secret<string> | null;
  timeoutMs?: number;
  /** `make` is for the ceremony that makes the key; a server refuses, so that a misspelt label makes no new root. */
  whenMissing?: 'refuse' | 'make';
}>;

/**
 * @param uri the part of an RFC 7512 URI after `pkcs11:`, with token, object and module-path; never with a PIN
 * @throws KMS_PKCS11_MISSING, KMS_SETTING_MALFORMED, KMS_KEY_MISSING, KMS_DENIED, KMS_UNREACHABLE
 */
export async function openPkcs11Kms(
  uri: string,
  { pin = () => null, timeoutMs = 5000, whenMissing = 'refuse' }: Pkcs11KmsNeeds = {},
): Promise<Kms> {
  const { token, object, module } = parseUri(uri);
  const { create, gcmParameter } = await loadPkcs11();
  const pkcs11 = create();
  initialise(pkcs11, module);
  const keyId = `${token}/${object}`;
  const place: KeyPlace = { pkcs11, object };
  const session = pkcs11Session({ pkcs11, token, pin, timeoutMs });
  const mechanism = (iv: Buffer, version: string, context: KmsContext): GcmMechanism => ({
    mechanism: CK.CKM_AES_GCM,
    parameter: {
      type: gcmParameter,
      iv,
      ivBits: iv.length * 8,
      aad: lengthPrefixed(LABEL, keyId, version, contextBytes(context)),
      tagBits: TAG_BYTES * 8,
    },
  });
  const encrypt = (handle: Handle, key: Handle, how: GcmMechanism, bytes: Uint8Array): Promise<Buffer> => {
    pkcs11.C_EncryptInit(handle, how, key);
    return pkcs11.C_EncryptAsync(handle, Buffer.from(bytes), Buffer.alloc(bytes.byteLength + TAG_BYTES));
  };
  const newestOf = (handle: Handle): { version: string; key: Handle } => {
    const newest = findVersions(place, handle).at(-1);
    if (newest === undefined) throw kmsFailure('KEY_MISSING');
    return newest;
  };
  const keyOf = (handle: Handle, version: string): Handle => {
    const found = findVersions(place, handle);
    const one = found.find((entry) => entry.version === version);
    if (one !== undefined) return one.key;
    const past = /^[1-9]\d{0,8}$/.test(version) && Number(version) < Number(found.at(-1)?.version ?? 0);
    throw kmsFailure(past ? 'KEY_DESTROYED' : 'WRONG_KEY');
  };

  const kms: Kms = {
    provider: PROVIDER,
    wrap: (bytes, context) =>
      session.run(async (handle) => {
        if (bytes.byteLength === 0) throw kmsFailure('EMPTY');
        if (bytes.byteLength > MAX_WRAP_BYTES) throw kmsFailure('BLOB_TOO_LARGE');
        const { version, key } = newestOf(handle);
        const iv = randomBytes(NONCE_BYTES);
        const sealed = await encrypt(handle, key, mechanism(iv, version, context), bytes);
        const blob = Buffer.concat([Buffer.of(FORMAT), iv, sealed]);
        return { blob, provider: PROVIDER, keyId, keyVersion: version };
      }),
    unwrap: (wrapped, context) =>
      session.run(async (handle) => {
        if (wrapped.provider !== PROVIDER || wrapped.keyId !== keyId) throw kmsFailure('WRONG_KEY');
        const key = keyOf(handle, wrapped.keyVersion);
        const blob = Buffer.from(wrapped.blob);
        const sizeBytes = blob.length - HEAD_BYTES - TAG_BYTES;
        if (blob[0] !== FORMAT || sizeBytes < 1 || sizeBytes > MAX_WRAP_BYTES) throw kmsFailure('WRONG_CONTEXT');
        pkcs11.C_DecryptInit(handle, mechanism(blob.subarray(1, HEAD_BYTES), wrapped.keyVersion, context), key);
        try {
          return await pkcs11.C_DecryptAsync(handle, blob.subarray(HEAD_BYTES), Buffer.alloc(sizeBytes + TAG_BYTES));
        } catch (error) {
          const value = returnValueOf(error);
          // a token that still encrypts with this key is well: then it was the blob
          if (value === UNCLEAR)
            await encrypt(handle, key, mechanism(randomBytes(NONCE_BYTES), 'probe', {}), Buffer.of(0));
          if (value === UNCLEAR || REFUSED.has(value)) throw kmsFailure('WRONG_CONTEXT');
          throw error;
        }
      }),
    describe: () =>
      session.run(async (handle) => {
        const { version, key } = newestOf(handle);
        return {
          provider: PROVIDER,
          keyId,
          keyVersion: version,
          protection: isLocked(place, handle, key)
            ? 'the root key was made in the token and cannot be taken out; whoever has token and PIN can use it'
            : 'this key can be, or could once be, taken out of its token: make one that is sensitive and never extractable',
          destruction: 'destroyVersion deletes the key from the token; backups of the token are beyond its reach',
        };
      }),
    rotate: () =>
      session.run(async (handle) =>
        generateVersion(place, handle, Number(findVersions(place, handle).at(-1)?.version ?? 0) + 1),
      ),
    destroyVersion: (keyVersion) =>
      session.run(async (handle) => {
        const key = keyOf(handle, keyVersion);
        // its number would be given again, and old blobs would look damaged instead of destroyed
        if (newestOf(handle).version === keyVersion) throw kmsFailure('NEWEST_VERSION');
        pkcs11.C_DestroyObject(handle, key);
      }),
    health: () => session.run(async (handle) => void newestOf(handle)),
    close: async () => session.close(),
  };
  try {
    if (whenMissing === 'make') {
      await session.run(
        async (handle) => void (findVersions(place, handle).length > 0 || generateVersion(place, handle, 1)),
      );
    }
    await kms.health();
    return kms;
  } catch (error) {
    session.close();
    throw error;
  }
}

/** A process has one Cryptoki per library: the second provider on it finds it at work already. */
function initialise(pkcs11: Pkcs11, module: string): void {
  try {
    pkcs11.load(module);
    pkcs11.C_Initialize({ flags: CK.CKF_OS_LOCKING_OK });
  } catch (error) {
    const value = returnValueOf(error);
    if (value === 'CKR_CRYPTOKI_ALREADY_INITIALIZED') return;
    throw kmsFailure('UNREACHABLE', {
      detail: value === '' ? 'the PKCS#11 library cannot be loaded' : `the PKCS#11 library does not start (${value})`,
      hint: 'check module-path',
    });
  }
}

function parseUri(uri: string): { token: string; object: string; module: string } {
  const [path = '', query = ''] = uri.split('?', 2);
  const parts = new Map<string, string>();
  for (const part of [...path.split(';'), ...query.split('&')].filter((text) => text !== '')) {
    const [name = '', value = ''] = part.split('=', 2);
    parts.set(name, unescaped(value));
  }
  const [token, object, module] = ['token', 'object', 'module-path'].map((name) => parts.get(name) ?? '');
  // an attribute that we do not know would narrow the search, and we would not
  if (!token || !object || !module || parts.size !== 3) {
    throw kmsFailure('SETTING_MALFORMED', {
      detail: 'pkcs11: takes token, object and module-path, and nothing else',
      hint: 'pkcs11:token=<label>;object=<label>?module-path=/path/to/library.so; the PIN goes in STRONGROOM_PKCS11_PIN',
    });
  }
  return { token, object, module };
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw kmsFailure('SETTING_MALFORMED');
  }
}
