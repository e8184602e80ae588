/** Root key versions in a file that only file permissions protect: for development and single machines. */
import { randomBytes, randomUUID } from 'node:crypto';
import { kmsFailure } from './failures.ts';
import type { Kms } from './kms.ts';
import { readRootFile, writeRootFile } from './root-file.ts';
import { rootUnwrap, rootWrap } from './root-wrap.ts';

const PROVIDER = 'file';

/** Makes the file with its first version. @throws EEXIST where there is one already */
export async function createFileKms(path: string): Promise<void> {
  const versions = [{ version: '1', root: randomBytes(32).toString('base64') }];
  await writeRootFile(path, { format: 1, keyId: randomUUID(), versions }, 'create');
}

/** One process at a time may destroy versions of a file. @throws KMS_UNREACHABLE, KMS_DENIED, KMS_FILE_DAMAGED */
export async function openFileKms(path: string): Promise<Kms> {
  let held = await readRootFile(path);
  let closed = false;
  const use = () => {
    if (closed) throw kmsFailure('CLOSED');
    return held;
  };
  const rootOf = (version: string): Buffer => {
    const entry = use().versions.find((v) => v.version === version);
    if (!entry) throw kmsFailure('WRONG_KEY');
    if (entry.root === null) throw kmsFailure('KEY_DESTROYED');
    return Buffer.from(entry.root, 'base64');
  };
  const newest = (): string => String(use().versions.length);

  return {
    provider: PROVIDER,
    wrap: async (bytes, context) => {
      const { keyId } = use();
      const keyVersion = newest();
      const blob = rootWrap(rootOf(keyVersion), bytes, `${keyId}/${keyVersion}`, context);
      return { blob, provider: PROVIDER, keyId, keyVersion };
    },
    unwrap: async (wrapped, context) => {
      const { keyId } = use();
      if (wrapped.provider !== PROVIDER || wrapped.keyId !== keyId) throw kmsFailure('WRONG_KEY');
      return rootUnwrap(rootOf(wrapped.keyVersion), wrapped.blob, `${keyId}/${wrapped.keyVersion}`, context);
    },
    describe: async () => ({
      provider: PROVIDER,
      keyId: use().keyId,
      keyVersion: newest(),
      protection: 'file permissions only: whoever can read the file has the root key',
      destruction: 'destroyVersion rewrites the file without the key; copies and old disk blocks are beyond its reach',
    }),
    destroyVersion: async (keyVersion) => {
      rootOf(keyVersion);
      const versions = use().versions.map((v) => (v.version === keyVersion ? { ...v, root: null } : v));
      const next = { ...held, versions };
      await writeRootFile(path, next, 'replace');
      held = next;
    },
    health: async () => void rootOf(newest()),
    close: async () => {
      closed = true;
    },
  };
}
