/**
 * What a policy sees of a question, beside who asks, for what action and which class. Every fact has few values, so that
 * a decision can be remembered under all of them, and all decisions there are can be written down (matrix.ts).
 */

import type { ProofAge } from './proof-ages.ts';

export const FACT_VALUES = {
  kind: ['service', 'staff'],
  mfa: ['none', 'stale', 'fresh'],
  training: ['lapsed', 'grace', 'current'],
  zone: ['internet', 'vpn', 'office'],
  hours: ['off', 'business'],
  consent: ['notAsked', 'withdrawn', 'given'],
  volume: ['normal', 'high', 'extreme'],
  grant: ['none', 'jit', 'breakGlass'],
} as const;
export type ChosenFact = keyof typeof FACT_VALUES;
export const CHOSEN_FACTS = Object.keys(FACT_VALUES) as readonly ChosenFact[];

export const YES_NO_FACTS = ['restricted', 'phishingResistant', 'minor', 'assigned', 'needsConsent'] as const;
export type YesNoFact = (typeof YES_NO_FACTS)[number];

/** Stands where a question has no purpose or no collection; no catalogue can declare such a name. */
export const NOTHING = '-';

/** `mfa` → `Mfa`: the Cedar entity type of a fact's values. */
export const factType = (fact: string): string => `${fact[0]?.toUpperCase()}${fact.slice(1)}`;

export type Facts = Readonly<
  { [Name in Exclude<ChosenFact, 'mfa'>]: (typeof FACT_VALUES)[Name][number] } & { [Name in YesNoFact]: boolean } & {
    /** Each policy sees one of its three values in FACT_VALUES: which, is by how old a proof that policy takes. */
    mfa: ProofAge;
    /** From the declared tree, or NOTHING. */
    purpose: string;
    /** From the catalogue, or NOTHING. */
    collection: string;
  }
>;

/** Those that every question has. */
export type KnownFacts = Pick<Facts, 'purpose' | 'collection' | 'kind' | 'restricted'>;

/**
 * Facts that something supplies, whatever the settings: `zone` and `hours` come with settings of their own. Any other one
 * always has its value in UNKNOWN, and whoever writes a policy with it is told.
 */
export const SUPPLIED: ReadonlySet<string> = new Set([
  'purpose', 'collection', 'kind', 'restricted', 'declared', 'grant',
  // of a person's session; a key shows no factor
  'mfa', 'phishingResistant',
  // of the subject, read with the data; needsConsent of the purpose, from the catalogue
  'consent', 'needsConsent',
  // of the actor, with what it is about to open
  'volume',
  // of a person, from the education practice; of a key always `current`: it is nobody who learns
  'training',
]); // prettier-ignore

/** What holds as long as nobody says otherwise: the least that could earn trust. */
export const UNKNOWN: Facts = {
  purpose: NOTHING,
  collection: NOTHING,
  kind: 'service',
  mfa: 'none',
  training: 'lapsed',
  zone: 'internet',
  hours: 'off',
  consent: 'notAsked',
  volume: 'normal',
  grant: 'none',
  restricted: false,
  phishingResistant: false,
  minor: false,
  assigned: false,
  needsConsent: false,
};

/** One text for one set of facts: two that differ anywhere have two. */
export function factsKey(facts: Facts): string {
  const { purpose, collection, kind, mfa, training, zone, hours, consent, volume, grant } = facts;
  const yes = YES_NO_FACTS.reduce((sum, fact, at) => sum + (facts[fact] ? 1 << at : 0), 0);
  return `${purpose} ${collection} ${kind} ${mfa} ${training} ${zone} ${hours} ${consent} ${volume} ${grant} ${yes}`;
}

/** `service.support` covers itself and everything below it. */
export const covers = (wide: string, narrow: string): boolean =>
  narrow === wide || wide === '*' || (narrow[wide.length] === '.' && narrow.startsWith(wide));
