/** What customers ask for, as staff reads it. */
import type { MantineColor } from '@mantine/core';
import type { PrivacyRequest } from '@strongroom/sdk';

export const ASKS: Readonly<Record<PrivacyRequest['kind'], string>> = {
  access: 'all that is held',
  copy: 'a copy',
  correction: 'a correction',
  erasure: 'an erasure',
  restriction: 'a restriction',
  objection: 'an objection',
  review: 'a person’s look at a decision',
  doubt: 'a doubt about a look at their data',
};

/** How one ended. */
export const OUTCOMES: Readonly<Record<string, readonly [says: string, color: MantineColor]>> = {
  fulfilled: ['done', 'teal'],
  partly: ['done in part', 'orange'],
  refused: ['declined', 'red'],
  withdrawn: ['taken back', 'gray'],
  duplicate: ['asked twice', 'gray'],
};
/** By whose law there is how long; one that is not named here stands as it is. */
export const LAWS: Readonly<Record<string, string>> = {
  'eu-gdpr': 'European Union: GDPR',
  'uk-gdpr': 'United Kingdom: UK GDPR',
  'us-ca': 'California: CCPA',
  'us-ca-opt-out': 'California: CCPA, not to sell or share',
  'us-va': 'Virginia: VCDPA',
  'us-co': 'Colorado: CPA',
  'us-ct': 'Connecticut: CTDPA',
  'us-tx': 'Texas: TDPSA',
  'br-lgpd': 'Brazil: LGPD',
  'ca-pipeda': 'Canada: PIPEDA',
  'ca-qc': 'Quebec: Law 25',
  'kr-pipa': 'South Korea: PIPA',
};
