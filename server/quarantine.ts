/** A home that something was restored into: no server starts on it before two people have promoted it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { backupsFailure } from '#practices/backups';

export const quarantineMark = (home: string): string => join(home, 'quarantine.json');

export type Quarantine = Readonly<{
  /** `restoring`: it was cut off, or is under way. `proven`: it waits for two people. `failed`: what was restored did not prove itself. */
  state: 'restoring' | 'proven' | 'failed';
  startedAt: string;
  /** SHA-256 of the attestation. */
  attestation: string | null;
}>;

export async function readQuarantine(home: string): Promise<Quarantine | null> {
  const text = await readFile(quarantineMark(home), 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return null;
    throw thrown;
  });
  return text === null ? null : (JSON.parse(text) as Quarantine);
}

/** @throws BACKUPS_QUARANTINED */
export async function refuseQuarantined(home: string): Promise<void> {
  if ((await readQuarantine(home)) !== null)
    throw backupsFailure('QUARANTINED', { detail: `${home} is in quarantine` });
}
