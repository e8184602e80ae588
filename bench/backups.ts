/** The rows of practices/backups.md: a backup and a restore, beside those of others. */
import { million } from './backups/million.ts';
import { snapshot } from './backups/snapshot.ts';
import type { Row } from './row.ts';

export const backupsRows: readonly Row[] = [snapshot, million];
