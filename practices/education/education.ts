/** The practice as one object. */
import type { KeyObject } from 'node:crypto';
import type { Server } from 'node:http';

import type { Audit } from '#platform/audit';
import type { Db, Statements } from '#platform/db';
import type { Mail } from '#platform/mail';

import type { By } from './by.ts';
import { createDrills, type Drills } from './drills/drills.ts';
import type { ExerciseNeeds } from './exercises/needs.ts';
import { createExercises, type Exercises } from './exercises/tries.ts';
import { createCertificates, type CertificateNeeds, type Certificates } from './certificates/certificates.ts';
import { createCourseExports, type CourseExports } from './export/courses.ts';
import { createHistoryExports, type HistoryExports } from './export/history.ts';
import { createSittings, type Sittings } from './learn/sittings.ts';
import { createDocuments } from './cmi5/documents.ts';
import { createPartSessions, type PartSessions } from './cmi5/sessions.ts';
import { createPartStatements } from './cmi5/statements.ts';
import { createWaive, type Waive } from './cmi5/waive.ts';
import { createManage, type Manage } from './manage/manage.ts';
import { shippedPlaybooks } from './starters/shelf.ts';
import { contentServer } from './packages/content-server.ts';
import { createPackages, type Packages } from './packages/packages.ts';
import type { ActorNeeds } from './packages/pseudonym.ts';
import { createRuns, type RunNeeds, type Runs } from './packages/runs.ts';
import { tidyPackages } from './packages/tidy.ts';
import { createAcknowledgements, type Acknowledgements } from './sign/acknowledgements.ts';
import type { BulkLapse } from './standing/bulk-guard.ts';
import { coverageOf, type Covered, type CoveredPage, type Page } from './standing/coverage.ts';
import { createGate, type Gate, type GateNeeds } from './standing/gate.ts';
import { syncRequirements, type RequirementNeeds } from './standing/requirements.ts';
import { createZone } from './standing/zone.ts';
import { headAndFloor, sweepChanges } from './store/changes.ts';
import { raiseFloor } from './store/duties.ts';
import { allShut } from './store/shut.ts';
import type { TextKind } from './store/versions.ts';
import type { Version } from './texts/library.ts';
import { publishStarters, publishText, type ToPublish } from './texts/publish.ts';
import { tellLapses, type LapseNeeds } from './upkeep/lapses.ts';
import { guardBulk } from './upkeep/guard.ts';
import type { ViolationNeeds } from './violations/needs.ts';
import { createViolations, type Violations } from './violations/violations.ts';
import { remind } from './upkeep/remind.ts';

/** Roles are given and taken without a change of training. */
const LOOK_AGAIN_MS = 60_000;

export type EducationNeeds = Pick<RequirementNeeds, 'askedByRoles' | 'people'> &
  Pick<CertificateNeeds, 'issuer' | 'nameOf'> &
  Pick<RunNeeds, 'coursesOrigin'> &
  ActorNeeds &
  Readonly<{
    db: Db;
    clock: () => Date;
    audit: Pick<Audit, 'append' | 'appendIn' | 'entriesWith' | 'prove' | 'read' | 'size'>;
    stage: ExerciseNeeds['stage'];
    newestEntryAt: () => Promise<Date | null>;
    onOddTime: GateNeeds['onOddTime'];
    endGrants: LapseNeeds['endGrants'];
    arePeople: (tx: Statements) => Promise<boolean>;
    mail: Pick<Mail, 'queue'>;
    /** Of the console, for links in mail; null: they name the place only. */
    origin: string | null;
    /** Name of the IANA database: where days end. */
    timeZone: string;
    /** 32 bytes; seals words that are noted in drills. */
    drillKey: KeyObject;
    /** What follows for access, and who is told. */
    violations: Pick<ViolationNeeds, 'isThere' | 'keysOf' | 'outside' | 'wordsKey'>;
    onBulk: (lapse: Omit<BulkLapse, 'extend'> & Readonly<{ extended: number }>) => void;
  }>;

export type Education = {
  /** Publishes the shipped texts that are not there yet, and learns what roles ask for. */
  begin: () => Promise<void>;
  gate: Gate;
  /** @throws EDUCATION_TEXT_INVALID, EDUCATION_TEXT_CHANGED */
  publish: (by: By, wanted: ToPublish) => Promise<Version<TextKind>>;
  sittings: Sittings;
  exercises: Exercises;
  drills: Drills;
  acknowledgements: Acknowledgements;
  certificates: Certificates;
  packages: Packages;
  exports: CourseExports & HistoryExports;
  runs: Runs;
  /** Parts of courses of cmi5, as they are begun. */
  parts: PartSessions;
  waive: Waive;
  /** Of files of courses made elsewhere, on their own origin. */
  contents: (onFault: (thrown: unknown) => void) => Server;
  manage: Manage;
  violations: Violations;
  /** @param page null: everybody */
  coverage: (page?: Page | null) => Promise<CoveredPage>;
  /** What roles ask for by now becomes what people have to do. */
  sync: () => Promise<unknown>;
  /** @returns how many mails were queued */
  remind: () => Promise<number>;
  guard: () => Promise<readonly BulkLapse[]>;
  /** Tells who was shut off and let in again since. @returns how many entries that were */
  watch: () => Promise<number>;
  sweep: () => Promise<void>;
};

export function createEducation(given: EducationNeeds): Education {
  const zone = createZone(given.timeZone);
  const gate = createGate({ ...given, zone });
  const needs = { ...given, zone, gate, now: gate.now };
  const everybody = async (): Promise<readonly Covered[]> => (await coverageOf(needs)).covered;
  const fresh = async (): Promise<void> => gate.refresh();
  const runs = createRuns(needs);
  const parts = createPartSessions(needs);
  const manage = createManage(needs);
  let looked = { n: -1n, again: 0 };
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
    exercises: createExercises({ ...needs, log: given.audit }),
    drills: createDrills({ ...needs, wordsKey: given.drillKey, playbooks: shippedPlaybooks() }),
    acknowledgements: createAcknowledgements(needs),
    certificates: createCertificates(needs),
    packages: createPackages(needs),
    exports: { ...createCourseExports(needs), ...createHistoryExports(needs) },
    runs,
    parts,
    waive: createWaive(needs),
    contents: (onFault) =>
      contentServer({
        db: given.db, runs, sessions: parts, statements: createPartStatements(needs), documents: createDocuments(needs), now: gate.now,
        origin: given.coursesOrigin, onFault,
      }), // prettier-ignore
    manage,
    violations: createViolations({
      ...needs,
      ...given.violations,
      pseudonymOf: given.stage.pseudonymOf,
      revokeIn: manage.revokeIn,
    }),
    coverage: async (page = null) => {
      await fresh();
      return coverageOf(needs, page);
    },
    sync: () => syncRequirements(needs),
    remind: async () => {
      await fresh();
      return remind(needs, await everybody(), await gate.library(), gate.now());
    },
    guard: async () => {
      await fresh();
      return guardBulk({ ...needs, covered: everybody }, gate.now());
    },
    watch: async () => {
      await fresh();
      await raiseFloor(given.db, given.clock());
      const at = gate.now().getTime();
      const { n } = await headAndFloor(given.db);
      // nothing changed, no time ran out: nobody stands otherwise than when it was looked at last
      if (n === looked.n && at < looked.again) return 0;
      const told = await allShut(given.db);
      const all = await everybody();
      const written = await tellLapses(needs, { told, covered: all }, gate.now());
      const changes = all.flatMap(({ duties }) =>
        duties.flatMap(({ standing }) => standing.changesAt?.getTime() ?? []),
      );
      looked = {
        n,
        again: changes.filter((each) => each > at).reduce((first, each) => Math.min(first, each), at + LOOK_AGAIN_MS),
      };
      return written;
    },
    sweep: async () => {
      await sweepChanges(given.db);
      await parts.sweep();
      await tidyPackages(given.db, gate.now());
    },
  };
}
