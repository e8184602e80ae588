/** What is done in a drill, one thing after the other: who is in, what is decided, what the log was asked, what was noted. */
import { transact, type Tx } from '#platform/db';
import { parsePublicId, type Uuid } from '#platform/ids';
import { whoActs } from '#platform/two-people';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import { findScope, type Criteria } from '../incidents/scope.ts';
import { sayUnknown } from '../incidents/scopes.ts';
import type { Words } from '../incidents/words.ts';
import {
  countedEvents,
  drillPeople,
  endDrill,
  findDrill,
  holdDrill,
  insertDrillEvent,
  joinDrill,
  skipIn,
  type DrillEvent,
  type DrillPerson,
  type DrillRow,
} from '../store/drills.ts';
import type { Library } from '../texts/library.ts';
import { drillId } from './begin.ts';
import { elapsedMs, endsAt, hasCome, MINUTE_MS, nextMinute, shownOptions } from './drill-clock.ts';
import type { Drill } from './drill.ts';
import type { DrillNeeds } from './needs.ts';
import { plantedLog } from './planted.ts';
import { decidedOf, libraryFor, ranOf, scoreIn, settleOr, shownDrill } from './settle.ts';

type Held = Readonly<{
  row: DrillRow;
  drill: Drill;
  events: readonly DrillEvent[];
  people: readonly DrillPerson[];
  elapsed: number;
  now: Date;
  library: Library;
}>;
type Done = Readonly<{
  kind: DrillEvent['kind'];
  detail: DrillEvent['detail'];
  text?: string;
  log?: Readonly<Record<string, string | number | boolean>>;
}>;

export type Acts = Readonly<{
  /** @throws EDUCATION_DRILL_NOT_FOUND for who was not asked to take part */
  join: (by: By, person: string, id: string) => Promise<void>;
  /** The first one counts. @throws EDUCATION_DRILL_NOT_YET, EDUCATION_DRILL_DECIDED, EDUCATION_DRILL_OVER */
  decide: (by: By, person: string, id: string, inject: string, option: number) => Promise<void>;
  /** Asks the log of the drill, which has its planted entries alone; the last one counts. */
  scope: (by: By, person: string, id: string, criteria: Criteria) => Promise<void>;
  /** What comes next comes now; with nothing left, it is over and scored. @throws EDUCATION_DRILL_UNDECIDED */
  next: (by: By, person: string, id: string) => Promise<void>;
  /** It counts for nobody. @param person null: of the training team */
  stop: (by: By, person: string | null, id: string) => Promise<void>;
  /** Also afterwards: what is to be changed. */
  note: (by: By, person: string | null, id: string, text: string) => Promise<void>;
}>; // prettier-ignore

const MOST_NOTES = 200;
const MOST_SCOPES = 50;
export const drillUuid = (id: string): Uuid => {
  const uuid = parsePublicId('drl', id);
  if (uuid === null) throw educationFailure('DRILL_NOT_FOUND');
  return uuid;
};

export function createActs(needs: DrillNeeds & Readonly<{ words: Words }>): Acts {
  const { db, gate, audit, people, words } = needs;

  /** @param person who has to be in it; null: somebody of the training team */
  const within = async (by: By, person: string | null, id: string, when: 'running' | 'any', work: (tx: Tx, held: Held) => Promise<Done | null>): Promise<void> => {
    const uuid = drillUuid(id);
    const library = await libraryFor(needs, await settleOr(needs, uuid));
    await transact(db, async (tx) => {
      const row = await holdDrill(tx, uuid);
      const asked = row === null ? [] : await drillPeople(tx, [uuid]);
      // that there is one is nobody's business who was not asked to take part
      if (row === null || (person !== null && !asked.some(({ person_id }) => person_id === parsePublicId('per', person)))) throw educationFailure('DRILL_NOT_FOUND');
      const now = gate.now();
      const ran = ranOf(row);
      const elapsed = elapsedMs(ran, now);
      if (when === 'running' && (row.state !== 'open' || now >= row.ends_at)) throw educationFailure('DRILL_OVER');
      if (when === 'running' && elapsed < 0) throw educationFailure('DRILL_NOT_YET');
      const events = await countedEvents(tx, uuid);
      const done = await work(tx, { row, drill: shownDrill(library, row), events, people: asked, elapsed, now, library });
      if (done === null) return;
      const seq = events.length + 1;
      await insertDrillEvent(tx, { drill_id: uuid, seq, kind: done.kind, at: now, by: whoActs({ id: by.actor.id, person: by.person }), detail: done.detail, sealed: done.text === undefined ? null : words.seal(uuid, seq, done.text) });
      await audit.appendIn(tx, { action: `education.drill.${done.kind}`, actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { drill: drillId(uuid), ...done.log } });
    });
  };
  const isIn = ({ people }: Held, person: string): void => {
    if (!people.some(({ person_id, joined_at }) => joined_at !== null && person_id === parsePublicId('per', person))) throw educationFailure('DRILL_NOT_IN');
  };

  return {
    join: (by, person, id) =>
      within(by, person, id, 'running', async (tx, { row, people, now, elapsed }) => {
        const uuid = parsePublicId('per', person) as Uuid;
        if (people.find(({ person_id }) => person_id === uuid)?.joined_at !== null) return null;
        await joinDrill(tx, row.drill_id, uuid, now);
        return { kind: 'joined', detail: { person, elapsedMs: elapsed }, log: {} };
      }),
    decide: (by, person, id, inject, option) =>
      within(by, person, id, 'running', async (_tx, held) => {
        isIn(held, person);
        const wanted = held.drill.injects.find((each) => each.id === inject);
        // what has not come is not told from what is none
        if (wanted === undefined || !hasCome(wanted.minute, held.elapsed)) throw educationFailure('DRILL_NOT_YET');
        const own = shownOptions(held.row.drill_id, wanted)[option];
        if (own === undefined) throw educationFailure('DRILL_INVALID', { detail: 'there is no such option' });
        if (decidedOf(held.events).some((each) => each.inject === inject)) throw educationFailure('DRILL_DECIDED');
        return { kind: 'decided', detail: { inject, option: own, elapsedMs: held.elapsed }, log: { inject } };
      }),
    scope: async (by, person, id, criteria) => {
      // before a connection is held: what was planted never changes
      const log = await plantedLog(audit, ((await findDrill(db, drillUuid(id)))?.planted ?? []).map(Number));
      await within(by, person, id, 'running', async (_tx, held) => {
        isIn(held, person);
        const { breach } = held.drill;
        if (breach === undefined || !hasCome(breach.minute, held.elapsed)) throw educationFailure('DRILL_NOT_YET');
        if (criteria.actors.length + criteria.requests.length + criteria.grants.length === 0 || !(criteria.from <= criteria.to)) throw educationFailure('DRILL_INVALID', { detail: 'a scope is of actors, in a time that ends after it begins' });
        if (held.events.filter(({ kind }) => kind === 'scope').length >= MOST_SCOPES) throw educationFailure('DRILL_INVALID', { detail: `the log was asked ${MOST_SCOPES} times` });
        const found = await findScope(
          {
            log, batchesOf: () => Promise.resolve(new Map()), classOf: () => null,
            unlogged: () => Promise.resolve(0), madeUp: () => Promise.resolve(new Set()), keysOf: () => Promise.resolve({ own: [], services: [] }), clock: () => held.now,
          },
          criteria,
        );
        const subjects = [...found.subjects.keys()];
        const { actors, from, to } = criteria;
        const detail = { elapsedMs: held.elapsed, actors, from: from.toISOString(), to: to.toISOString(), subjects, entries: found.entries.length, says: sayUnknown({ ...found.unknown, notYet: null }).slice(0, -1) };
        return { kind: 'scope', detail, log: { subjects: subjects.length, entries: found.entries.length } };
      });
    },
    next: async (by, person, id) => {
      const staff = await people();
      await within(by, person, id, 'running', async (tx, held) => {
        isIn(held, person);
        const { drill, row, events, elapsed, library } = held;
        const decided = new Set(decidedOf(events).map(({ inject }) => inject));
        const open = drill.injects.filter(({ id: each, minute, decide }) => decide !== undefined && hasCome(minute, elapsed) && !decided.has(each));
        const isAsked = drill.breach !== undefined && hasCome(drill.breach.minute, elapsed) && !events.some(({ kind }) => kind === 'scope');
        // nobody leaves out what is to be decided by waiting less
        if (open.length > 0 || isAsked) throw educationFailure('DRILL_UNDECIDED', { extra: { injects: open.map(({ id: each }) => each), scope: isAsked } });
        const comes = nextMinute(drill, elapsed);
        if (comes === null) {
          await scoreIn(needs, tx, { library, staff }, by, row);
          return null;
        }
        const skippedMs = Number(row.skipped_ms) + comes * MINUTE_MS - elapsed;
        await skipIn(tx, row.drill_id, skippedMs, endsAt(drill, { beginsAt: row.begins_at, skippedMs }));
        return { kind: 'skipped', detail: { to: comes }, log: { to: comes } };
      });
    },
    stop: async (by, person, id) => {
      await within(by, person, id, 'any', async (tx, { row, now }) => {
        if (row.state !== 'open') throw educationFailure('DRILL_OVER');
        if (person !== null && row.led_by !== person) throw educationFailure('DRILL_NOT_FOUND');
        await endDrill(tx, row.drill_id, { state: 'stopped', at: now, score: null });
        await audit.appendIn(tx, { action: 'education.drill.stop', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { drill: id } });
        return null;
      });
    },
    note: (by, person, id, text) =>
      within(by, person, id, 'any', async (_tx, { events }) => {
        if (events.filter(({ kind }) => kind === 'note').length >= MOST_NOTES) throw educationFailure('DRILL_INVALID', { detail: `there are ${MOST_NOTES} notes` });
        return { kind: 'note', detail: {}, text, log: {} };
      }),
  };
} // prettier-ignore
