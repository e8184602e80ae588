/** The content of a backup, object by object: hash first, so that damage is never taken for a wrong key; then the seal. */
import { backupsFailure } from '../failures.ts';
import type { Details, Linked, SealedObject } from '../manifest.ts';
import { framesOf, unpack, type Frame } from '../sealing/frames.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Target } from '../targets/target.ts';

export type Content = Readonly<{
  details: Details;
  /** Rows of a table as COPY text, frame after frame. */
  rowsOf: (table: string) => AsyncGenerator<Buffer>;
  /** Files that are in the first object. */
  files: () => Promise<ReadonlyMap<string, Buffer>>;
}>;

/** Two opened objects are held, of about 8 MiB each. */
const HELD = 2;

/** @throws BACKUPS_OBJECT_MISSING, BACKUPS_OBJECT_DAMAGED, BACKUPS_KEY_WRONG */
export async function openContent(
  { target, sealer, identity }: { target: Target; sealer: Sealer; identity: string },
  { manifest }: Linked,
): Promise<Content> {
  const held = new Map<number, Promise<Frame[]>>();
  const fetch = async ({ name, sha256 }: SealedObject): Promise<Frame[]> => {
    const sealed = await target.get(name, { sha256 });
    return framesOf(await sealer.open(sealed, [identity]));
  };
  const framesIn = (n: number): Promise<Frame[]> => {
    const known = held.get(n);
    if (known !== undefined) return known;
    const object = manifest.objects[n];
    if (object === undefined) throw backupsFailure('OBJECT_MISSING', { detail: `the backup has no object ${n}` });
    const oldest = held.keys().next().value;
    if (held.size >= HELD && oldest !== undefined) held.delete(oldest);
    const frames = fetch(object);
    held.set(n, frames);
    frames.catch(() => held.delete(n));
    return frames;
  };
  const [first] = await fetch(manifest.details);
  if (first?.head.table !== 'file:details.json')
    throw backupsFailure('OBJECT_DAMAGED', { detail: 'the backup has no details' });
  const details = JSON.parse(unpack(first).toString('utf8')) as Details;
  if (details.format !== 'strongroom/backup-details/1')
    throw backupsFailure('OBJECT_DAMAGED', { detail: 'the details have another format' });
  return {
    details,
    rowsOf: async function* rowsOf(table) {
      for (const n of details.tables.find((each) => each.table === table)?.objects ?? [])
        for (const frame of await framesIn(n)) if (frame.head.table === table) yield await sealer.unpack(frame);
    },
    files: async () => {
      const files = new Map<string, Buffer>();
      for (const n of manifest.objects.keys())
        for (const frame of await framesIn(n)) {
          const { table } = frame.head;
          if (table.startsWith('file:')) files.set(table.slice('file:'.length), unpack(frame));
        }
      return files;
    },
  };
}
