/** The port to whatever holds a root key: bytes in, bytes out, context always authenticated, nothing cached. */

export const MAX_WRAP_BYTES = 4096;

/** Authenticated with the bytes, not secret: the order of entries does not matter, every name and value does. */
export type KmsContext = Record<string, string>;

export type Wrapped = { blob: Uint8Array; provider: string; keyId: string; keyVersion: string };

export type KmsDescription = Readonly<{
  provider: string;
  keyId: string;
  keyVersion: string;
  /** What keeps the root from whoever holds the database, in one honest sentence. */
  protection: string;
  /** How a key version is destroyed, also where the port cannot do it. */
  destruction: string;
}>;

export type Kms = Readonly<{
  provider: string;
  /** @param bytes 1 to 4,096 bytes. @throws KMS_BLOB_TOO_LARGE, KMS_EMPTY, KMS_CLOSED, KMS_UNREACHABLE, KMS_DENIED */
  wrap: (bytes: Uint8Array, context: KmsContext) => Promise<Wrapped>;
  /** @throws KMS_WRONG_KEY, KMS_WRONG_CONTEXT, KMS_KEY_DESTROYED, KMS_CLOSED, KMS_UNREACHABLE, KMS_DENIED */
  unwrap: (wrapped: Wrapped, context: KmsContext) => Promise<Uint8Array>;
  describe: () => Promise<KmsDescription>;
  /** Adds a key version, which wraps from now on; older ones still unwrap. Absent where it is made outside this port. @returns the version */
  rotate?: () => Promise<string>;
  /** Final. Absent where the provider offers it only outside this port; `describe` says how. */
  destroyVersion?: (keyVersion: string) => Promise<void>;
  /** Resolves when the key can be used now. @throws KMS_* */
  health: () => Promise<void>;
  close: () => Promise<void>;
}>;
