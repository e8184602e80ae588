/** Exercises over the real routes: done on made-up customers, graded by the log, and opening nobody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeIn, type Json } from './testing.ts';
import { exerciseRoom, phoneIn } from './testing-exercises.ts';

const { world, call, begin, look, handIn, search, tidy } = exerciseRoom();

test('who was never taught finds the made-up caller and nobody else, is graded by the log, and it is over', async () => {
  const { cookie } = await world().somebody(['support']);
  const { key } = await world().two.newKey('application');
  const real = {
    collection: 'customer',
    fields: { first_name: 'Noor', last_name: 'Example', company: 'Real', phone: '+49 89 99998999' },
  };
  const { body: other } = await call('POST', '/v1/vault/records', { key, purpose: 'service.support', body: real });
  assert.equal((await search(cookie, { last_name: { prefix: 'Exa' } })).status, 403);

  const begun = await begin(cookie, 'find-a-caller');

  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  assert.deepEqual([begun.body.state, begun.body.try.role, begun.body.try.lines], ['open', 'support', []]);
  const again = await begin(cookie, 'find-a-caller', 1);
  assert.equal(again.body.try.id, begun.body.try.id, 'on the other server it is the same one');
  assert.equal((await begin(cookie, 'spot-a-false-officer')).body.code, 'EDUCATION_EXERCISE_BUSY');
  assert.equal((await handIn(cookie, begun.body.try.id as string)).body.verdict, 'not-yet');

  // nobody else: not by name, not by page, not by id, not by a cursor
  const byName = await search(cookie, { last_name: { prefix: 'Exa' } }, 'service.support', { limit: 1 });
  assert.equal(byName.status, 200, JSON.stringify(byName.body));
  assert.deepEqual([byName.body.records.length, byName.body.cursor], [1, undefined]);
  assert.deepEqual((await search(cookie, { phone: '+498999998999' })).body.records, []);
  assert.deepEqual(
    (await search(cookie, { first_name: { prefix: 'Noor' } })).body.records.map(({ id }: Json) => id === other.id),
    [false, false],
  );
  for (const id of [other.id, world().recordId] as string[])
    assert.deepEqual(
      (await call('GET', `/v1/vault/records/${id}`, { cookie, purpose: 'service.support' })).status,
      403,
    );
  assert.equal(
    (
      await call('POST', '/v1/vault/records/read', {
        cookie,
        purpose: 'service.support',
        body: { ids: [byName.body.records[0].id, other.id] },
      })
    ).status,
    403,
  );
  assert.equal((await call('GET', `/v1/vault/subjects/${world().subjectId}`, { cookie })).status, 403);
  assert.equal(
    (await call('GET', '/v1/vault/export?collection=customer', { cookie, purpose: 'service.support' })).status,
    403,
  );
  assert.equal(
    (
      await call('POST', '/v1/vault/subjects/find', {
        cookie,
        purpose: 'service.support',
        body: { collection: 'customer', externalId: 'c-1' },
      })
    ).status,
    403,
  );
  const ask = {
    purpose: 'service.support',
    classes: ['sensitive'],
    subjects: [world().subjectId],
    minutes: 5,
    reads: 1,
    reason: 'why not',
  };
  assert.equal((await call('POST', '/v1/access/requests', { cookie, body: ask })).status, 403);
  assert.equal(
    (await call('GET', '/v1/privacy/requests', { cookie })).status,
    403,
    'what the role may not is not opened',
  );

  const found = await search(cookie, { phone: phoneIn(begun.body) });
  assert.equal(found.status, 200, JSON.stringify(found.body));
  assert.equal(found.body.records.length, 1);
  const [entry] = (await world().two.entriesOf('vault.search')).slice(-1);
  assert.ok(entry?.decision.policies.includes('exercise'), 'the log says by what they were let in');
  const shown = (await look(cookie, 'find-a-caller')).try;
  assert.deepEqual(
    shown.lines.map(({ kind, says }: Json) => [kind, says]),
    [['right', 'Search for the caller by the phone number']],
  );

  const graded = await handIn(cookie, begun.body.try.id as string, 1);

  assert.deepEqual([graded.status, graded.body.verdict], [200, 'passed'], JSON.stringify(graded.body));
  const record = found.body.records[0].id as string;
  assert.equal(
    (await call('GET', `/v1/vault/records/${record}`, { cookie, purpose: 'service.support' })).status,
    403,
    'its right ended with it',
  );
  assert.equal((await search(cookie, { phone: phoneIn(begun.body) })).status, 403);
  const entries = (await world().two.entriesOf('education.exercise.hand-in')).length;
  assert.deepEqual(
    (await handIn(cookie, begun.body.try.id as string)).body.verdict,
    'passed',
    'a second time it says the same',
  );
  assert.equal((await world().two.entriesOf('education.exercise.hand-in')).length, entries, 'and is no second one');
  await tidy();
  assert.equal(
    (await call('GET', `/v1/vault/records/${record}`, { key, purpose: 'service.support' })).status,
    404,
    'its customers are gone',
  );
  assert.equal((await look(cookie, 'find-a-caller')).state, 'passed');
});

test('a wrong way fails, names the entry, and how it is done; three tries, then a day', async () => {
  const { cookie } = await world().somebody(['support']);
  for (const nth of [1, 2, 3]) {
    const { body } = await begin(cookie, 'find-a-caller');
    const found = await search(cookie, { phone: phoneIn(body) });
    const { id } = found.body.records[0] as Json;
    await call('GET', `/v1/vault/records/${id}?fields=phone`, { cookie, purpose: 'service.support' });
    if (nth === 1) {
      // masked is not in clear: the other Noor is what spoils it here
      const both = await search(cookie, { first_name: { prefix: 'Noor' } });
      for (const each of both.body.records as Json[])
        await call('GET', `/v1/vault/records/${each.id}`, { cookie, purpose: 'service.support' });
      const { body: failed } = await handIn(cookie, body.try.id as string);
      assert.equal(failed.verdict, 'failed', JSON.stringify(failed));
      assert.ok(
        failed.lines.some(
          ({ kind, says, entry }: Json) =>
            kind === 'wrong' && says === 'The other Noor’s record was opened'.replace('’', "'") && entry > 0,
        ),
      );
      assert.equal((await look(cookie, 'find-a-caller')).last.verdict, 'failed');
    } else assert.equal((await call('POST', `/v1/education/tries/${body.try.id}/give-up`, { cookie })).status, 204);
  }
  const fourth = await begin(cookie, 'find-a-caller');
  assert.deepEqual([fourth.status, fourth.body.code], [429, 'EDUCATION_WAIT']);
});

test('entries of others, of keys with such a name, and of before the start are none of it; nor is another’s try', async () => {
  const { cookie, id: me } = await world().somebody(['support']);
  const { cookie: else_ } = await world().somebody(['support'], comeIn);
  const { body } = await begin(cookie, 'find-a-caller');
  const phone = phoneIn(body);

  await search(else_, { phone });
  const { audit, education } = world().two.systems[0];
  await audit.append({
    action: 'vault.search',
    actor: { kind: 'service', id: me },
    purpose: 'service.support',
    outcome: 'done',
    detail: { by: ['phone'] },
  });
  await audit.append({
    action: 'vault.search',
    actor: { kind: 'staff', id: `${me}x` },
    purpose: 'service.support',
    outcome: 'done',
    detail: { by: ['phone'], person: me },
  });

  assert.equal((await handIn(cookie, body.try.id as string)).body.verdict, 'not-yet');
  assert.equal((await handIn(else_, body.try.id as string)).body.code, 'EDUCATION_TRY_NOT_FOUND');
  assert.equal((await call('POST', `/v1/education/tries/${body.try.id}/give-up`, { cookie: else_ })).status, 404);
  const searched = await search(cookie, { phone });
  assert.equal(searched.body.records.length, 1);
  await call('POST', `/v1/education/tries/${body.try.id}/give-up`, { cookie });
  await education.exercises.sweep();
  const next = await begin(cookie, 'find-a-caller');
  assert.equal(
    (await handIn(cookie, next.body.try.id as string)).body.verdict,
    'not-yet',
    'what was done in a try before is none of this one',
  );
});
