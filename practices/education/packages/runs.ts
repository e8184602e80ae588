/**
 * Runs of a course made elsewhere. It grades itself in the browser of who takes it, so that whoever takes it can say what
 * they like: what is written down of it says so (`evidence: client`).
 *
 * INVARIANT: a run is of who began it, ends once, and its files open to who has its token, while it lasts.
 */
import { createHash, randomBytes } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { parsePublicId, publicId, uuidv7 } from '#platform/ids';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import type { Gate } from '../standing/gate.ts';
import { holdNewestRun, holdRun, insertRun, noteRun, renewRun, runByToken, type RunRow } from '../store/runs.ts';
import type { Library, Version } from '../texts/library.ts';
import { openRegistration, partsSeen, registrationOf, type PartSeen } from '../cmi5/registration.ts';
import { endRun } from './end-run.ts';
import { isCmi5, type Package, type ScormPackage } from './package.ts';
import type { ActorNeeds } from './pseudonym.ts';

export type RunBegun = Readonly<{
  id: string;
  schema: Package['schema'];
  /** Of the frame that shows it; null: it is begun part by part (cmi5). */
  url: string | null;
  endsAt: Date;
  /** Where it is to go on, in its own words; null: from the beginning. */
  saved: string | null;
  /** Of cmi5. */
  parts: readonly PartSeen[];
}>;
/** What a course says of itself. */
export type RunTold = Readonly<{
  status: 'passed' | 'completed' | 'failed' | 'incomplete';
  /** Of 100. */
  score: number | null;
  saved: string | null;
}>;
export type RunState = Readonly<{ course: string; state: 'open' | 'passed' | 'failed' }>;
/** What the server of contents asks. */
export type OpenRun = Readonly<{ package: ScormPackage; console: string }>;

export type Runs = {
  /** @param consoleOrigin of the page that shows it. @throws EDUCATION_TEXT_NOT_FOUND, EDUCATION_COURSES_OFF */
  begin: (by: By, person: string, course: string, consoleOrigin: string) => Promise<RunBegun>;
  /** @throws EDUCATION_RUN_NOT_FOUND, EDUCATION_RUN_OVER, EDUCATION_RUN_KIND */
  tell: (by: By, person: string, run: string, told: RunTold) => Promise<RunState>;
  ofToken: (token: string) => Promise<OpenRun | null>;
};

export const RUN_HOURS = 12;

export type RunNeeds = ActorNeeds &
  Readonly<{
    db: Db;
    audit: Pick<Audit, 'appendIn'>;
    gate: Gate;
    /** Origin of contents; null: courses made elsewhere are not shown here. */
    coursesOrigin: string | null;
  }>;

export function createRuns(needs: RunNeeds): Runs {
  const { db, audit, gate, coursesOrigin } = needs;
  return {
    begin: async (by, person, course, consoleOrigin) => {
      await gate.refresh();
      const version = (await gate.library()).newest('package', course);
      if (version === null) throw educationFailure('TEXT_NOT_FOUND');
      const person_id = parsePublicId('per', person);
      if (person_id === null) throw educationFailure('PERSON_NOT_FOUND');
      const origin = shownAt(coursesOrigin, consoleOrigin);
      const read = version.text();
      const token = newToken();
      const now = gate.now();
      const ends_at = new Date(now.getTime() + RUN_HOURS * 3_600_000);
      const row = await transact(db, async (tx) => {
        const before = await holdNewestRun(tx, person_id, course);
        const same = before?.hash === version.hash;
        if (same && before?.state === 'open') {
          await renewRun(tx, { run_id: before.run_id, token: hashOf(token), console: consoleOrigin, ends_at });
          return before;
        }
        const made = {
          run_id: uuidv7(), person_id, course, hash: version.hash, token: hashOf(token), console: consoleOrigin, began_at: now, ends_at,
          state: 'open' as const, ended_at: null, saved: null,
        };
        await insertRun(tx, made);
        if (isCmi5(read)) await openRegistration(tx, registrationOf(needs, made, read), now);
        await audit.appendIn(tx, {
          action: 'education.run.begin', actor: by.actor, outcome: 'done', requestId: by.requestId,
          detail: { course, run: publicId('run', made.run_id), hash: version.hash },
        });
        return made;
      });
      return {
        id: publicId('run', row.run_id), schema: read.schema, url: isCmi5(read) ? null : `${origin}/${token}/`, endsAt: ends_at, saved: row.saved,
        parts: isCmi5(read) ? await partsSeen(db, registrationOf(needs, row, read)) : [],
      };
    },
    tell: async (by, person, runId, told) => {
      await gate.refresh();
      const id = parsePublicId('run', runId);
      // before a connection is held: it may take one
      const library = await gate.library();
      return transact(db, async (tx) => {
        const row = id === null ? null : await holdRun(tx, id);
        // whose it is, is nobody else's business
        if (row === null || publicId('per', row.person_id) !== person) throw educationFailure('RUN_NOT_FOUND');
        const now = gate.now();
        if (row.state !== 'open' || now >= row.ends_at) throw educationFailure('RUN_OVER');
        const version = versionIn(library, row);
        if (version === null) throw educationFailure('TEXT_NOT_FOUND');
        const read = version.text();
        // what its parts stated is known here: nobody else says how it went
        if (isCmi5(read)) throw educationFailure('RUN_KIND');
        const state = verdictOf(told, read.mastery);
        if (state === 'open') await noteRun(tx, { run_id: row.run_id, state, ended_at: null, saved: told.saved ?? row.saved });
        else await endRun(audit, tx, by, { run: row, state, at: now });
        return { course: row.course, state };
      });
    },
    ofToken: async (token) => {
      const row = await runByToken(db, hashOf(token));
      if (row === null || row.state !== 'open' || gate.now() >= row.ends_at) return null;
      let version = versionIn(await gate.library(), row);
      if (version === null) {
        // published by another server a moment ago
        await gate.refresh();
        version = versionIn(await gate.library(), row);
      }
      const read = version?.text();
        // a part is opened by its session
        return read === undefined || isCmi5(read) ? null : { package: read, console: row.console };
    },
  };
} // prettier-ignore

/** @throws EDUCATION_COURSES_OFF */
export function shownAt(coursesOrigin: string | null, consoleOrigin: string): string {
  // cookies know no ports: on the console’s own name, its cookie would go to the course’s server
  if (coursesOrigin === null || new URL(coursesOrigin).hostname === new URL(consoleOrigin).hostname)
    throw educationFailure('COURSES_OFF');
  return coursesOrigin;
}

/** The one that a run is of, whatever was published since. */
export const versionIn = (
  library: Library,
  { course, hash }: Pick<RunRow, 'course' | 'hash'>,
): Version<'package'> | null => library.versions('package', course).findLast((each) => each.hash === hash) ?? null;

/** What opens something, as it is kept. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
export const newToken = (): string => randomBytes(24).toString('base64url');

/** Where the manifest names a score, a score that was told counts for more than a word. */
export function verdictOf({ status, score }: Omit<RunTold, 'saved'>, mastery: number | null): RunState['state'] {
  if (status === 'incomplete') return 'open';
  if (status === 'failed') return 'failed';
  if (mastery !== null && score !== null) return score >= mastery ? 'passed' : 'failed';
  // seen to its end, and the score that decides is not there yet
  return mastery !== null && status === 'completed' ? 'open' : 'passed';
}
