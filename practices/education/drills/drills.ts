/** Drills as one object: begun, played through, scored, read again afterwards. */
import { parsePublicId, publicId } from '#platform/ids';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import type { Playbook } from '../incidents/playbook.ts';
import { createWords } from '../incidents/words.ts';
import { placeOf } from '../page-place.ts';
import { countedEvents, drillPage, drillPeople, runningOf } from '../store/drills.ts';
import type { Library } from '../texts/library.ts';
import type { Drill } from './drill.ts';
import { createActs, drillUuid, type Acts } from './act.ts';
import { beginDrill, drillId, type ToBegin } from './begin.ts';
import type { DrillNeeds } from './needs.ts';
import { afterAction } from './report.ts';
import { libraryFor, settleOr, shownDrill, sweepDrills } from './settle.ts';
import { lineOf, viewOf, type DrillLine, type DrillView } from './view.ts';

export type DrillPage = Readonly<{ drills: readonly DrillLine[]; next: string | null }>;
/** What can be played. */
export type DrillAbout = Pick<Drill, 'id' | 'title' | 'kind' | 'audience' | 'minutes' | 'pace' | 'validityDays' | 'passes' | 'story'> & Readonly<{ decisions: number; breach: boolean }>; // prettier-ignore

export type Drills = Acts &
  Readonly<{
    texts: () => Promise<readonly DrillAbout[]>;
    /** @throws EDUCATION_TEXT_NOT_FOUND */
    about: (id: string) => Promise<DrillAbout>;
    begin: (by: By, wanted: ToBegin) => Promise<string>;
    /** Whether they were asked to take part in it. */
    isAsked: (person: string, id: string) => Promise<boolean>;
    /** @param person null: of everybody @param before `next` of the page before */
    list: (person: string | null, page: Readonly<{ before: string | null; limit: number }>) => Promise<DrillPage>;
    /** The one that runs now, of those they were asked to take part in. */
    openOf: (person: string) => Promise<Readonly<{ id: string; title: string }> | null>;
    /** @param person who has to be in it; null: the training team @throws EDUCATION_DRILL_NOT_FOUND */
    look: (person: string | null, id: string) => Promise<DrillView>;
    /** After-action report, as Markdown. */
    report: (person: string | null, id: string) => Promise<string>;
    /** @returns how many were over */
    sweep: () => Promise<number>;
  }>;

export function createDrills(given: DrillNeeds & Readonly<{ playbooks: readonly Playbook[] }>): Drills {
  const { db, gate, zone, playbooks } = given;
  const words = createWords(given.wordsKey);
  const needs = { ...given, words };
  const look: Drills['look'] = async (person, id) => {
    const uuid = drillUuid(id);
    const row = await settleOr(needs, uuid);
    const people = row === null ? [] : await drillPeople(db, [uuid]);
    const isAsked = person === null || people.some(({ person_id }) => publicId('per', person_id) === person);
    if (row === null || !isAsked) throw educationFailure('DRILL_NOT_FOUND');
    const drill = shownDrill(await libraryFor(needs, row), row);
    const events = await countedEvents(db, uuid);
    return viewOf({ row, drill, people, events, person }, { zone, words, playbooks, now: gate.now() });
  };
  const fresh = async (): Promise<Library> => {
    await gate.refresh();
    return gate.library();
  };
  return {
    ...createActs(needs),
    texts: async () => (await fresh()).all('drill').flatMap((each) => (each.isReadable() ? [aboutOf(each.text())] : [])),
    about: async (id) => {
      const version = (await fresh()).newest('drill', id);
      if (version === null) throw educationFailure('TEXT_NOT_FOUND');
      return aboutOf(version.text());
    },
    begin: (by, wanted) => beginDrill(needs, by, wanted),
    list: async (person, { before, limit }) => {
      const place = before === null ? null : placeOf(before, 'drl');
      if (before !== null && place === null) throw educationFailure('DRILL_INVALID', { detail: 'before is the `next` of a page' });
      const rows = await drillPage(db, person === null ? null : parsePublicId('per', person), place, limit);
      const library = await gate.library();
      const people = Map.groupBy(await drillPeople(db, rows.map(({ drill_id }) => drill_id)), ({ drill_id }) => drill_id);
      const end = rows.at(-1);
      return {
        drills: rows.map((row) => lineOf(row, library.titleOf('drill', row.text_id), people.get(row.drill_id) ?? [], gate.now())),
        next: rows.length < limit || end === undefined ? null : `${end.begins_at.toISOString()}~${drillId(end.drill_id)}`,
      };
    },
    look,
    openOf: async (person) => {
      const uuid = parsePublicId('per', person);
      const row = uuid === null ? null : await runningOf(db, uuid, gate.now());
      return row === null ? null : { id: drillId(row.drill_id), title: (await gate.library()).titleOf('drill', row.text_id) };
    },
    isAsked: async (person, id) => (await drillPeople(db, [drillUuid(id)])).some(({ person_id }) => publicId('per', person_id) === person),
    report: async (person, id) => afterAction(await look(person, id)),
    sweep: () => sweepDrills(needs),
  };
} // prettier-ignore

const aboutOf = ({ id, title, kind, audience, minutes, pace, validityDays, passes, story, injects, breach }: Drill): DrillAbout => ({
  id, title, kind, audience, minutes, pace, validityDays, passes, story: story.replaceAll(/\{(?:actor|time)\.[a-z0-9_]+\}/g, '…'),
  decisions: injects.filter(({ decide }) => decide !== undefined).length, breach: breach !== undefined,
}); // prettier-ignore
