/** The classes of data in the order of their sensitivity; a test holds them to the catalogue's own list. */
import type { DataClass } from '#practices/collection';

export const DATA_CLASSES = [
  'public',
  'internal',
  'personal',
  'sensitive',
  'special',
] as const satisfies readonly DataClass[];

/** Whether a class is no more sensitive than a limit; null limits to nothing. */
export const upTo = (limit: DataClass | null, dataClass: DataClass): boolean =>
  limit !== null && DATA_CLASSES.indexOf(dataClass) <= DATA_CLASSES.indexOf(limit);
