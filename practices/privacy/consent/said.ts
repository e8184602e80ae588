/** What can be said to a purpose, and what then holds. */
import type { Catalog, Purpose } from '#practices/collection';

import { privacyFailure } from '../failures.ts';

export const SAID = ['given', 'refused', 'withdrawn', 'objected', 'gpc_on', 'gpc_off'] as const;
/** `expired` is said by nobody: the clock does. */
export type Said = (typeof SAID)[number] | 'expired';
export type ConsentState = 'given' | 'withdrawn' | 'notAsked';

const OBJECTABLE: ReadonlySet<string | null> = new Set(['legitimate-interest', 'public-task']);

/** `field.customer.care_notes` …: fields held for a purpose only as long as their subject consents, whatever the purpose itself rests on. */
export function fieldsOnConsent(catalog: Catalog, { id, requiresConsent, legalBasis }: Purpose): readonly string[] {
  if (requiresConsent || legalBasis === 'consent') return [];
  return [...catalog.collections.values()].flatMap(({ name, fields }) =>
    [...fields.values()]
      .filter((field) => field.purposes.some((each) => each.id === id && each.requiresConsent))
      .map((field) => `field.${name}.${field.name}`),
  );
}

/** `consent`: nothing happens without a yes; `objection`: it happens until a no; `group`: a no to all below. */
export type Choice = 'consent' | 'objection' | 'group' | 'none';

export function choiceOf(catalog: Catalog, purpose: Purpose): Choice {
  // no read for the law asks what was said (practices/vault/consents.ts), so nothing is offered; fields on consent are their own
  const isHeard = purpose.id !== 'legal' && !purpose.id.startsWith('legal.');
  if (isHeard && (purpose.requiresConsent || purpose.legalBasis === 'consent')) return 'consent';
  if (isHeard && (OBJECTABLE.has(purpose.legalBasis) || (purpose.sharedForAds === true && purpose.legalBasis !== null)))
    return 'objection';
  if (fieldsOnConsent(catalog, purpose).length > 0) return 'consent';
  if (purpose.legalBasis !== null) return 'none';
  const below = [...catalog.purposes.values()].filter(({ id }) => id.startsWith(`${purpose.id}.`));
  return below.some((each) => choiceOf(catalog, each) !== 'none') ? 'group' : 'none';
}

/** @throws PRIVACY_PURPOSE_UNKNOWN, PRIVACY_NOT_OPTIONAL, PRIVACY_TOO_WIDE */
export function checkSaid(catalog: Catalog, id: string, said: Said): Purpose {
  const purpose = catalog.purposes.get(id);
  if (purpose === undefined) throw privacyFailure('PURPOSE_UNKNOWN');
  const choice = choiceOf(catalog, purpose);
  if (choice === 'none' || (said === 'objected' && choice === 'consent')) throw privacyFailure('NOT_OPTIONAL');
  if (choice === 'group' && said === 'given') throw privacyFailure('TOO_WIDE');
  return purpose;
}

/** Purposes that a Global Privacy Control signal opts out of: sale, sharing, targeted advertising; not what there is no no to. */
export const sharedForAds = (catalog: Catalog): readonly Purpose[] =>
  [...catalog.purposes.values()].filter(
    (purpose) => purpose.sharedForAds === true && choiceOf(catalog, purpose) !== 'none',
  );

/** What is noted with the subject's keys, for the next read of any server; undefined: it changes nothing. */
export function noteOf(
  said: Said,
  at: Date,
  expiresAt: Date | null,
): readonly ['given' | 'withdrawn', number, number | null] | undefined {
  // 11 CCR §7025(c): who stops sending the signal has not opted in by that
  if (said === 'gpc_off') return undefined;
  // a yes that is over stays noted with its end: what was held by it is due since then (practices/collection/retention/due.ts)
  if (said === 'expired') return undefined;
  return said === 'given' ? ['given', at.getTime(), expiresAt?.getTime() ?? null] : ['withdrawn', at.getTime(), null];
}

export type Notes = Readonly<Record<string, readonly ['given' | 'withdrawn', number, number | null]>>;
export type SaidBefore = Readonly<{ what: Said; purpose: string; at: Date; expiresAt: Date | null }>;

/**
 * Whether this says nothing new: a no after a no; a signal that was on already, for browsers send it with every request.
 * A yes that was said to us with the signal on is later, and holds (11 CCR §7025(c)(4)).
 */
export function isRepeated(before: readonly SaidBefore[], purpose: string, said: Said): boolean {
  if (said === 'given') return false;
  if (said !== 'gpc_on') return notesOf(before)[purpose]?.[0] === 'withdrawn' && !isOutdone(before, purpose);
  const signal = before.findLast((each) => each.purpose === purpose && (each.what === 'gpc_on' || each.what === 'gpc_off'));
  return signal?.what === 'gpc_on';
} // prettier-ignore

/** Whether a yes to something below came after the last word on all of it: then that no holds for it no more. */
function isOutdone(before: readonly SaidBefore[], purpose: string): boolean {
  const said = before.filter(({ what }) => what !== 'gpc_off');
  const last = new Map(said.map((each) => [each.purpose, each]));
  const no = last.get(purpose);
  return no !== undefined && [...last].some(([to, { what, at }]) => what === 'given' && to.startsWith(`${purpose}.`) && at > no.at);
} // prettier-ignore

/**
 * Whether something was said since, so that this, which was said elsewhere and comes late, must not follow it. A no to a wider
 * purpose is one to all below it: a yes has to be later than that, too.
 */
export function isLate(before: readonly SaidBefore[], purpose: string, said: Said, since: Date): boolean {
  return before.some(({ what, purpose: to, at }) => {
    if (at < since || what === 'gpc_off') return false;
    return to === purpose || (said === 'given' && what !== 'given' && what !== 'expired' && purpose.startsWith(`${to}.`));
  });
} // prettier-ignore

/** The fold: what is noted after all of this was said, in order. */
export function notesOf(events: readonly SaidBefore[]): Notes {
  const notes = new Map<string, Notes[string]>();
  for (const { what, purpose, at, expiresAt } of events) {
    const note = noteOf(what, at, expiresAt);
    if (note !== undefined) notes.set(purpose, note);
  }
  return Object.fromEntries(notes);
}
