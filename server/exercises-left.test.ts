/** What a server that fails, or dies, while it sets an exercise up leaves behind: nobody, and nothing that they asked for. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failure } from '#platform/failure';
import { uuidv7, type SubjectId } from '#platform/ids';

import { exerciseStage } from './exercise-stage.ts';
import { staffedSystems, type Staffed } from './testing-education.ts';

const BY = { actor: { kind: 'system', id: 'education' } } as const;

let world: Staffed;
before(async () => {
  world = await staffedSystems();
});
after(() => world.two.close());

const begin = (cookie: string, id: string) => world.two.call('POST', `/v1/education/exercises/${id}/tries`, { cookie });
const count = async (): Promise<Readonly<{ people: number; requests: number; here: number }>> => {
  const [row] = await world.two.fresh.db`
    select (select count(*)::int from vault.records where expires_at is not null) as people,
      (select count(*)::int from privacy.requests where closed_at is null) as requests,
      (select count(*)::int from education.exercise_customers where gone_at is null) as here`;
  return row as { people: number; requests: number; here: number };
};
const NOBODY = { people: 0, requests: 0, here: 0 };

/** Each row that is put into it fails, until the work is done. */
async function failing<T>(table: string, work: () => Promise<T>): Promise<T> {
  const { db } = world.two.fresh;
  await db.unsafe(`create function public.fails() returns trigger language plpgsql as $$ begin raise exception 'it fails'; end $$;
    create trigger fails before insert on ${table} for each row execute function public.fails()`);
  try {
    return await work();
  } finally {
    await db.unsafe(`drop trigger fails on ${table}; drop function public.fails()`);
  }
}

test('what fails while a try is set up, or begins, is as if it never was', async () => {
  const { cookie } = await world.somebody(['dpo']);
  for (const table of ['privacy.requests', 'education.exercise_tries', 'education.exercise_customers']) {
    const begun = await failing(table, () => begin(cookie, 'answer-an-access-request'));
    assert.equal(begun.status, 500, table);
    assert.deepEqual(await count(), NOBODY, table);
  }
  const { cookie: other } = await world.somebody(['security']);
  assert.equal((await failing('education.exercise_tries', () => begin(other, 'refuse-without-purpose'))).status, 500);
  assert.deepEqual(await count(), NOBODY);
  const [waiting] = await world.two.fresh.db`
    select count(*)::int as n from access.grants where requested_by = 'exercise' and state = 'pending'`;
  assert.equal(waiting?.n, 0);
});

test('what took so long to set up that a sweep may be at it already does not begin', async () => {
  const { db } = world.two.fresh;
  const { cookie } = await world.somebody(['dpo']);
  await db.unsafe(`create function public.slow() returns trigger language plpgsql as $$ begin new.made_at = now() - interval '11 minutes'; return new; end $$;
    create trigger slow before insert on education.exercise_customers for each row execute function public.slow()`);
  const begun = await begin(cookie, 'answer-an-access-request');
  await db.unsafe('drop trigger slow on education.exercise_customers; drop function public.slow()');
  assert.equal(begun.body.code, 'EDUCATION_EXERCISE_UNSET', JSON.stringify(begun.body));
  assert.deepEqual(await count(), NOBODY);
});

test('whom a server left that died before the try began is found by the row that their making wrote, with what they asked', async () => {
  const { db } = world.two.fresh;
  const { vault, privacy, education } = world.two.systems[0];
  const tryId = uuidv7();
  const [left] = (await vault.canaries.plantGiven([{ first_name: 'Left', last_name: 'Example' }], 3_600_000, async (tx, [subject]) => {
    await tx`insert into education.exercise_customers (subject_id, try_id, name) values (${subject as SubjectId}, ${tryId}, 'left')`;
  })) as readonly [SubjectId]; // prettier-ignore
  const proofs = [{ means: 'mail-code', at: new Date().toISOString() }] as const;
  await privacy.requests.ask(BY, { subjectId: left, kind: 'access', words: 'mine', proofs });

  await education.exercises.sweep();
  assert.deepEqual(await count(), { people: 1, requests: 1, here: 1 }, 'it may be about to begin');
  await db`alter table education.exercise_customers disable trigger exercise_customers_stay`;
  await db`update education.exercise_customers set made_at = now() - interval '16 minutes' where try_id = ${tryId}`;
  await db`alter table education.exercise_customers enable trigger exercise_customers_stay`;
  await education.exercises.sweep();

  assert.deepEqual(await count(), NOBODY);
  assert.ok((await education.exercises.madeUp([left])).has(left), 'who meets them in the log sees that it was nobody');
});

test('of two of whom one cannot be taken down the other is, and what was in the way is said', async () => {
  const { db } = world.two.fresh;
  const { education } = world.two.systems[0];
  const [first, second] = [await world.somebody(['dpo']), await world.somebody(['dpo'])];
  for (const { cookie } of [first, second]) {
    const { body } = await begin(cookie, 'answer-an-access-request');
    // both servers sweep every few seconds: it is in the way before the first of them ends
    if (cookie === first.cookie)
      await db.unsafe(`create table public.stuck as select request_id from privacy.requests where closed_at is null;
        create function public.stuck() returns trigger language plpgsql as $$ begin
          if exists (select from public.stuck where request_id = new.request_id) then raise exception 'stuck'; end if; return new; end $$;
        create trigger stuck before update on privacy.requests for each row execute function public.stuck()`);
    const ended = await world.two.call('POST', `/v1/education/tries/${body.try.id}/give-up`, { cookie });
    assert.equal(ended.status, 204);
  }
  await assert.rejects(education.exercises.sweep(), /stuck/);
  assert.deepEqual(await count(), { people: 2, requests: 1, here: 2 }, 'two are in each');
  await db.unsafe('drop trigger stuck on privacy.requests; drop function public.stuck(); drop table public.stuck');
  await education.exercises.sweep();
  assert.deepEqual(await count(), NOBODY);
});

test('tries are neither deleted nor emptied, and only what has ended is tidied, once', async () => {
  const { db } = world.two.fresh;
  const { cookie } = await world.somebody(['support']);
  await begin(cookie, 'find-a-caller');
  await assert.rejects(db`delete from education.exercise_tries`, /stays as it is/);
  await assert.rejects(db`truncate education.exercise_tries`, /stays as it is/);
  await assert.rejects(db`update education.exercise_tries set tidied_at = now() where state = 'open'`, /ends once/);
  await assert.rejects(db`update education.exercise_tries set tidied_at = null where tidied_at is not null`, /ends once/);
  await assert.rejects(db`update education.exercise_customers set gone_at = null where gone_at is not null`, /stays as it is/);
}); // prettier-ignore

test('a request that changes while it is taken back is looked at again, and one that cannot be is said', async () => {
  const { privacy } = world.two.systems[0];
  let [changes, asked, closedAt] = [1, 0, null as string | null];
  const requests = {
    of: () => Promise.resolve([{ id: 'dsr_1', closedAt }]),
    withdraw: () => {
      asked += 1;
      changes -= 1;
      if (changes >= 0)
        return Promise.reject(new Failure('PRIVACY_REQUEST_STATE', { status: 409, says: '', hint: '' }));
      closedAt = 'now';
      return Promise.resolve();
    },
  };
  const stage = exerciseStage({ ...world.two.systems[0], privacy: { ...privacy, requests } } as never);
  await stage.withdraw(uuidv7() as string as SubjectId);
  assert.deepEqual([asked, closedAt], [2, 'now']);
  [changes, closedAt] = [99, null];
  await assert.rejects(stage.withdraw(uuidv7() as string as SubjectId), { code: 'PRIVACY_REQUEST_STATE' });
});

test('a try that begins holds what changed before the head of the log, as everything else does', async () => {
  const { db } = world.two.fresh;
  const { cookie } = await world.somebody(['dpo']);
  const waits: ReturnType<typeof begin>[] = [];
  await db.begin(async (tx) => {
    await tx`select from education.change_head for update`;
    waits.push(begin(cookie, 'answer-an-access-request'));
    for (let tries = 0, found = 0; tries < 6000 && found === 0; tries++) {
      await sleep(10);
      found = (await db`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%change_head%'`).count; // prettier-ignore
    }
    await tx`select from audit.head for update`;
  });
  assert.equal((await waits[0])?.status, 201);
});
