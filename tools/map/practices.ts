/**
 * The eight practices and how far each has come. The README's map, and what `tools/check-map.ts` asks of a practice,
 * follow from this table: it is changed when a practice is, never to make a check green.
 */
export const PLACES = ['door', 'readme', 'sql', 'route', 'failures', 'events', 'cli', 'docs', 'bench', 'e2e'] as const;
export type PlaceName = (typeof PLACES)[number];

export type Progress =
  /** Has all its places. */
  | Readonly<{ state: 'works' }>
  /** Has a first part; `lacks` are the places it does not have yet, no more and no fewer. */
  | Readonly<{ state: 'begun'; issue: string; lacks: readonly PlaceName[] }>
  /** Has no folder. */
  | Readonly<{ state: 'not yet'; issue: string }>;

export type PracticeMap = Readonly<Record<string, Progress>>;

export const practiceMap: PracticeMap = {
  vault: { state: 'works' },
  access: { state: 'works' },
  traffic: { state: 'works' },
  education: { state: 'works' },
  backups: { state: 'works' },
  collection: { state: 'works' },
  privacy: { state: 'works' },
  assurance: { state: 'works' },
};
