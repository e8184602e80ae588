/**
 * Runs of a course made elsewhere. It grades itself in the browser of who takes it, so that whoever takes it can say what
 * they like: what is written down of it says so (`evidence: client`).
 *
 * INVARIANT: a run is of who began it, ends once, and its files open to who has its token, while it lasts.
 */
import { createHash, randomBytes } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import type { Gate } from '../standing/gate.ts';
import { noteChange } from '../store/changes.ts';
import { holdNewestRun, holdRun, insertRun, noteRun, renewRun, runByToken, type RunRow } from '../store/runs.ts';
import { insertPass } from '../store/sittings.ts';
import type { Library, Version } from '../texts/library.ts';
import type { Package } from './package.ts';

export type RunBegun = Readonly<{
  id: string;
  /** Of the frame that shows it. */
  url: string;
  endsAt: Date;
  /** Where it is to go on, in its own words; null: from the beginning. */
  saved: string | null;
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
export type OpenRun = Readonly<{ package: Package; console: string }>;

export type Runs = {
  /** @param consoleOrigin of the page that shows it. @throws EDUCATION_TEXT_NOT_FOUND, EDUCATION_COURSES_OFF */
  begin: (by: By, person: string, course: string, consoleOrigin: string) => Promise<RunBegun>;
  /** @throws EDUCATION_RUN_NOT_FOUND, EDUCATION_RUN_OVER */
  tell: (by: By, person: string, run: string, told: RunTold) => Promise<RunState>;
  ofToken: (token: string) => Promise<OpenRun | null>;
};

export const RUN_HOURS = 12;

export type RunNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  gate: Gate;
  /** Origin of contents; null: courses made elsewhere are not shown here. */
  coursesOrigin: string | null;
}>;

export function createRuns({ db, audit, gate, coursesOrigin }: RunNeeds): Runs {
  const newest = async (course: string): Promise<Version<'package'>> => {
    const version = (await gate.library()).newest('package', course);
    if (version === null) throw educationFailure('TEXT_NOT_FOUND');
    return version;
  };
  const versionIn = (library: Library, { course, hash }: Pick<RunRow, 'course' | 'hash'>): Version<'package'> | null =>
    library.versions('package', course).findLast((each) => each.hash === hash) ?? null;
  return {
    begin: async (by, person, course, consoleOrigin) => {
      await gate.refresh();
      const version = await newest(course);
      const person_id = parsePublicId('per', person);
      if (person_id === null) throw educationFailure('PERSON_NOT_FOUND');
      // cookies know no ports: on the console’s own name, its cookie would go to the course’s server
      if (coursesOrigin === null || new URL(coursesOrigin).hostname === new URL(consoleOrigin).hostname)
        throw educationFailure('COURSES_OFF');
      const token = randomBytes(24).toString('base64url');
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
        await audit.appendIn(tx, {
          action: 'education.run.begin', actor: by.actor, outcome: 'done', requestId: by.requestId,
          detail: { course, run: publicId('run', made.run_id), hash: version.hash },
        });
        return made;
      });
      return { id: publicId('run', row.run_id), url: `${coursesOrigin}/${token}/`, endsAt: ends_at, saved: row.saved };
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
        const state = verdictOf(told, version.text().mastery);
        const over = state !== 'open';
        if (state === 'passed') await noteChange(tx, row.person_id);
        if (over) {
          const { index } = await audit.appendIn(tx, {
            action: state === 'passed' ? 'education.course.pass' : 'education.course.fail', actor: by.actor, outcome: 'done', requestId: by.requestId,
            detail: { course: row.course, lesson: row.hash, run: runId, evidence: 'client' },
          });
          if (state === 'passed') await insertPass(tx, passOf(row, now, index));
        }
        await noteRun(tx, { run_id: row.run_id, state, ended_at: over ? now : null, saved: over ? null : (told.saved ?? row.saved) });
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
      return version === null ? null : { package: version.text(), console: row.console };
    },
  };
} // prettier-ignore

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const passOf = (row: Readonly<{ run_id: Uuid; person_id: Uuid; course: string; hash: string }>, at: Date, entry: bigint) => ({
  pass_id: uuidv7(), person_id: row.person_id, course: row.course, lesson_hash: row.hash, sitting_id: row.run_id, passed_at: at, entry, evidence: 'client' as const,
}); // prettier-ignore

/** Where the manifest names a score, a score that was told counts for more than a word. */
export function verdictOf({ status, score }: Omit<RunTold, 'saved'>, mastery: number | null): RunState['state'] {
  if (status === 'incomplete') return 'open';
  if (status === 'failed') return 'failed';
  if (mastery !== null && score !== null) return score >= mastery ? 'passed' : 'failed';
  // seen to its end, and the score that decides is not there yet
  return mastery !== null && status === 'completed' ? 'open' : 'passed';
}
