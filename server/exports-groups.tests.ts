/** Every group that leaves is of enough people, or nothing leaves. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import type { Json } from './testing.ts';
import type { Running } from './exports.test.ts';

export function groupsAreLarge(of: () => Running): void {
  test('every group that leaves has k people and l values; the rest is left out within the budget, and the report says so', async () => {
    const { approved, records, RESEARCH, run, PEOPLE, reportOf, logged } = of();
    const id = await approved(records('research', RESEARCH, { k: 5, l: 2, maxSuppressedPercent: 10, recipient: { name: 'university', where: 'outside' } })); // prettier-ignore
    const { lines, text, run: runId } = await run(id);

    const groups = new Map<string, { people: Set<string>; values: Set<string> }>();
    for (const row of lines) {
      const key = JSON.stringify([row['born'], row['area']]);
      const group = groups.get(key) ?? { people: new Set<string>(), values: new Set<string>() };
      group.people.add(row['@subject']);
      group.values.add(row['illness']);
      groups.set(key, group);
    }
    const k = Math.min(...[...groups.values()].map(({ people }) => people.size));
    const l = Math.min(...[...groups.values()].map(({ values }) => values.size));
    assert.ok(k >= 5 && l >= 2);
    assert.equal(lines.length, PEOPLE - 2, 'the two who are alone are left out');
    assert.doesNotMatch(text, /Zzname|zzmail|99999/);
    assert.deepEqual(Object.keys(lines[0] as Json), Object.keys(RESEARCH), 'in the order of the profile');
    const { report, state } = await reportOf(runId);
    assert.equal(state, 'sent');
    assert.deepEqual(report, {
      records: PEOPLE, suppressed: 2, further: 1, generalised: { born: 'year', area: 'exact' },
      measured: { rows: PEOPLE - 2, groups: groups.size, k, l: { illness: l } }, sha256: createHash('sha256').update(text).digest('hex'),
    }); // prettier-ignore
    // rows are not in the order of the people, which would join two files row by row
    const again = await run(id, 'dpo', 1);
    const order = (rows: readonly Json[]): string => rows.map((row) => row['@subject']).join();
    assert.notEqual(order(again.lines), order(lines));
    assert.deepEqual(
      again.lines.map((row) => String(row['@subject'])).toSorted(),
      lines.map((row) => String(row['@subject'])).toSorted(),
    );
    const [entry] = (await logged('collection.export.run')).filter(({ detail }) => detail.run === runId);
    assert.equal(entry?.['detail'].k, k);
    const opened = (await logged('vault.export')).filter(({ detail }) => detail.export === runId);
    assert.deepEqual(opened[0]?.['detail'].clear, ['area', 'illness']);
    assert.deepEqual(opened[0]?.['detail'].masked, ['born'], 'what leaves coarse does not leave in clear');

    const other = await run(await approved(records('desk', { '@subject': { as: 'pseudonym' }, email: { as: 'pseudonym' } }))); // prettier-ignore
    const known = new Set(lines.map((row) => row['@subject'] as string));
    assert.ok(
      other.lines.every((row) => !known.has(row['@subject'])),
      'two recipients cannot join what they have',
    );
    assert.equal(new Set(other.lines.map((row) => row['@subject'])).size, PEOPLE);
  });

  test('many records of one person are one person: a group of them alone is no group', async () => {
    const { call, keys, person, RESEARCH, run, approved, records, reportOf, as } = of();
    const { body } = await call('POST', '/v1/vault/records', { key: keys.get('application') as string, body: { collection: 'patient', fields: { ...person(3), area: '11111', born: '1950-01-01' } } }); // prettier-ignore
    const extra = Array.from({ length: 5 }, (_, n) => ({ subject: { id: body['subjectId'] }, fields: { ...person(n), area: '11111', born: '1950-01-01' } })); // prettier-ignore
    await call('POST', '/v1/vault/records/batch', { key: keys.get('application') as string, body: { collection: 'patient', records: extra } }); // prettier-ignore
    const { '@subject': _, ...fields } = RESEARCH;
    const { lines, run: runId } = await run(
      await approved(records('everyone', fields, { k: 5, maxSuppressedPercent: 15 })),
    );

    assert.ok(lines.every(({ area }) => area !== '11111'));
    assert.equal((await reportOf(runId))['report'].suppressed, 8);
    assert.equal((await as('dpo', 'DELETE', `/v1/vault/subjects/${body['subjectId']}`)).status, 200);
  });

  test('where more would have to be left out than is allowed, and where the policies do not let a field leave, nothing does', async () => {
    const { approved, records, RESEARCH, run, logged, as, EXPORTS } = of();
    const strict = await approved(records('strict', RESEARCH, { k: 200, maxSuppressedPercent: 10 }));
    await assert.rejects(run(strict), { code: 'COLLECTION_EXPORT_NOT_ANONYMOUS', allowed: 6 });
    const whole = await approved(records('whole', { illness: { as: 'clear' } }));
    await assert.rejects(run(whole, 'analyst'), { code: 'COLLECTION_EXPORT_FIELD_DENIED', fields: ['illness'] });
    await assert.rejects(run(await approved(records('coarse', { born: { as: 'coarsen', steps: ['year'] } })), 'analyst'), { code: 'COLLECTION_EXPORT_FIELD_DENIED' }); // prettier-ignore
    await assert.rejects(run(whole, 'application'), { code: 'ACCESS_DENIED' });
    const masks = await run(await approved(records('masks', { name: { as: 'mask' }, income: { as: 'coarsen', steps: ['range:10000'] } })), 'analyst'); // prettier-ignore
    const rich = masks.lines.filter(({ income }) => income === '[50000,60000)');
    assert.equal(rich.length, 10);
    for (const row of rich) assert.match(row['name'], /^Z••• .?•••$/);

    const refused = (await logged('collection.export.run')).filter(({ outcome }) => outcome === 'denied');
    assert.deepEqual(refused.map(({ detail }) => detail.code), ['COLLECTION_EXPORT_NOT_ANONYMOUS', 'COLLECTION_EXPORT_FIELD_DENIED', 'COLLECTION_EXPORT_FIELD_DENIED']); // prettier-ignore
    const states = ((await as('auditor', 'GET', `${EXPORTS}/runs`)).body['runs'] as Json[]).map(({ state, refused: because }) => [state, because]); // prettier-ignore
    assert.deepEqual(states.slice(0, 3), [['sent', null], ['refused', 'COLLECTION_EXPORT_FIELD_DENIED'], ['refused', 'COLLECTION_EXPORT_FIELD_DENIED']]); // prettier-ignore
  });
}
