/** A home that nobody needs any more: a drill's, or one in which a restore begins again. */
import { rm } from 'node:fs/promises';

import { removeEmbedded } from '#platform/db';

/** With its database, which may lie elsewhere (platform/db/embedded-place.ts). @throws DB_HOME_IN_USE, DB_START */
export async function removeHome(home: string): Promise<void> {
  await removeEmbedded(home);
  await rm(home, { recursive: true, force: true });
}
