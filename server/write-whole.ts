/** Writes a file whole or not at all: whoever is killed in between leaves the old one, or none. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * A file that is mounted by itself, as into a container, cannot be replaced: it is written in place. For a file that whoever
 * was killed in between writes again.
 * @throws whatever `writeWhole` throws
 */
export async function writeWholeOrInPlace(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  try {
    await writeWhole(path, content, mode);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EBUSY') throw thrown;
    const file = await open(path, 'r+');
    try {
      await file.truncate();
      await file.writeFile(content);
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
