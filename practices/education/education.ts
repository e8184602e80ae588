/** The practice as one object. */
import type { Audit } from '#platform/audit';
import type { Db, Statements } from '#platform/db';
import type { Mail } from '#platform/mail';

import type { By } from './by.ts';
import { createSittings, type Sittings } from './learn/sittings.ts';
import { createManage, type Manage } from './manage/manage.ts';
import { createAcknowledgements, type Acknowledgements } from './sign/acknowledgements.ts';
import type { BulkLapse } from './standing/bulk-guard.ts';
import { coverageOf, type Covered } from './standing/coverage.ts';
import { createGate, type Gate } from './standing/gate.ts';
import { syncRequirements, type RequirementNeeds } from './standing/requirements.ts';
import { createZone } from './standing/zone.ts';
import { sweepChanges } from './store/changes.ts';
import type { Version } from './texts/library.ts';
import { publishStarters, publishText, type ToPublish } from './texts/publish.ts';
import { guardBulk } from './upkeep/guard.ts';
import { remind } from './upkeep/remind.ts';

export type EducationNeeds = Pick<RequirementNeeds, 'askedByRoles' | 'people'> &
  Readonly<{
    db: Db;
    clock: () => Date;
    audit: Pick<Audit, 'append' | 'appendIn' | 'prove'>;
    newestEntryAt: () => Promise<Date | null>;
    arePeople: (tx: Statements) => Promise<boolean>;
    mail: Pick<Mail, 'queue'>;
    /** Of the console, for links in mail; null: they name the place only. */
    origin: string | null;
    /** Name of the IANA database: where days end. */
    timeZone: string;
    onBulk: (lapse: Omit<BulkLapse, 'extend'> & Readonly<{ extended: number }>) => void;
  }>;

export type Education = {
  /** Publishes the shipped texts that are not there yet, and learns what roles ask for. */
  begin: () => Promise<void>;
  gate: Gate;
  /** @throws EDUCATION_TEXT_INVALID, EDUCATION_TEXT_CHANGED */
  publish: (by: By, wanted: ToPublish) => Promise<Version>;
  sittings: Sittings;
  acknowledgements: Acknowledgements;
  manage: Manage;
  coverage: () => Promise<readonly Covered[]>;
  /** What roles ask for by now becomes what people have to do. */
  sync: () => Promise<unknown>;
  /** @returns how many mails were queued */
  remind: () => Promise<number>;
  guard: () => Promise<readonly BulkLapse[]>;
  sweep: () => Promise<void>;
};

export function createEducation(given: EducationNeeds): Education {
  const zone = createZone(given.timeZone);
  const gate = createGate({ ...given, zone });
  const needs = { ...given, zone, gate, now: gate.now };
  const coverage = (): Promise<readonly Covered[]> => coverageOf(needs);
  const fresh = async (): Promise<void> => gate.refresh();
  return {
    begin: async () => {
      await publishStarters(needs);
      await fresh();
      await syncRequirements(needs);
    },
    gate,
    publish: async (by, wanted) => {
      const made = await publishText(needs, by, wanted);
      await fresh();
      return made;
    },
    sittings: createSittings(needs),
    acknowledgements: createAcknowledgements(needs),
    manage: createManage(needs),
    coverage: async () => {
      await fresh();
      return coverage();
    },
    sync: () => syncRequirements(needs),
    remind: async () => {
      await fresh();
      return remind(needs, await coverage(), await gate.library(), gate.now());
    },
    guard: async () => {
      await fresh();
      return guardBulk({ ...needs, covered: coverage }, gate.now());
    },
    sweep: () => sweepChanges(given.db),
  };
}
