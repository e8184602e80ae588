/** For tests of drills: one of a stolen laptop, played from beginning to end. */
import type { Drill } from './drills/drill.ts';
import type { DrillView } from './drills/view.ts';
import type { Education } from './education.ts';
import { readShelf } from './starters/shelf.ts';
import { byPerson } from './testing-gate.ts';

export const LAPTOP = readShelf().shelf.drills.find(({ id }) => id === 'stolen-laptop') as Drill;
export const minutes = (from: Date, count: number): Date => new Date(from.getTime() + count * 60_000);
export const isFailure = (code: string) => (thrown: unknown) =>
  (thrown as { code?: string }).code === `EDUCATION_${code}`;
export const begin = (one: Education, people: readonly string[], by = people[0] as string, beginsAt: Date | null = null, text = 'stolen-laptop') =>
  one.drills.begin(byPerson(by), { text, people, roles: [], beginsAt }); // prettier-ignore
export const look = (one: Education, person: string, id: string): Promise<DrillView> => one.drills.look(person, id);

/** The place on the screen of what is right, or of something else. */
export function placeOf(view: DrillView, inject: string, right: boolean): number {
  const text = LAPTOP.injects.find(({ id }) => id === inject)?.decide?.options.find((each) => (each.right === true) === right)?.says ?? ''; // prettier-ignore
  return view.injects.find(({ id }) => id === inject)?.decide?.options.indexOf(text) ?? -1;
}
export const scopeOf = (view: DrillView, from: number, who: readonly number[] = [0]) => {
  const at = new Date(view.beginsAt);
  const actors = who.map((each) => view.breach?.actors[each]?.id as string);
  return { actors, grants: [], requests: [], from: minutes(at, from), to: at };
};

/** From beginning to end without waiting. @param end false: all is decided, and its time runs on */
export async function play(one: Education, person: string, id: string, right: boolean, end = true): Promise<DrillView> {
  const by = byPerson(person);
  await one.drills.join(by, person, id);
  for (;;) {
    const view = await look(one, person, id);
    if (view.score !== null) return view;
    for (const { id: inject, decide } of view.injects)
      if (decide !== null && decide.decided === null) await one.drills.decide(by, person, id, inject, placeOf(view, inject, right)); // prettier-ignore
    if (view.breach !== null && view.breach.asked.length === 0) await one.drills.scope(by, person, id, scopeOf(view, -90)); // prettier-ignore
    if (!end && view.nextMinute === null) return view;
    await one.drills.next(by, person, id);
  }
}
