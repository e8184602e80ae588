/** Sealed to a key that is not on this machine; and whoever was forgotten stays forgotten when it is restored. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makeIdentity } from '#practices/backups';

import type { Stage } from './stage.ts';

export async function backups(stage: Stage): Promise<void> {
  const recipient = join(stage.home, 'recipient.txt');
  await writeFile(recipient, (await makeIdentity()).recipient);
  await stage.run('custodian', ['backups', 'trust', recipient], 'backups trust recipient.txt');
  await stage.run('engineer', ['backups', 'run']);
}

/** What was backed up before somebody was forgotten, restored beside the system. @throws Error when it does not prove what it has to */
export async function restored(stage: Stage): Promise<void> {
  stage.line('$ strongroom backups drill');
  stage.line(await stage.quiet('engineer', ['backups', 'drill']));
}
