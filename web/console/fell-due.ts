/**
 * What fell due in months that are over, and is still here.
 * @param counts values by month, `2026-11`
 */
export function fellDueBefore(now: Date, counts: Readonly<Record<string, number>>): number {
  const thisMonth = now.toISOString().slice(0, 7);
  return Object.entries(counts).reduce((sum, [month, count]) => sum + (month < thisMonth ? count : 0), 0);
}
