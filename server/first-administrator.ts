/** How the first administrator gets in: a key for programs, and a one-time link for the person. Both lie in the home. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config } from '#platform/config';
import type { Log } from '#platform/log';
import type { Access, Identity } from '#practices/access';

import { writeWhole } from './write-whole.ts';

/**
 * The first administrator's key lies in the home, readable by its owner alone; the CLI finds it there. The file comes
 * before the key is valid: a start that is cut off in between is made good by the next one.
 */
export async function keepAdministratorKey(config: Config, access: Access, log: Log): Promise<void> {
  const path = join(config.home, 'admin.key');
  if (await access.firstAdministrator((key) => writeWhole(path, `${key}\n`, 0o600)))
    log.info({ file: path }, "the first administrator's key was written");
}

/** The link lies beside the key until somebody came in by it; one that was used opens nothing. */
export async function keepFirstLink(config: Config, identity: Identity, log: Log): Promise<string | null> {
  const path = join(config.home, 'first-administrator.link');
  const kept = existsSync(path) ? (await readFile(path, 'utf8')).trim() : null;
  const link = await identity.people.firstLink(kept, (token) => writeWhole(path, `${token}\n`, 0o600));
  if (link !== null && link !== kept)
    log.info({ file: path }, 'a one-time link for the first administrator was written');
  return link;
}
