/** A part that somebody need not take: said by somebody else, with its reason (cmi5 Quartz §9.3.7). */
import { transact, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7 } from '#platform/ids';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import { endRun } from '../packages/end-run.ts';
import { isCmi5 } from '../packages/package.ts';
import { hashOf, newToken, RUN_HOURS, type RunNeeds } from '../packages/runs.ts';
import { noteChange } from '../store/changes.ts';
import { insertPartStatement } from '../store/part-statements.ts';
import { holdNewestRun, insertRun, type RunRow } from '../store/runs.ts';
import { ourStatement } from './ours.ts';
import { countedIn, noteSatisfied, openRegistration, registrationOf } from './registration.ts';
import { satisfiedIn } from './satisfied.ts';
import { EXTENSION } from './words.ts';

/** Those of §9.5.5.2. */
export const REASONS = ['Tested Out', 'Equivalent AU', 'Equivalent Outside Activity', 'Administrative'] as const;
export type WaiveReason = (typeof REASONS)[number];

export type WaiveNeeds = RunNeeds &
  Readonly<{
    people: () => Promise<readonly Readonly<{ id: string }>[]>;
    arePeople: (tx: Statements) => Promise<boolean>;
  }>;
export type Waive = (
  by: By,
  wanted: Readonly<{ person: string; course: string; part: number; reason: WaiveReason }>,
) => Promise<void>;

/** @throws EDUCATION_PERSON_NOT_FOUND, EDUCATION_SECOND_EYES, EDUCATION_TEXT_NOT_FOUND, EDUCATION_RUN_KIND, EDUCATION_PART_NOT_FOUND, EDUCATION_PART_DONE */
export function createWaive(needs: WaiveNeeds): Waive {
  const { db, audit, gate, people, arePeople } = needs;
  return async (by, { person, course, part, reason }) => {
    await gate.refresh();
    const person_id = parsePublicId('per', person);
    const version = (await gate.library()).newest('package', course);
    const text = version?.text();
    if (version === null || text === undefined) throw educationFailure('TEXT_NOT_FOUND');
    if (!isCmi5(text)) throw educationFailure('RUN_KIND');
    if (text.parts[part] === undefined) throw educationFailure('PART_NOT_FOUND');
    if (person_id === null || !(await people()).some(({ id }) => id === person)) throw educationFailure('PERSON_NOT_FOUND');
    await transact(db, async (tx) => {
      const acting = { id: by.actor.id, person: by.person };
      if ((await whyNotOneOfTwo(acting, null, () => arePeople(tx))) !== null || whoActs(acting) === person) throw educationFailure('SECOND_EYES');
      const now = gate.now();
      const before = await holdNewestRun(tx, person_id, course);
      if (before?.state === 'passed' && before.hash === version.hash) throw educationFailure('PART_DONE');
      const isOpen = before?.state === 'open' && before.hash === version.hash;
      const run: RunRow = isOpen ? before : {
        run_id: uuidv7(), person_id, course, hash: version.hash, token: hashOf(newToken()), console: '', began_at: now,
        ends_at: new Date(now.getTime() + RUN_HOURS * 3_600_000), state: 'open', ended_at: null, saved: null,
      };
      const of = registrationOf(needs, run, text);
      if (!isOpen) {
        await insertRun(tx, run);
        await openRegistration(tx, of, now);
      }
      if (satisfiedIn(text, await countedIn(tx, run.run_id)).parts[part] === true) throw educationFailure('PART_DONE');
      const session = uuidv7();
      const result = { success: true, completion: true, extensions: { [EXTENSION.reason]: reason } };
      await insertPartStatement(tx, ourStatement(of, { verb: 'waived', about: { part }, session, at: now, result }));
      const done = await noteSatisfied(tx, of, session, now);
      // held before the head of the log, as everywhere
      if (done) await noteChange(tx, person_id);
      await audit.appendIn(tx, {
        action: 'education.part.waive', actor: by.actor, outcome: 'done', requestId: by.requestId,
        detail: { course, person, part, reason, run: publicId('run', run.run_id) },
      });
      if (done) await endRun(audit, tx, by, { run, state: 'passed', at: now });
    });
  };
} // prettier-ignore
