/** What violations need of others. What follows for somebody's access is the doing of access, in the same transaction. */
import type { KeyObject } from 'node:crypto';

import type { Audit } from '#platform/audit';
import type { Db, Statements } from '#platform/db';
import type { SubjectId } from '#platform/ids';

import type { By } from '../by.ts';
import type { Words } from '../incidents/words.ts';
import type { Manage } from '../manage/manage.ts';
import type { Gate } from '../standing/gate.ts';
import type { Zone } from '../standing/zone.ts';

/** Roles as they were: those that somebody gave, and those that groups of a provider give. */
export type RolesTaken = Readonly<{
  since: string;
  own: readonly string[];
  group: readonly string[];
  resting: readonly string[];
}>;
/** What is done beyond this practice, in the transaction of whoever says or decides something. */
export type Outside = Readonly<{
  /** Roles, grants, keys and sessions of somebody end; they come in to read this, and for nothing else. */
  end: (tx: Statements, by: By, person: string) => Promise<RolesTaken>;
  /** As far as the policies of today let them have it. @returns the roles that they have again */
  giveBack: (tx: Statements, by: By, person: string, taken: RolesTaken) => Promise<readonly string[]>;
  /** Whose role lets them decide. */
  reviewers: readonly string[];
  /** By bell and mail: that there is something to read, and nothing of what. @param told.not who may not decide in it, and learns nothing of it */
  tell: (tx: Statements, told: Readonly<{ step: ViolationStep; violation: string; person: string; until: Date | null; not?: readonly string[] }>) => Promise<void>; // prettier-ignore
}>;
export type ViolationStep =
  | 'told'
  | 'begun'
  | 'to-decide'
  | 'to-settle'
  | 'reminder'
  | 'decided'
  | 'appealed'
  | 'answered';

export type ViolationNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'append' | 'appendIn' | 'prove' | 'read' | 'size'>;
  gate: Pick<Gate, 'library' | 'now' | 'refresh'>;
  zone: Zone;
  /** Who works here, and was not disabled. */
  people: () => Promise<readonly Readonly<{ id: string; name: string }>[]>;
  /** Keys that the person made, ended ones too. */
  keysOf: (person: string) => Promise<readonly string[]>;
  /** Whether there is a finding or a case of this id. */
  isThere: (id: string) => Promise<boolean>;
  pseudonymOf: (subject: SubjectId) => string;
  /** In their transaction. */
  revokeIn: Manage['revokeIn'];
  /** Asked before a transaction: within one, nothing is asked of the pool. */
  outside: () => Promise<Outside>;
  /** 32 bytes; seals what people wrote. */
  wordsKey: KeyObject;
}>;
export type Opened = ViolationNeeds & Readonly<{ words: Words }>;
