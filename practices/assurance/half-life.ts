/**
 * How long a finding lives: the time after which half of them are gone, with those that still live counted. A mean time to
 * repair leaves them out, and so looks best where the hard ones are never mended.
 * Source: Kaplan and Meier, "Nonparametric Estimation from Incomplete Observations", 1958.
 */
export type Life = Readonly<{ bornAt: Date; /** null: it lives */ goneAt: Date | null }>;

export type HalfLife = Readonly<{
  /** null: more than half of them live longer than was watched so far */
  days: number | null;
  gone: number;
  living: number;
}>;

const DAY_MS = 86_400_000;

export function halfLifeOf(lives: readonly Life[], now: Date): HalfLife {
  const spans = lives
    .map(({ bornAt, goneAt }) => ({
      ms: Math.max(0, (goneAt ?? now).getTime() - bornAt.getTime()),
      gone: goneAt !== null,
    }))
    // at one and the same age, those who went count before those who are watched no longer
    .toSorted((one, other) => one.ms - other.ms || Number(other.gone) - Number(one.gone));
  const gone = spans.filter((span) => span.gone).length;
  let survive = 1;
  for (const [at, span] of spans.entries()) {
    if (!span.gone) continue;
    const atRisk = spans.length - at;
    survive *= 1 - 1 / atRisk;
    if (survive <= 0.5 + 1e-12) return { days: span.ms / DAY_MS, gone, living: spans.length - gone };
  }
  return { days: null, gone, living: spans.length - gone };
}
