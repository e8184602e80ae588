/**
 * How bad a finding is, and until when it has to be gone: what CVSS says about the fault, times whom it reaches here.
 * Source: CVSS v4.0 (FIRST), §6 for the ratings; the deadlines are ours (SECURITY.md).
 */
import cvss from 'ae-cvss-calculator';

import { SEVERITIES, type Severity } from './types.ts';

export type DataClass = 'public' | 'internal' | 'personal' | 'sensitive';
export type Exposure = 'internet' | 'network' | 'host';

/** Whom the fault reaches in this system. */
export type Reach = Readonly<{
  /** The highest class of data that can be reached through it. */
  dataClass: DataClass;
  /** How many subjects, at most. */
  subjects: number;
  exposure: Exposure;
}>;

export type Judged = Readonly<{ severity: Severity; /** of the vector, 0 to 10 */ score: number; because: string }>;

const DAY_MS = 86_400_000;
/** Days until it has to be gone; what is only information has no deadline but the longest. */
export const SLA_DAYS: Readonly<Record<Severity, number>> = { critical: 3, high: 14, medium: 60, low: 120, info: 120 };
export const KEV_DAYS = 3;
const MANY_SUBJECTS = 1000;

/** @returns null for what is no vector of CVSS 3.1 or 4.0 with all its base metrics */
export function scoreOf(vector: string): number | null {
  if (vector.length > 300 || !/^CVSS:(?:4\.0|3\.[01])(?:\/[A-Z]{1,3}:[A-Za-z]{1,8}){4,40}$/.test(vector)) return null;
  try {
    const parsed = vector.startsWith('CVSS:4.0/')
      ? new cvss.Cvss4P0(vector)
      : new cvss.Cvss3P1(vector.replace(':3.0/', ':3.1/'));
    if (!parsed.isBaseFullyDefined()) return null;
    const { overall } = parsed.calculateScores();
    return overall !== undefined && overall >= 0 && overall <= 10 ? overall : null;
  } catch {
    // the calculator throws for metrics and values that there are not
    return null;
  }
}

/** The qualitative ratings of CVSS: 9.0, 7.0, 4.0, 0.1. */
export function ratingOf(score: number): Severity {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'info';
}

/**
 * The vector's rating, moved by reach: up one for sensitive data or for personal data of very many, where the internet
 * reaches it; down one where it is reached from the host alone, or no person's data is behind it.
 * @returns null where the vector is none
 */
export function judge(vector: string, reach: Reach): Judged | null {
  const score = scoreOf(vector);
  if (score === null) return null;
  const rated = ratingOf(score);
  const { steps, why } = stepsOf(reach);
  const at = SEVERITIES.indexOf(rated);
  // what scores nothing is not made worse by whom it would reach, and nothing that scores is made mere information
  const moved = rated === 'info' ? at : Math.min(Math.max(at - steps, 0), SEVERITIES.indexOf('low'));
  const severity = SEVERITIES[moved] as Severity;
  const said = `CVSS ${score.toFixed(1)} is ${rated}`;
  return { severity, score, because: severity === rated ? `${said}; ${why}` : `${said}; ${why}: ${severity}` };
}

function stepsOf({ dataClass, subjects, exposure }: Reach): Readonly<{ steps: number; why: string }> {
  const who = `${dataClass} data of ${subjects} subjects, reached from the ${exposure}`;
  const isPersonal = dataClass === 'personal' || dataClass === 'sensitive';
  if (exposure === 'host' || !isPersonal || subjects === 0) return { steps: -1, why: who };
  if (exposure === 'internet' && (dataClass === 'sensitive' || subjects >= MANY_SUBJECTS))
    return { steps: 1, why: who };
  return { steps: 0, why: who };
}

/** When a finding is due. @param exploited listed in KEV: three days, however it is rated */
export function dueAt(severity: Severity, firstSeenAt: Date, exploited: 'kev' | 'not known'): Date {
  const days = exploited === 'kev' ? Math.min(KEV_DAYS, SLA_DAYS[severity]) : SLA_DAYS[severity];
  return new Date(firstSeenAt.getTime() + days * DAY_MS);
}
