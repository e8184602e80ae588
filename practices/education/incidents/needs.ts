/** What incidents need of others. */
import type { KeyObject } from 'node:crypto';

import type { Audit } from '#platform/audit';
import type { Db, Statements } from '#platform/db';
import type { SubjectId } from '#platform/ids';

import type { Zone } from '../standing/zone.ts';
import type { Controller } from './notices.ts';
import type { Playbook } from './playbook.ts';
import type { NamingNeeds } from './naming.ts';
import type { ScopeNeeds } from './scope.ts';

export type IncidentNeeds = Omit<ScopeNeeds, 'madeUp'> &
  NamingNeeds &
  Readonly<{
    db: Db;
    clock: () => Date;
    audit: Pick<Audit, 'append' | 'appendIn' | 'prove'>;
    /** Who stood in an entry that names none, so that the next scope finds them. */
    noteBatch: (entry: bigint, subjects: readonly SubjectId[]) => Promise<void>;
    /** 32 bytes; seals words. */
    wordsKey: KeyObject;
    /** Of the authority: a month is one of its calendar. */
    zone: Zone;
    arePeople: (tx: Statements) => Promise<boolean>;
    playbooks: readonly Playbook[];
    controller: () => Controller;
  }>;
