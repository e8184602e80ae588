/** What parts of courses leave behind: what a result rests on stays with its run, the rest goes in time, and all of it with a run that nobody ended. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { transact, type Db } from '#platform/db';
import { uuidv7, type Uuid } from '#platform/ids';

import { tidyPackages } from '../packages/tidy.ts';
import { dropAllowed, FIRST_RUN } from '../store/left.ts';
import { insertPartStatement } from '../store/part-statements.ts';
import { holdVersions } from '../store/versions.ts';
import { educationWorlds, later } from '../testing-gate.ts';
import { VERBS } from './words.ts';

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

/** With so many answers each. */
async function ended(db: Db, runs: number, answers: number, at: Date): Promise<void> {
  await db`
    with made as (
      insert into education.course_runs (run_id, person_id, course, hash, token, console, began_at, ends_at, state, ended_at)
      select gen_random_uuid(), gen_random_uuid(), 'many', 'many', gen_random_uuid(), 'x', ${at}, ${at}, 'passed', ${at} from generate_series(1, ${runs}) returning run_id)
    insert into education.part_statements (run_id, statement_id, seq, session_id, part, kind, verb, object, said_at, stored_at, sha256, statement)
    select run_id, gen_random_uuid(), n, gen_random_uuid(), 0, 'allowed', 'x:a', 'x:b', ${at}, ${at}, '', '{}' from made, generate_series(1, ${answers}::integer) n`;
} // prettier-ignore
const answersIn = async (db: Db): Promise<number> => (await db`select from education.part_statements where kind = 'allowed'`).count; // prettier-ignore

test('answers go so many runs at a time, none is forgotten between two steps, and no step waits for a course that is published', async () => {
  const { db } = await world('steps', 'nothing');
  const now = new Date();
  await db`delete from education.part_statements s using education.course_runs r where r.run_id = s.run_id and r.state <> 'open' and s.kind = 'allowed'`;
  const before = await answersIn(db);
  await ended(db, 25, 4, later(now, -91));
  await ended(db, 25, 4, later(now, -1));
  // one step is of so many runs, and says where the next one begins
  const first = await transact(db, (tx) => dropAllowed(tx, { after: FIRST_RUN, most: 3 }, later(now, 1)));
  assert.ok(first !== null);
  assert.ok((await answersIn(db)) >= before + 200 - 12);
  const held = Promise.withResolvers<void>();
  const [holding, goes] = [Promise.withResolvers<void>(), held.promise];
  const publishes = transact(db, async (tx) => {
    await holdVersions(tx);
    holding.resolve();
    await goes;
  });
  await holding.promise;
  const tidied = tidyPackages(db, now, 7);
  const old = async () => (await db`select from education.part_statements s join education.course_runs r using (run_id) where s.kind = 'allowed' and r.ended_at < ${later(now, -90)}`).count; // prettier-ignore
  const until = Date.now() + 60_000;
  while ((await old()) > 0 && Date.now() < until) await new Promise((resolve) => void setTimeout(resolve, 20));
  const left = await old();
  held.resolve();
  await Promise.all([publishes, tidied]);
  assert.equal(left, 0, 'while a course is published');
  assert.ok((await answersIn(db)) >= before + 100 - 12, 'those of runs that ended yesterday stay');
});

test('runs that were left are dropped so many at a time until none is left, each with all that was in it', async () => {
  const { db } = await world('dropped', 'nothing');
  const now = new Date();
  await db`
    insert into education.versions (kind, text_id, seq, hash, locale, material, source, published_by, published_at)
    values ('package', 'dropped', 1, 'd', 'en', false, '{}', 'x', ${now})`;
  for (let n = 0; n < 17; n += 1) {
    const run_id = uuidv7();
    // those that are waived stay, and are in front of the others
    const waived = n < 5;
    await db`
      insert into education.course_runs (run_id, person_id, course, hash, token, console, began_at, ends_at)
      values (${run_id}, ${uuidv7()}, 'dropped', 'd', ${uuidv7()}, 'x', ${later(now, -100)}, ${later(now, waived ? -99 : -91 - (n % 5))})`;
    await insertPartStatement(db, { run_id, statement_id: uuidv7(), session_id: uuidv7(), part: 0, kind: waived ? 'ours' : 'defined', verb: waived ? VERBS.waived : 'x:y', object: 'x:z', said_at: now, stored_at: now, sha256: '', statement: '{}' }); // prettier-ignore
  }
  await tidyPackages(db, now, 2);
  assert.equal((await db`select from education.course_runs where course = 'dropped'`).count, 5);
  assert.equal((await db`select from education.part_statements s where not exists (select from education.course_runs r where r.run_id = s.run_id)`).count, 0); // prettier-ignore
});

test('what a course left with its learner goes 90 days after their last run of it; preferences, after their last of any', async () => {
  const { db } = await world('profiles', 'nothing');
  const now = new Date();
  const long = later(now, -200);
  const person = async (runs: readonly (readonly [string, Date | null])[], kept: readonly string[], at = long) => {
    const person_id = uuidv7();
    for (const [course, ended_at] of runs)
      await db`
        insert into education.course_runs (run_id, person_id, course, hash, token, console, began_at, ends_at, state, ended_at)
        values (${uuidv7()}, ${person_id}, ${course}, 'p', ${uuidv7()}, 'x', ${long}, ${ended_at ?? later(now, 1)}, ${ended_at === null ? 'open' : 'passed'}, ${ended_at})`;
    for (const course of kept)
      await db`
        insert into education.part_documents (shelf, name, person_id, run_id, type, bytes, updated_at)
        values (${course === '' ? `learner ${person_id}` : `agent ${person_id} ${course}`}, 'x', ${person_id}, null, 'text/plain', ${Buffer.from('2')}, ${at})`;
    return async () => (await db<{ shelf: string }[]>`select shelf from education.part_documents where person_id = ${person_id} order by shelf`).map(({ shelf }) => shelf.split(' ')[2] ?? ''); // prettier-ignore
  };
  const all = [
    await person([['old', later(now, -91)]], ['old', '']),
    await person([['old', later(now, -91)], ['new', later(now, -89)]], ['old', 'new', '']), // prettier-ignore
    await person([['old', later(now, -150)], ['old', null]], ['old', 'older', '']), // prettier-ignore
    await person([], ['dropped', '']),
    // looked at again a while ago
    await person([['old', later(now, -91)]], ['old', ''], later(now, -5)),
  ];
  await tidyPackages(db, now, 2);
  assert.deepEqual(await Promise.all(all.map((each) => each())), [[], ['new', ''], ['old', ''], [], ['old', '']]);
});
