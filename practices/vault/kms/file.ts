/**
 * Root keys in a file, for single machines: protected by its permissions, and by a passphrase where one is given.
 *
 * The file is the truth: a change by another process is seen at the next call, so that a version destroyed anywhere is
 * destroyed everywhere.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import type { Secret } from '#platform/crypto';

import { kmsFailure } from './failures.ts';
import type { Kms } from './kms.ts';
import { leftoverDrafts, readRootText, rootStamp, whileLocked, writeRootText } from './root-disk.ts';
import { parseRootFile, printRootFile, ROOT_BYTES, ROOT_FILE_FORMAT, type RootFile } from './root-file.ts';
import { makeGuard, openGuard, type RootGuard } from './root-guard.ts';
import { rootUnwrap, rootWrap } from './root-wrap.ts';

const PROVIDER = 'file';

export type FileKmsNeeds = Readonly<{ passphrase?: () => Secret<string> | null }>;

type Held = Readonly<{ file: RootFile; stamp: string; guard: RootGuard; roots: ReadonlyMap<string, Buffer> }>;

/** Makes the file with its first version. @throws KMS_FILE_EXISTS, KMS_PASSPHRASE_WEAK, KMS_UNREACHABLE */
export async function createFileKms(path: string, { passphrase = () => null }: FileKmsNeeds = {}): Promise<void> {
  const guard = await makeGuard(passphrase());
  const keyId = randomUUID();
  const versions = [sealFresh(guard, keyId, '1')];
  const text = printRootFile({ format: ROOT_FILE_FORMAT, keyId, protection: guard.protection, versions });
  await whileLocked(path, () => writeRootText(path, text, 'create'));
}

/** Seals the same roots under another passphrase, or under none. @throws KMS_PASSPHRASE_*, KMS_FILE_DAMAGED */
export async function protectFile(path: string, from: Secret<string> | null, to: Secret<string> | null): Promise<void> {
  const guard = await makeGuard(to);
  await whileLocked(path, async () => {
    const held = await load(path, () => from);
    const versions = held.file.versions.map((entry) => {
      const root = held.roots.get(entry.version);
      return root === undefined ? entry : guard.seal(root, held.file.keyId, entry.version);
    });
    forget(held);
    await writeRootText(path, printRootFile({ ...held.file, protection: guard.protection, versions }), 'replace');
  });
}

/** @throws KMS_UNREACHABLE, KMS_DENIED, KMS_FILE_DAMAGED, KMS_PASSPHRASE_* */
export async function openFileKms(path: string, { passphrase = () => null }: FileKmsNeeds = {}): Promise<Kms> {
  let held = await load(path, passphrase);
  let closed = false;
  await sweepIfAlone(path);

  const refresh = async (): Promise<void> => {
    if (closed) throw kmsFailure('CLOSED');
    if ((await rootStamp(path)) !== held.stamp) {
      const found = await load(path, passphrase, held.guard);
      if (found.file.keyId !== held.file.keyId) {
        forget(found);
        throw kmsFailure('WRONG_KEY', { detail: 'the root key file was replaced by that of another key' });
      }
      // INVARIANT: replaced and zeroed in one step, and users of `held` read it after their last await, so that
      // nobody wraps under zeroes
      const before = held;
      held = found;
      forget(before);
    }
    if (closed) throw kmsFailure('CLOSED');
  };
  const rootOf = (version: string): Buffer => {
    const root = held.roots.get(version);
    if (root !== undefined) return root;
    throw held.file.versions.some((entry) => entry.version === version)
      ? kmsFailure('KEY_DESTROYED')
      : kmsFailure('WRONG_KEY', { detail: 'the root key file has no such version' });
  };
  const newest = (): string => String(held.file.versions.length);
  const bound = (version: string): string => `${held.file.keyId}/${version}`;

  /** Under the lock the file is read again: what another process changed meanwhile is kept. */
  const change = (next: () => RootFile): Promise<void> =>
    whileLocked(path, async () => {
      await refresh();
      await writeRootText(path, printRootFile(next()), 'replace');
      await refresh();
    });

  return {
    provider: PROVIDER,
    wrap: async (bytes, context) => {
      await refresh();
      const keyVersion = newest();
      const blob = rootWrap(rootOf(keyVersion), bytes, bound(keyVersion), context);
      return { blob, provider: PROVIDER, keyId: held.file.keyId, keyVersion };
    },
    unwrap: async (wrapped, context) => {
      await refresh();
      if (wrapped.provider !== PROVIDER || wrapped.keyId !== held.file.keyId) throw kmsFailure('WRONG_KEY');
      return rootUnwrap(rootOf(wrapped.keyVersion), wrapped.blob, bound(wrapped.keyVersion), context);
    },
    describe: async () => {
      await refresh();
      return {
        provider: PROVIDER,
        keyId: held.file.keyId,
        keyVersion: newest(),
        protection: protectionOf(held.file),
        destruction:
          'destroyVersion rewrites the file without the key; copies and old disk blocks are beyond its reach',
      };
    },
    rotate: async () => {
      await change(() => ({
        ...held.file,
        versions: [
          ...held.file.versions,
          sealFresh(held.guard, held.file.keyId, String(held.file.versions.length + 1)),
        ],
      }));
      return newest();
    },
    destroyVersion: (keyVersion) =>
      change(() => {
        rootOf(keyVersion);
        const versions = held.file.versions.map((entry) =>
          entry.version === keyVersion ? { version: keyVersion, root: null, check: null } : entry,
        );
        return { ...held.file, versions };
      }),
    health: async () => {
      await refresh();
      rootOf(newest());
    },
    close: async () => {
      closed = true;
      forget(held);
    },
  };
}

/** Every root is opened and checked at once: damage is found at the start, not when an old epoch is needed. */
async function load(path: string, passphrase: () => Secret<string> | null, before?: RootGuard): Promise<Held> {
  const { text, stamp } = await readRootText(path);
  const file = parseRootFile(text);
  // stretching a passphrase costs a third of a second: not again where its protection is the same
  const same = before !== undefined && isDeepStrictEqual(before.protection, file.protection);
  const guard = same ? before : await openGuard(file.protection, passphrase());
  const roots = new Map<string, Buffer>();
  for (const entry of file.versions) {
    if (entry.root !== null) roots.set(entry.version, guard.open(entry, file.keyId));
  }
  return { file, stamp, guard, roots };
}

function forget(held: Held): void {
  for (const root of held.roots.values()) root.fill(0);
}

/** A crash's drafts go at the next start; where another process works on the file, it sweeps them itself. */
async function sweepIfAlone(path: string): Promise<void> {
  if ((await leftoverDrafts(path)).length === 0) return;
  await whileLocked(path, async () => {}, 0).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'KMS_FILE_BUSY') throw error;
  });
}

function sealFresh(guard: RootGuard, keyId: string, version: string): RootFile['versions'][number] {
  const root = randomBytes(ROOT_BYTES);
  const sealed = guard.seal(root, keyId, version);
  root.fill(0);
  return sealed;
}

function protectionOf({ protection }: RootFile): string {
  if (protection.kind === 'permissions') return 'file permissions only: whoever can read the file has the root key';
  const { memoryKiB, passes } = protection;
  return `a passphrase (Argon2id, ${memoryKiB / 1024} MiB, ${passes} passes): whoever has the file must also guess it`;
}
