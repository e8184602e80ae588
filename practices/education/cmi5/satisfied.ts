/** Which parts, blocks and whether the course are done, by what was stated (cmi5 §13.1.4 moveOn, §9.3.9). */
import type { CourseStructure, MoveOn } from './structure.ts';
import type { Verb } from './words.ts';

/** A statement that counts: one of cmi5 by the part itself, or one made here. */
export type Counted = Readonly<{ part: number | null; verb: Verb }>;

const MET: Readonly<Record<MoveOn, (has: (verb: Verb) => boolean) => boolean>> = {
  NotApplicable: () => true,
  Passed: (has) => has('passed'),
  Completed: (has) => has('completed'),
  CompletedAndPassed: (has) => has('completed') && has('passed'),
  CompletedOrPassed: (has) => has('completed') || has('passed'),
};

export type Satisfied = Readonly<{ parts: readonly boolean[]; blocks: readonly boolean[]; course: boolean }>;

export function satisfiedIn({ parts, blocks }: CourseStructure, counted: readonly Counted[]): Satisfied {
  const said = new Set(counted.map(({ part, verb }) => `${part} ${verb}`));
  const done = parts.map(({ moveOn }, place) => {
    const has = (verb: Verb): boolean => said.has(`${place} ${verb}`);
    return has('waived') || MET[moveOn](has);
  });
  const open = new Set<number>();
  for (const [place, { block }] of parts.entries())
    if (!(done[place] ?? false))
      // also those around it; one that is known to be open has told them
      for (let at = block; at !== null && !open.has(at); at = blocks[at]?.parent ?? null) open.add(at);
  return { parts: done, blocks: blocks.map((_, place) => !open.has(place)), course: done.every(Boolean) };
}

export type PartState = 'open' | 'failed' | 'satisfied';
/** As its learner sees it. */
export function statesOf(structure: CourseStructure, counted: readonly Counted[]): readonly PartState[] {
  const { parts } = satisfiedIn(structure, counted);
  const failed = new Set(counted.filter(({ verb }) => verb === 'failed').map(({ part }) => part));
  return parts.map((done, place) => (done ? 'satisfied' : failed.has(place) ? 'failed' : 'open'));
}
