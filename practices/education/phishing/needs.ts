/** What phishing exercises need of others. */
import type { KeyObject } from 'node:crypto';

import type { Audit } from '#platform/audit';
import type { Db } from '#platform/db';
import type { Mail } from '#platform/mail';

import type { PhishTemplate } from './template.ts';
import type { WorkingHours } from './working-minutes.ts';

/** Somebody who works here. */
export type Staff = Readonly<{ id: string; email: string; name: string; roles: readonly string[]; state: 'invited' | 'active' | 'disabled' }>; // prettier-ignore

export type PhishingNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Pick<Audit, 'append' | 'appendIn'>;
  mail: Pick<Mail, 'queue' | 'withdraw' | 'stateOf' | 'statesOf'>;
  staff: () => Promise<readonly Staff[]>;
  /** Whether a customer is known by this address: nobody who is one gets an exercise, wherever they work. */
  isCustomer: (address: string) => Promise<boolean>;
  /** Origin of the landing pages, such as `https://portal.example.net`; null: there are no exercises. */
  origin: string | null;
  /** Told of each exercise before it begins, so that they know what people ask about; null: there are no exercises. */
  helpDesk: string | null;
  hours: Readonly<{ zone: string; spans: WorkingHours }>;
  /** Those that are shipped. */
  templates: readonly PhishTemplate[];
  /** The text of a template, as it is kept with an exercise. */
  sourceOf: (template: string) => string;
  /** Seals what the security team reads of a report, and names what makes two mails one. */
  reportKey: KeyObject;
  /**
   * Of the first report of a mail that is no exercise, in its transaction: whoever handles incidents begins one.
   * Left out as long as nobody does.
   */
  onSuspicious?: (tx: Parameters<Mail['queue']>[0], cluster: string) => Promise<void>;
}>;
