/**
 * Whether what is to be stored has a purpose left that its subject does not stand against: a purpose on consent needs a yes that
 * holds now, one that can be objected to ends with a no. A contract or a duty goes on whatever was said, and so does a right.
 */
import type { FieldPurpose, FieldSpec, LegalBasis } from '../catalog.ts';

/** What the subject last said to a purpose; of somebody new that is nothing. */
export type SaidTo = (purpose: string) => 'given' | 'withdrawn' | 'notAsked';

/** Bases that a no ends: GDPR art. 7(3) and 21(1). */
const ENDED_BY_A_NO: ReadonlySet<LegalBasis> = new Set<LegalBasis>(['consent', 'legitimate-interest', 'public-task']);

/**
 * @param purpose the named one; null: any the field is collected for will do
 * @returns the purpose that the subject stands against, when no other is left; null where it may be stored
 */
export function refusedPurpose({ purposes }: FieldSpec, purpose: string | null, said: SaidTo): string | null {
  if (purpose !== null && isLegal(purpose)) return null;
  const asked =
    purpose === null
      ? purposes.map((each) => [each, each.id] as const)
      : purposes.filter(({ id }) => isWithin(purpose, id)).map((each) => [each, purpose] as const);
  for (const [each, id] of asked) if (stands(each, said(id))) return null;
  return asked[0]?.[1] ?? null;
}

function stands({ id, requiresConsent, legalBasis }: FieldPurpose, said: ReturnType<SaidTo>): boolean {
  if (isLegal(id)) return true;
  if (requiresConsent) return said === 'given';
  return said !== 'withdrawn' || !ENDED_BY_A_NO.has(legalBasis);
}

export const isLegal = (purpose: string): boolean => purpose === 'legal' || purpose.startsWith('legal.');

/** Whether a purpose is this one, or below it. */
export const isWithin = (purpose: string, id: string): boolean =>
  purpose === id || (purpose[id.length] === '.' && purpose.startsWith(id));
