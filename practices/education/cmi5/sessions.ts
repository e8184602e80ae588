/**
 * Sessions of the parts of courses (cmi5): begun by their learner, one at a time of all courses, and over when the part says so,
 * when another one begins, or with their time.
 *
 * INVARIANT: what a session hands out once opens what is of its own actor, registration and part, while it is open; of one
 * that said it is over, it is told again what was taken of it.
 */
import { transact, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import { isCmi5, type Cmi5Package } from '../packages/package.ts';
import { hashOf, newToken, RUN_HOURS, shownAt, versionIn, type RunNeeds } from '../packages/runs.ts';
import { begunBefore, holdPerson, insertPartSession, newestPartSession, openPartSession, otherRunsOpen, partSessionBy, runsLeftOpen, takeAuth, type PartSessionRow } from '../store/part-sessions.ts'; // prettier-ignore
import { insertPartStatement, partStatements } from '../store/part-statements.ts';
import { holdRun, runById, type RunRow } from '../store/runs.ts';
import { launchedWith, launchUrl } from './launch.ts';
import { abandon, createLeave } from './leave.ts';
import { ourStatement } from './ours.ts';
import { countedIn, partsSeen, registrationOf, type PartSeen, type Registration } from './registration.ts'; // prettier-ignore
import { satisfiedIn } from './satisfied.ts';
import { createTurns } from './turns.ts';

export type PartBegun = Readonly<{ id: string; url: string; endsAt: Date }>;
export type RunSeen = Readonly<{ id: string; course: string; state: RunRow['state']; session: 'open' | 'over' | null; parts: readonly PartSeen[] }>; // prettier-ignore
export type OpenPart = Readonly<{ session: PartSessionRow; of: Registration }>;
export type Exchanged = Readonly<{ ok: true; token: string } | { ok: false; because: 'used' | 'unknown' }>;

export type PartSessions = {
  /** @throws EDUCATION_RUN_NOT_FOUND, EDUCATION_RUN_OVER, EDUCATION_RUN_KIND, EDUCATION_PART_NOT_FOUND, EDUCATION_PARTS_MANY, EDUCATION_COURSES_OFF */
  begin: (by: By, person: string, run: string, part: number, consoleOrigin: string) => Promise<PartBegun>;
  /** @throws EDUCATION_RUN_NOT_FOUND */
  look: (person: string, run: string) => Promise<RunSeen>;
  /** What was stated in a run, as its learner may read it; oldest first. @throws EDUCATION_RUN_NOT_FOUND */
  stated: (person: string, run: string, after: number | null) => Promise<Readonly<{ statements: readonly unknown[]; next: number | null }>>; // prettier-ignore
  /** The one of an address of its files. */
  ofToken: (token: string) => Promise<OpenPart | null>;
  /** Once. */
  exchange: (fetch: string) => Promise<Exchanged>;
  /** One that is over may come too, until its time is: it is told again what it was told. @throws EDUCATION_XAPI_TOKEN, EDUCATION_XAPI_BUSY */
  ofAuth: <T>(auth: string, work: (by: OpenPart) => Promise<T>) => Promise<T>;
  /** Ends what was left open and whose time is over. */
  sweep: () => Promise<void>;
};

const PAGE = 100;
const SWEPT = 200;
const HOUR_MS = 3_600_000;
const MOST_BEGUN = 60;
/** Whoever begins several at once is left by one of them after the other. */
const MOST_TRIES = 10;

export function createPartSessions(needs: RunNeeds): PartSessions {
  const { db, audit, gate, coursesOrigin } = needs;
  const read = async (run: RunRow): Promise<Cmi5Package> => {
    let version = versionIn(await gate.library(), run);
    if (version === null) {
      // published by another server a moment ago
      await gate.refresh();
      version = versionIn(await gate.library(), run);
    }
    if (version === null) throw educationFailure('TEXT_NOT_FOUND');
    const text = version.text();
    if (!isCmi5(text)) throw educationFailure('RUN_KIND');
    return text;
  };
  const leave = createLeave(needs, read);
  const [turnOfSession, turnOfPerson] = [createTurns(), createTurns()];
  const mayBegin = async (on: Statements, person: Uuid, now: Date): Promise<void> => {
    const since = await begunBefore(on, person, new Date(now.getTime() - HOUR_MS), MOST_BEGUN);
    if (since !== null) throw many(Math.ceil((since.getTime() + HOUR_MS - now.getTime()) / 1000));
  };
  const ownRun = async (person: string, id: string): Promise<RunRow> => {
    const run_id = parsePublicId('run', id);
    const run = run_id === null ? null : await runById(db, run_id);
    // whose it is, is nobody else's business
    if (run === null || publicId('per', run.person_id) !== person) throw educationFailure('RUN_NOT_FOUND');
    return run;
  };
  const opened = async (by: 'token' | 'auth', secret: string): Promise<OpenPart | null> => {
    const session = await partSessionBy(db, by, hashOf(secret));
    // its pages stay for a look at the end
    if (session === null || session.state === 'abandoned' || gate.now() >= session.ends_at) return null;
    const run = await runById(db, session.run_id);
    return run === null ? null : { session, of: registrationOf(needs, run, await read(run)) };
  };
  return {
    begin: async (by, person, runId, part, consoleOrigin) => {
      await gate.refresh();
      const origin = shownAt(coursesOrigin, consoleOrigin);
      const known = await ownRun(person, runId);
      const text = await read(known);
      if (text.parts[part] === undefined) throw educationFailure('PART_NOT_FOUND');
      const begin = async (): Promise<PartBegun | null> => {
        const { run_id, person_id } = known;
        mustRun(known, gate.now());
        await mayBegin(db, person_id, gate.now());
        // courses share one origin and what a browser keeps for it: while this one is open, no other has a token that opens anything
        for (const other of await otherRunsOpen(db, person_id, run_id)) await leave(other, 'any');
        const [token, fetch] = [newToken(), newToken()];
        return transact(db, async (tx) => {
          await holdPerson(tx, person_id);
          const run = await holdRun(tx, run_id);
          const now = gate.now();
          if (run === null) throw educationFailure('RUN_OVER');
          mustRun(run, now);
          await mayBegin(tx, person_id, now);
          // begun by another request meanwhile
          if ((await otherRunsOpen(tx, person_id, run_id)).length > 0) return null;
          const of = registrationOf(needs, run, text);
          const before = await openPartSession(tx, run_id);
          if (before !== null) await abandon(tx, before, of, now);
          const done = satisfiedIn(text, await countedIn(tx, run_id)).parts[part] === true && text.parts[part]?.moveOn !== 'NotApplicable';
          const ends_at = new Date(Math.min(now.getTime() + RUN_HOURS * HOUR_MS, run.ends_at.getTime()));
          const row: PartSessionRow = {
            session_id: uuidv7(), run_id, person_id, part, mode: done ? 'Review' : 'Normal', token: hashOf(token), exchange: hashOf(fetch),
            auth: null, console: consoleOrigin, began_at: now, ends_at, state: 'open', ended_at: null,
          };
          await insertPartSession(tx, row);
          const extensions = launchedWith(of, part, row.mode, origin);
          await insertPartStatement(tx, ourStatement(of, { verb: 'launched', about: { part }, session: row.session_id, at: now, extensions }));
          await audit.appendIn(tx, {
            action: 'education.part.begin', actor: by.actor, outcome: 'done', requestId: by.requestId,
            detail: { course: run.course, run: runId, part, session: publicId('pse', row.session_id), hash: run.hash },
          });
          return { id: publicId('pse', row.session_id), url: launchUrl(of, { origin, token, fetch, part }), endsAt: ends_at };
        });
      };
      return turnOfPerson(person, () => many(1), async () => {
        for (let tries = 0; tries < MOST_TRIES; tries++) {
          const begun = await begin();
          if (begun !== null) return begun;
        }
        throw many(1);
      });
    },
    look: async (person, id) => {
      const run = await ownRun(person, id);
      const of = registrationOf(needs, run, await read(run));
      const newest = await newestPartSession(db, run.run_id);
      const session = newest === null ? null : newest.state === 'open' ? 'open' : 'over';
      return { id, course: run.course, state: run.state, session, parts: await partsSeen(db, of) };
    },
    stated: async (person, id, after) => {
      const { run_id } = await ownRun(person, id);
      const rows = await partStatements(db, run_id, { verb: null, activity: null, since: null, until: null, ascending: true, after, limit: PAGE + 1 });
      const page = rows.slice(0, PAGE);
      return { statements: page.map(({ statement }) => JSON.parse(statement) as unknown), next: rows.length > PAGE ? (page.at(-1)?.seq ?? null) : null };
    },
    ofToken: (token) => opened('token', token),
    ofAuth: (auth, work) =>
      turnOfSession(hashOf(auth), () => educationFailure('XAPI_BUSY', { extra: { retryAfterSeconds: 1 } }), async () => {
        const found = await opened('auth', auth);
        if (found === null) throw educationFailure('XAPI_TOKEN');
        return work(found);
      }),
    exchange: async (fetch) => {
      const session = await partSessionBy(db, 'exchange', hashOf(fetch));
      if (session === null) return { ok: false, because: 'unknown' };
      if (session.state !== 'open' || gate.now() >= session.ends_at) return { ok: false, because: 'used' };
      // what Basic asks for (RFC 7617 §2): a name, a colon, a secret
      const token = Buffer.from(`${session.session_id}:${newToken()}`).toString('base64');
      return (await takeAuth(db, session.session_id, hashOf(token))) ? { ok: true, token } : { ok: false, because: 'used' };
    },
    sweep: async () => {
      const thrown: unknown[] = [];
      for (const run of await runsLeftOpen(db, gate.now(), SWEPT)) {
        try {
          await leave(run, 'over');
        } catch (each) {
          // one that cannot be left keeps no other from it
          thrown.push(each);
        }
      }
      if (thrown.length > 0) throw thrown[0];
    },
  };
} // prettier-ignore

const many = (retryAfterSeconds: number) => educationFailure('PARTS_MANY', { extra: { retryAfterSeconds } });

function mustRun({ state, ends_at }: RunRow, now: Date): void {
  if (state !== 'open' || now >= ends_at) throw educationFailure('RUN_OVER');
}
