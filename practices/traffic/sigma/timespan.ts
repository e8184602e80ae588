/** `90s`, `5m`, `1h`, `7d` → milliseconds (Sigma correlation rules specification 2.1, Time Selection). */
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longest window of a correlation: events are given again so far after a start. */
export const LONGEST_MS = 31 * 86_400_000;

/** @returns null where it is not one, or longer than is held */
export function readTimespan(value: unknown): number | null {
  if (typeof value !== 'string' || value.length < 2 || value.length > 10) return null;
  const digits = value.slice(0, -1);
  const unit = UNITS[value.at(-1) as string];
  if (unit === undefined || ![...digits].every((digit) => digit >= '0' && digit <= '9')) return null;
  const ms = Number(digits) * unit;
  return ms > 0 && ms <= LONGEST_MS ? ms : null;
}
