/** Writes a file whole or not at all: whoever is killed in between leaves the old one, or none. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The name is a mount's, or its folder is not ours to write to. */
const IN_PLACE = new Set(['EBUSY', 'EROFS', 'EACCES']);

/**
 * A file that is mounted by itself, as into a container, cannot be replaced: it is written in place. For a file that whoever
 * was killed in between writes again. @param keptAt where what stood in it before is kept
 * @throws whatever `writeWhole` throws
 */
export async function writeWholeOrInPlace(
  path: string,
  content: string | Uint8Array,
  mode: number,
  keptAt: string,
): Promise<void> {
  try {
    await writeWhole(path, content, mode);
  } catch (thrown) {
    if (!IN_PLACE.has((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown;
    const before = await readFile(path);
    // killed, or out of space, in the middle: what stood there first is still there
    if (before.length > 0 && !before.equals(Buffer.from(content)) && !existsSync(keptAt))
      await writeWhole(keptAt, before, 0o600);
    const file = await open(path, 'r+');
    try {
      const bytes = Buffer.from(content);
      for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten;
      await file.truncate(bytes.length);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** On the disk when this resolves, name and content. @param mode such as 0o600 */
export async function writeWhole(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw thrown;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
