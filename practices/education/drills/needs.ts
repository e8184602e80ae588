/** What drills need of others. None of it leads outward: mails go to who works here and was asked to take part. */
import type { KeyObject } from 'node:crypto';

import type { Audit } from '#platform/audit';
import type { Db } from '#platform/db';
import type { SubjectId } from '#platform/ids';
import type { Mail } from '#platform/mail';

import type { Gate } from '../standing/gate.ts';
import type { Zone } from '../standing/zone.ts';
import type { Person } from '../standing/requirements.ts';

export type DrillNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn' | 'read'>;
  gate: Pick<Gate, 'library' | 'now' | 'refresh'>;
  /** Who works here, and was not disabled. */
  people: () => Promise<readonly Person[]>;
  stage: Readonly<{ pseudonymOf: (subject: SubjectId) => string }>;
  mail: Pick<Mail, 'queue'>;
  /** Of the console, for the link in mail; null: it names the place only. */
  origin: string | null;
  zone: Zone;
  /** 32 bytes; seals what was noted. */
  wordsKey: KeyObject;
}>;

/** Stands on all that leaves this practice about a drill. */
export const MARK = 'DRILL';
