/** Times as a field of the browser's has them: in its own zone, to the minute. */

export const instantOf = (local: string): string => new Date(local).toISOString();

export function localOf(at: Date): string {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
