/** Moments as people and programs write them (RFC 3339, with a zone), as far as a database can be told them. */
const FORM = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
const [FIRST, LAST] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/** Moved to UTC a moment may be of the year 0 or 10000: a database holds it, and has no way to be told it as text. */
export const isKept = (ms: number): boolean => ms >= FIRST && ms <= LAST;

/**
 * `new Date` alone would take 31 February for a day in March, 02/03 for one in February, and what has no zone for one of
 * whatever machine this is.
 * @returns `form`: it is not written so; null: there is no such moment
 */
export function parseInstant(text: string): Date | 'form' | null {
  const day = FORM.exec(text)?.[1];
  if (day === undefined) return 'form';
  const [ms, midnight] = [Date.parse(text), Date.parse(`${day}T00:00:00Z`)];
  return isKept(ms) && new Date(midnight).toISOString().startsWith(day) ? new Date(ms) : null;
}
