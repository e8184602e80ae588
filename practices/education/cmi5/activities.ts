/**
 * Ids of ours for a course, its blocks and its parts: of this site, the same for everybody and for every version, and never
 * those of who made it (cmi5 §8.1, §9.3.9).
 */
import { createHash } from 'node:crypto';

import type { CourseStructure } from './structure.ts';

export type Activities = Readonly<{
  /** What begins so is ours to name. */
  ours: string;
  course: string;
  block: (place: number) => string;
  part: (place: number) => string;
}>;

const mark = (publisherId: string): string =>
  createHash('sha256').update(publisherId).digest().subarray(0, 12).toString('base64url');

export function activitiesOf(site: string, course: string, { parts, blocks }: CourseStructure): Activities {
  const ours = `${site.replace(/\/$/, '')}/education/courses/`;
  const own = `${ours}${encodeURIComponent(course)}`;
  return {
    ours,
    course: own,
    block: (place) => `${own}/blocks/${mark(blocks[place]?.publisherId ?? '')}`,
    part: (place) => `${own}/parts/${mark(parts[place]?.publisherId ?? '')}`,
  };
}
