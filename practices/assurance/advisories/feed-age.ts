/** How old what is known of advisories is. Old feeds find nothing new: their age is a value that a test looks at. */
import type { Epss, Kev } from './feeds.ts';

export type FeedAge = Readonly<{
  feed: 'OSV' | 'KEV' | 'EPSS';
  /** Of its last change. null: there is no such feed here. */
  asOf: Date | null;
  days: number | null;
  /** `future`: a feed of tomorrow would hide how old it is. */
  state: 'fresh' | 'stale' | 'missing' | 'future';
}>;

/** OSV of one ecosystem changes every day, KEV a few times a week, EPSS daily. */
const MOST_DAYS = { OSV: 7, KEV: 14, EPSS: 7 } as const;
const DAY_MS = 86_400_000;

export function feedAges(
  { newestRecord, kev, epss }: Readonly<{ newestRecord: Date | null; kev?: Kev; epss?: Epss }>,
  now: Date,
): readonly FeedAge[] {
  return [
    ageOf('OSV', newestRecord, now),
    ageOf('KEV', kev?.releasedAt ?? null, now),
    ageOf('EPSS', epss?.scoredAt ?? null, now),
  ];
}

function ageOf(feed: FeedAge['feed'], asOf: Date | null, now: Date): FeedAge {
  if (asOf === null) return { feed, asOf, days: null, state: 'missing' };
  const days = (now.getTime() - asOf.getTime()) / DAY_MS;
  if (days < -1) return { feed, asOf, days, state: 'future' };
  return { feed, asOf, days: Math.max(0, days), state: days > MOST_DAYS[feed] ? 'stale' : 'fresh' };
}
