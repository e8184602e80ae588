/** The time that is restored to, as it is typed. */
const INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * With its zone: `new Date` would take a time without one for one of whatever machine this is typed at, hours from what was
 * meant, and 31 February for a day in March.
 * @returns null: it is no such time
 */
export function restoreTime(text: string): Date | null {
  const [day, at] = [INSTANT.exec(text)?.[1], new Date(text)];
  if (day === undefined || Number.isNaN(at.getTime())) return null;
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) ? at : null;
}
