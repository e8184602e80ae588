/** A run of a course of cmi5: who takes which version of it, what was stated that counts, and what follows of that. */
import type { Db, Statements, Tx } from '#platform/db';
import { publicId, uuidv7, type Uuid } from '#platform/ids';

import { educationFailure } from '../failures.ts';
import type { Cmi5Package } from '../packages/package.ts';
import { actorOfPerson, type ActorNeeds, type LearnerActor } from '../packages/pseudonym.ts';
import { countedStatements, insertPartStatement } from '../store/part-statements.ts';
import type { RunRow } from '../store/runs.ts';
import { activitiesOf, type Activities } from './activities.ts';
import { ourStatement } from './ours.ts';
import type { Before } from './rules.ts';
import { satisfiedIn, statesOf, type PartState } from './satisfied.ts';
import { VERBS, type Verb } from './words.ts';

export type Registration = Readonly<{
  run: RunRow;
  read: Cmi5Package;
  activities: Activities;
  actor: LearnerActor;
  site: string;
}>;

export const registrationOf = (needs: ActorNeeds, run: RunRow, read: Cmi5Package): Registration => ({
  run,
  read,
  activities: activitiesOf(needs.site, run.course, read),
  actor: actorOfPerson(needs, publicId('per', run.person_id)),
  site: needs.site,
});

const NAMES = new Map(Object.entries(VERBS).map(([name, id]) => [id as string, name as Verb]));
type CountedRow = Before & Readonly<{ kind: 'defined' | 'ours'; object: string }>;

/** What counts, oldest first: of parts, and of ours. */
export async function countedIn(db: Statements, run: Uuid): Promise<readonly CountedRow[]> {
  return (await countedStatements(db, run)).flatMap(({ session_id, part, kind, verb, object, said_at }) => {
    const name = NAMES.get(verb);
    if (name === undefined || kind === 'allowed') return [];
    return [{ session: session_id, part, kind, verb: name, object, saidAt: said_at }];
  });
}

/** Writes down which blocks, and whether the course, are satisfied by now and were not before. @returns whether the course is */
export async function noteSatisfied(tx: Tx, of: Registration, session: Uuid, at: Date): Promise<boolean> {
  const counted = await countedIn(tx, of.run.run_id);
  const known = new Set(counted.filter(({ verb }) => verb === 'satisfied').map(({ object }) => object));
  const { blocks, course } = satisfiedIn(of.read, counted);
  const made = { verb: 'satisfied', session, at } as const;
  for (const [block, done] of blocks.entries())
    if (done && !known.has(of.activities.block(block))) await insertPartStatement(tx, ourStatement(of, { ...made, about: { block } })); // prettier-ignore
  if (course && !known.has(of.activities.course)) await insertPartStatement(tx, ourStatement(of, { ...made, about: 'course' })); // prettier-ignore
  return course;
}

/** A token outlives its learner’s sign-in; who has left writes nothing. Before a connection is held. @throws EDUCATION_XAPI_TOKEN */
export async function mustWorkHere(people: () => Promise<readonly Readonly<{ id: string }>[]>, person: Uuid): Promise<void> {
  const id = publicId('per', person);
  if (!(await people()).some((each) => each.id === id)) throw educationFailure('XAPI_TOKEN');
} // prettier-ignore

/** With its first statements: blocks in which nothing is asked for (§9.6.1), under a session of their own. */
export async function openRegistration(tx: Tx, of: Registration, at: Date): Promise<void> {
  await noteSatisfied(tx, of, uuidv7(), at);
}

export type PartSeen = Readonly<{ part: number; title: string; block: string | null; state: PartState }>;
export async function partsSeen(db: Db | Tx, { run, read }: Registration): Promise<readonly PartSeen[]> {
  const states = statesOf(read, await countedIn(db, run.run_id));
  return read.parts.map(({ title, block }, part) => ({
    part,
    title,
    block: block === null ? null : (read.blocks[block]?.title ?? null),
    state: states[part] ?? 'open',
  }));
}
