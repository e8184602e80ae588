/** What parts of courses leave behind: what a result rests on stays with its run, the rest goes in time, and all of it with a run that nobody ended. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uuidv7, type Uuid } from '#platform/ids';

import { tidyPackages } from '../packages/tidy.ts';
import { insertPartStatement } from '../store/part-statements.ts';
import { educationWorlds, later } from '../testing-gate.ts';

const { world } = educationWorlds();

test('answers go 90 days after the end, what a part kept with its end; statements of completion stay, and go with a run that was left', async () => {
  const { db } = await world('parts', 'nothing');
  const now = new Date();
  const run = async (state: 'open' | 'passed', ended: Date | null, ends: Date): Promise<Uuid> => {
    const [run_id, session_id] = [uuidv7(), uuidv7()];
    await db`
      insert into education.course_runs (run_id, person_id, course, hash, token, console, began_at, ends_at, state, ended_at)
      values (${run_id}, ${uuidv7()}, 'bought', 'one', ${uuidv7()}, 'x', ${later(now, -2000)}, ${ends}, ${state}, ${ended})`;
    await db`
      insert into education.part_sessions (session_id, run_id, person_id, part, mode, token, exchange, console, began_at, ends_at, state, ended_at)
      values (${session_id}, ${run_id}, ${uuidv7()}, 0, 'Normal', ${uuidv7()}, ${uuidv7()}, 'x', ${now}, ${ends}, 'terminated', ${now})`;
    for (const kind of ['ours', 'defined', 'allowed'] as const)
      await insertPartStatement(db, { run_id, statement_id: uuidv7(), session_id, part: 0, kind, verb: 'x:y', object: 'x:z', said_at: now, stored_at: now, sha256: '', statement: '{}' }); // prettier-ignore
    await db`
      insert into education.part_documents (shelf, name, person_id, run_id, type, bytes, updated_at)
      values (${`state ${run_id} 0`}, 'bookmark', ${uuidv7()}, ${run_id}, 'text/plain', ${Buffer.from('2')}, ${now})`;
    return run_id;
  };
  const of = async (run_id: Uuid) => {
    const kinds = await db<{ kind: string }[]>`select kind from education.part_statements where run_id = ${run_id} order by seq`; // prettier-ignore
    const documents = await db`select from education.part_documents where run_id = ${run_id}`;
    return [kinds.map(({ kind }) => kind).join(' '), documents.count];
  };
  const goesOn = await run('open', null, later(now, 5));
  const fresh = await run('passed', later(now, -1), now);
  const old = await run('passed', later(now, -91), later(now, -91));
  const left = await run('open', null, later(now, -91));
  await assert.rejects(
    async () => db`delete from education.part_statements where run_id = ${goesOn}`,
    /statements stay/,
  );
  await assert.rejects(async () => db`delete from education.part_statements where run_id = ${old} and kind = 'defined'`, /statements stay/); // prettier-ignore

  await tidyPackages(db, now);
  assert.deepEqual(await Promise.all([goesOn, fresh, old, left].map(of)), [
    ['ours defined allowed', 1],
    ['ours defined allowed', 0],
    ['ours defined', 0],
    ['', 0],
  ]);
  assert.equal((await db`select from education.part_sessions where run_id = ${left}`).count, 0);
});
