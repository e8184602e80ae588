/** The end of a run of a course made elsewhere, whichever kind it is of: once, in the log, and as a pass that says whose word it is. */
import type { Audit } from '#platform/audit';
import type { Tx } from '#platform/db';
import { publicId, uuidv7 } from '#platform/ids';

import type { By } from '../by.ts';
import { noteChange } from '../store/changes.ts';
import { noteRun, type RunRow } from '../store/runs.ts';
import { insertPass } from '../store/sittings.ts';

type Ended = Readonly<{ run: RunRow; state: 'passed' | 'failed'; at: Date }>;

/** Of one that is held and open. */
export async function endRun(audit: Pick<Audit, 'appendIn'>, tx: Tx, by: By, { run, state, at }: Ended): Promise<void> {
  const { run_id, person_id, course, hash } = run;
  // where it ends by what somebody else said
  const person = publicId('per', person_id);
  if (state === 'passed') await noteChange(tx, person_id);
  const { index } = await audit.appendIn(tx, {
    action: state === 'passed' ? 'education.course.pass' : 'education.course.fail', actor: by.actor, outcome: 'done', requestId: by.requestId,
    detail: { course, lesson: hash, run: publicId('run', run_id), evidence: 'client', ...(by.person === person ? {} : { person }) },
  });
  if (state === 'passed')
    await insertPass(tx, {
      pass_id: uuidv7(), person_id, course, lesson_hash: hash, sitting_id: run_id, passed_at: at, entry: index, evidence: 'client',
    });
  await noteRun(tx, { run_id, state, ended_at: at, saved: null });
} // prettier-ignore
