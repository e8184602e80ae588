/**
 * What a subject said to purposes, as the fact that a decision is asked with. It lies in the row of the subject's keys,
 * so that every statement that could open something has it too, and shredding takes it along.
 */
import type { SubjectId } from '#platform/ids';
import type { Ask } from '#practices/access';

import { isLegal, type Core } from './core.ts';
import { factsOf } from './store/consents.ts';

/** purpose → [what, when, until when], in milliseconds; a yes without an end has null. */
export type Consents = Readonly<Record<string, readonly ['given' | 'withdrawn', number, number | null]>>;
export type ConsentState = 'given' | 'withdrawn' | 'notAsked';

/**
 * The last word on this purpose. A no to a wider purpose is one to all below it; a yes is for the very purpose it was
 * asked for. Of a yes and a no in the same millisecond the no holds.
 */
export function consentTo(consents: Consents | null, purpose: string, now: Date): ConsentState {
  if (consents === null) return 'notAsked';
  let [state, at]: [ConsentState, number] = ['notAsked', -1];
  const parts = purpose.split('.');
  for (let depth = parts.length; depth > 0; depth -= 1) {
    const name = parts.slice(0, depth).join('.');
    const said = Object.hasOwn(consents, name) ? consents[name] : undefined;
    if (said === undefined) continue;
    const [what, when, until] = said;
    if (what === 'given' && (depth < parts.length || (until !== null && until <= now.getTime()))) continue;
    if (when > at || (when === at && what === 'withdrawn')) [state, at] = [what, when];
  }
  return state;
}

/** Bases that a no ends: consent (GDPR art. 7(3)), and those that can be objected to (art. 21(1)). */
const ENDED_BY_A_NO: ReadonlySet<string | null> = new Set(['consent', 'legitimate-interest', 'public-task', null]);

/** Facts about one subject and the purpose; a contract or a duty goes on whatever was said, but fields resting on consent do not, nor what is shared for advertising (11 CCR §7025). */
export function consentFacts(core: Core, purpose: string, consents: Consents | null): Pick<Ask, 'consent' | 'facts'> {
  const consent = consentTo(consents, purpose, core.clock());
  const spec = core.catalog().purposes.get(purpose);
  const needsConsent = spec?.requiresConsent === true;
  const countsHere = needsConsent || ENDED_BY_A_NO.has(spec?.legalBasis ?? null) || spec?.sharedForAds === true;
  if (!countsHere || isLegal(purpose) || (consent !== 'withdrawn' && !needsConsent)) return { consent };
  return { consent, facts: { consent, needsConsent } };
}

/** Whether searches and exports for this purpose pass the subject over, as they do one whose data is restricted. */
export function isPassedOver(core: Core, purpose: string, stored: StoredFacts): boolean {
  if (isLegal(purpose)) return false;
  const { consent, facts } = consentFacts(core, purpose, stored.consents);
  return stored.restricted !== null || (facts !== undefined && consent !== 'given');
}
export async function servedOf(
  core: Core,
  purpose: string,
  subjectIds: readonly SubjectId[],
): Promise<ReadonlySet<SubjectId>> {
  const found = await factsOf(core.db, subjectIds);
  const served = found.filter(
    ({ because, consents }) => !isPassedOver(core, purpose, { restricted: because, consents }),
  );
  return new Set(served.map(({ subject_id }) => subject_id));
}
type StoredFacts = Readonly<{ restricted: string | null; consents: Consents | null }>;
