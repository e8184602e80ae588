/** What lies in the stores is the restored system's from now on: it goes on behind the newest, and prunes what is old. */
import type { Db } from '#platform/db';

import { sha256Of, type Manifest } from '../manifest.ts';
import { adoptManifest, adoptSegments } from '../store/import.ts';
import type { Found } from './find.ts';
import type { RestoreAsk } from './restore.ts';
import { listSegments, type SegmentRef } from './segments.ts';

export async function adopt(
  db: Db,
  { stores, addresses }: RestoreAsk,
  { chains }: Found,
  known: readonly SegmentRef[],
): Promise<void> {
  // prettier-ignore
  for (const plane of ['data', 'key'] as const)
    for (const { name, version, sha256 } of chains[plane]) {
      const bytes = await stores[plane].get(name, { version, sha256 });
      // its signatures were looked at when it was found, and these are the same bytes
      const manifest = JSON.parse(bytes.toString('utf8').split('\n', 1)[0] as string) as Manifest;
      await adoptManifest(db, { manifest, name, version, sha256 }, bytes, addresses[plane]);
    }
  const refs = known.length > 0 ? known : await listSegments(stores.data);
  const last = refs.at(-1);
  if (last === undefined) return;
  const bytes = await stores.data.get(last.name, { version: last.version });
  const objects = [];
  for (const plane of ['data', 'key'] as const)
    for (const { name } of await stores[plane].list(`${plane}/changes/`)) objects.push({ name, store: addresses[plane] }); // prettier-ignore
  await adoptSegments(db, refs, sha256Of(bytes), objects, addresses.data);
}
