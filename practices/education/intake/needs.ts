/** What reports without a name need of others. */
import type { KeyObject } from 'node:crypto';

import type { Audit } from '#platform/audit';
import type { Db, Tx } from '#platform/db';
import type { Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import type { ToBegin } from '../incidents/begin.ts';

/** In a quarter of an hour, on all servers; a whole office is one source. */
export const LIMITS = {
  /** So many are let in before anybody is told apart: while it is quiet, not even a bin says where one came from. */
  quiet: 20,
  perSource: 60,
  perLink: 300,
  tries: 60,
  unread: 500,
  unansweredReplies: 10,
  words: 200,
} as const;
export type Limits = Readonly<Record<keyof typeof LIMITS, number>>;

export type IntakeNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Pick<Audit, 'append' | 'appendIn'>;
  /** 32 bytes; keys of reports lie sealed under it, links and forms are made with it. */
  key: KeyObject;
  beginIncident: (tx: Tx, by: By, wanted: ToBegin) => Promise<Readonly<{ id: string; uuid: Uuid; receipt: string }>>;
  /** Whom to call instead, as the page says it; null: nobody was named. */
  call: string | null;
  /** Whose page it is. */
  company: () => string | null;
  limits?: Limits;
}>;
