/** The door of backups: sealed copies in stores that are not believed, and restores that forget whom we forgot. */
export { backupsFailure } from './failures.ts';
export { openTarget } from './targets/open-target.ts';
export type { Target } from './targets/target.ts';
