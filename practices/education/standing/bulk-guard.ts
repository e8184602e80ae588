/**
 * Before many of a role lose access at once (a course that nobody had time for, a wrong date, a clock set forward), its
 * owner is told and the grace is given once more. Once for each end: nobody is kept in by being asked for again.
 */
export type Member = Readonly<{ person: string; role: string; lapsesAt: Date | null; graceExtended: boolean }>;
export type BulkLapse = Readonly<{
  role: string;
  lapsing: number;
  of: number;
  /** Whose grace is given once more; those who had it are not among them. */
  extend: readonly string[];
}>;

const WITHIN_MS = 24 * 3_600_000;
const PART = 0.1;
/** One person of a small team is no crowd. */
const LEAST_PEOPLE = 3;

/** Too many of so many for it to be what single people did. */
export const isCrowd = (count: number, of: number): boolean => count >= LEAST_PEOPLE && count > of * PART;

/**
 * @param lastRun when this was asked last: what lapsed since then was not seen yet, wherever the clock went meanwhile
 */
export function bulkLapses(members: readonly Member[], lastRun: Date, now: Date): readonly BulkLapse[] {
  const horizon = now.getTime() + WITHIN_MS;
  return [...Map.groupBy(members, ({ role }) => role)].flatMap(([role, all]) => {
    const lapsing = all.filter(({ lapsesAt }) => lapsesAt !== null && lapsesAt > lastRun && lapsesAt.getTime() <= horizon); // prettier-ignore
    if (!isCrowd(lapsing.length, all.length)) return [];
    const extend = lapsing.filter(({ graceExtended }) => !graceExtended).map(({ person }) => person);
    return [{ role, lapsing: lapsing.length, of: all.length, extend }];
  });
}
