/** The root key file on disk: JSON, mode 0600, made once and replaced only whole (temporary file, fsync, rename). */
import { randomBytes } from 'node:crypto';
import { link, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { kmsFailure } from './failures.ts';

/** `root` is 32 bytes in base64; null once the version is destroyed. Versions count from 1, the newest last. */
export type RootFile = { format: 1; keyId: string; versions: { version: string; root: string | null }[] };

/** @throws KMS_UNREACHABLE where it cannot be read, KMS_FILE_DAMAGED, KMS_DENIED where others may read it */
export async function readRootFile(path: string): Promise<RootFile> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw kmsFailure('UNREACHABLE', { detail: `the root key file cannot be opened (${cause.code ?? 'unknown'})` });
  });
  try {
    if (((await file.stat()).mode & 0o077) !== 0)
      throw kmsFailure('DENIED', { detail: 'the root key file is open to other users', hint: 'chmod 600 the file' });
    return parse(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

/** @param how `create` never overwrites; `replace` swaps the file atomically */
export async function writeRootFile(path: string, content: RootFile, how: 'create' | 'replace'): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(content));
    await file.sync();
  } finally {
    await file.close();
  }
  if (how === 'replace') await rename(draft, path);
  else await link(draft, path).finally(() => unlink(draft));
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}

function parse(text: string): RootFile {
  let found: RootFile;
  try {
    found = JSON.parse(text) as RootFile;
  } catch {
    // the parser's own message quotes the text, which is key material
    throw kmsFailure('FILE_DAMAGED');
  }
  const sound =
    found?.format === 1 && typeof found.keyId === 'string' && Array.isArray(found.versions) && found.versions.length > 0 &&
    found.versions.every((v, at) => v?.version === String(at + 1) && (v.root === null || (typeof v.root === 'string' && Buffer.from(v.root, 'base64').length === 32)));
  if (!sound) throw kmsFailure('FILE_DAMAGED');
  return found;
}
