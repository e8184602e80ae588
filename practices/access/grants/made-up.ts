/** Requests that an exercise makes up for its learner to decide on: nobody holds them, and nobody else is shown them. */
import { transact } from '#platform/db';
import { subjectIdText, uuidv7, type SubjectId } from '#platform/ids';
import type { DataClass } from '#practices/collection';

import { whoActs, type Actor } from '../decide.ts';
import { insertGrant, type GrantRow } from '../store/grants.ts';
import { asGrantView } from './grant-view.ts';
import { scopeHash, scopeText } from './scope.ts';
import type { GrantSteps } from './steps.ts';
import { isOfExercise } from './within.ts';

export type MadeUpAsk = Readonly<{
  subject: SubjectId;
  role: string;
  purpose: string;
  classes: readonly DataClass[];
  minutes: number;
  reads: number;
  reason: string;
}>;

/** As who asks. */
const NOBODY = 'exercise';
const WAIT_SECONDS = 3 * 3600;

/** Nobody decides on it but its learner, who sees what they asked for in it also after. */
export const isOfAnotherExercise = (actor: Actor, row: GrantRow): boolean =>
  (row.exercise || row.requested_by === NOBODY) &&
  row.requested_by !== whoActs(actor) &&
  !isOfExercise(actor, asGrantView(row).scope.subjects);

export async function makeUpRequest({ needs, logged }: Pick<GrantSteps, 'needs' | 'logged'>, ask: MadeUpAsk): Promise<void> {
  const { subject, role, purpose, classes, minutes, reads, reason } = ask;
  const id = uuidv7(needs.clock().getTime());
  const seconds = minutes * 60;
  const text = scopeText(id, 'jit', { purpose, classes, subjects: [subjectIdText(subject)], case: null, reads, seconds });
  const training = { effect: 'open', lacks: [], exercise: new Set([subject]) } as const;
  const actor: Actor = { kind: 'system', id: 'education', name: 'education', role: '', scope: { purposes: [], classes: [], collections: [] }, expiresAt: null, training };
  await transact(needs.db, async (tx) => {
    await insertGrant(tx, {
      grant_id: id, kind: 'jit', holder: uuidv7(), requested_by: NOBODY, role, scope: text, scope_hash: Buffer.from(scopeHash(text), 'hex'),
      reads, seconds, reason, incident: null, needed: 1, extends: null, exercise: true, waitSeconds: WAIT_SECONDS,
    });
    await logged(tx, { actor }, 'request', id);
  });
} // prettier-ignore
