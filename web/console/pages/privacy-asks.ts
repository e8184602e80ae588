/** What customers ask for, as staff reads it. */
import type { PrivacyRequest } from '@strongroom/sdk';

export const ASKS: Readonly<Record<PrivacyRequest['kind'], string>> = {
  access: 'everything that is held',
  copy: 'a copy',
  correction: 'a correction',
  erasure: 'erasure',
  restriction: 'restriction',
  objection: 'objection',
  review: 'a person’s look at a decision',
  doubt: 'doubts a look at their data',
};
