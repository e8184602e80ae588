/** Counts with noise, their budget, and the commands. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { childEnvironment } from '#platform/config';

import type { Answer, Json } from './testing.ts';
import type { Running } from './exports.test.ts';

const counting = (name: string, more: object = {}) => ({
  name, kind: 'counts', collection: 'patient', purpose: 'analytics', recipient: { name, where: 'inside' },
  dimensions: { illness: {}, born: { step: 'year', values: ['1980', '1981'] }, area: { step: 'prefix:3', values: ['761'] } }, budgetMilli: 1000, maxEpsilonMilli: 1000, ...more,
}); // prettier-ignore

export function countsAreOfPeople(of: () => Running): void {
  const command = (role: string, args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> =>
    new Promise((resolve) => {
      const environment = childEnvironment({
        STRONGROOM_URL: of().urlOf(1),
        STRONGROOM_KEY: of().keys.get(role) as string,
      });
      const path = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
      const child = execFile(process.execPath, [path, 'collection', ...args], { env: environment }, (_, out, err) =>
        resolve({ code: child.exitCode, out, err }),
      );
    });

  const count = (id: string, body: object, server = 0, role = 'analyst'): Promise<Answer> =>
    of().as(role, 'POST', `${of().EXPORTS}/profiles/${id}/counts`, body, server);

  test('counts are of people, into groups that were named before; with so little noise they are exact', async () => {
    const { approved, PEOPLE, person, logged } = of();
    const id = await approved(counting('exact', { budgetMilli: 100_000, maxEpsilonMilli: 100_000 }));
    const { body } = await count(id, { by: ['born', 'area'], epsilonMilli: 60_000 });

    // the second record of the first person counts nobody; who was erased is not there
    const people = Array.from({ length: PEOPLE }, (_, n) => ({ n, ...person(n) })).filter(({ n }) => n !== 40);
    const cells = new Map((body['cells'] as { group: string[]; count: number }[]).map((cell) => [cell.group.join(), cell.count])); // prettier-ignore
    assert.deepEqual(body['by'], ['area', 'born']);
    assert.equal(cells.size, 6);
    const first = cells.get('761,1980') as number;
    assert.ok([first, first + 1].includes(people.filter(({ born, area }) => born.startsWith('1980') && area.startsWith('761')).length)); // prettier-ignore
    assert.equal(
      [...cells.values()].reduce((sum, each) => sum + each, 0),
      people.length,
    );
    assert.equal(cells.get(','), 2);
    const opened = (await logged('vault.export')).filter(({ detail }) => detail.counts === 'exact');
    assert.deepEqual([opened[0]?.['detail'].clear, opened[0]?.['detail'].masked], [[], ['area', 'born']]);
  });

  test('the same question gets the same answer, from both servers at once and paid once; another round is paid anew', async () => {
    const { approved, as, EXPORTS } = of();
    const id = await approved(counting('same'));
    const ask = { by: ['illness'], epsilonMilli: 100 };
    const answers = await Promise.all([0, 1, 0, 1].map((server) => count(id, ask, server)));
    const [first] = answers.map(({ body }) => body) as [Json];

    for (const { body } of answers) assert.deepEqual([body['id'], body['cells']], [first['id'], first['cells']]);
    assert.equal(answers.filter(({ body }) => body['repeated'] === false).length, 1);
    assert.deepEqual((await count(id, { ...ask, by: ['illness', 'illness'] })).body['cells'], first['cells']);
    const anew = await count(id, { ...ask, round: '2026-12' }, 1);
    assert.equal(anew.body['spentMilli'], 200);
    const { body } = await as('auditor', 'GET', `${EXPORTS}/counts`);
    assert.deepEqual((body['budgets'] as Json[]).find(({ profile }) => profile === 'same'), { profile: 'same', recipient: 'same', purpose: 'analytics', budgetMilli: 1000, spentMilli: 200 }); // prettier-ignore
  });

  test('a budget is never spent twice: of many questions to two servers at once as many are answered as it pays for', async () => {
    const { approved, fresh, as, EXPORTS } = of();
    const id = await approved(counting('raced'));
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => count(id, { by: ['illness'], epsilonMilli: 300, round: `r${n}` }, n % 2))); // prettier-ignore

    const codes = answers.map(({ status, body }) => (status === 200 ? 'answered' : (body['code'] as string)));
    assert.equal(codes.filter((code) => code === 'answered').length, 3);
    assert.equal(codes.filter((code) => code === 'COLLECTION_COUNT_BUDGET').length, 5);
    const [ledger] = await fresh.db`
      select (select spent_milli::int from collection.count_budgets where recipient = 'raced') as spent,
        (select sum(epsilon_milli)::int from collection.count_answers where recipient = 'raced') as paid`;
    assert.deepEqual({ ...ledger }, { spent: 900, paid: 900 });
    const known = answers.findIndex(({ status }) => status === 200);
    assert.equal((await count(id, { by: ['illness'], epsilonMilli: 300, round: `r${known}` })).status, 200, 'what was paid is told again'); // prettier-ignore

    // a profile of the same recipient and purpose has the same budget, spent as it is; two cannot hold
    const twin = await as('dpo', 'POST', `${EXPORTS}/profiles`, { ...counting('raced'), name: 'twin' });
    assert.equal((await as('dpo2', 'POST', `${EXPORTS}/profiles/${twin.body['id']}/approve`, { hash: twin.body['hash'] })).body['code'], 'COLLECTION_EXPORT_PROFILE_STATE'); // prettier-ignore
    const larger = await approved(counting('raced', { budgetMilli: 1300 }));
    assert.equal((await count(larger, { by: [], epsilonMilli: 400 })).body['spentMilli'], 1300);
    assert.equal((await count(larger, { by: [], epsilonMilli: 1 })).body['code'], 'COLLECTION_COUNT_BUDGET', 'of another question too'); // prettier-ignore
  });

  test('the commands write what leaves into a new file, say how coarse it is, and what a count cost', async () => {
    const { approved, records, RESEARCH, home } = of();
    const id = await approved(records('by-command', RESEARCH, { k: 5, l: 2, maxSuppressedPercent: 10 }));
    const out = join(home, 'moves.jsonl');
    const ran = await command('analyst', ['export', 'run', id, '--out', out]);
    assert.deepEqual([ran.code, ran.err.includes('COLLECTION_EXPORT_FIELD_DENIED')], [3, true]);
    const whole = await command('dpo', ['export', 'run', id, '--out', out]);
    assert.match(whole.out, /\n {2}area: exact\n {2}born: year\n {2}measured: 2 groups, k 2\d, l 3 of illness\n/);
    assert.match(
      whole.out,
      new RegExp(
        createHash('sha256')
          .update(await readFile(out))
          .digest('hex'),
      ),
    );
    const counted = await command('analyst', ['counts', 'ask', await approved(counting('told')), '--by', 'illness', '--epsilon-milli', '250']); // prettier-ignore
    assert.match(counted.out, /by illness, ε 0.25; 250 spent[^]*-?\d+ {2}asthma\n/);
  });

  test('what is not counted by, costs too much, or may not even be seen masked, is not counted', async () => {
    const { approved } = of();
    const id = await approved(counting('refused', { maxEpsilonMilli: 500 }));
    for (const body of [
      { by: ['name'], epsilonMilli: 1 },
      { by: ['illness'], epsilonMilli: 501 },
    ])
      assert.equal((await count(id, body)).body['code'], 'COLLECTION_COUNT_INVALID');
    for (const body of [
      { by: ['illness'], epsilonMilli: 0 },
      { by: ['illness'], epsilonMilli: 0.5 },
      { by: ['illness'] },
    ])
      assert.equal((await count(id, body)).status, 400);
    assert.equal((await count(id, { by: ['illness'], epsilonMilli: 1 }, 0, 'auditor')).body['code'], 'ACCESS_DENIED');
    const health = await approved(counting('health', { purpose: 'health' }));
    assert.equal((await count(health, { by: ['illness'], epsilonMilli: 1 }, 0, 'dpo')).body['code'], 'COLLECTION_EXPORT_FIELD_DENIED'); // prettier-ignore
  });

  test('who objects after the export was made ready, or is restricted, is not in what leaves: it ends', async () => {
    const { withOpenSpool, approved, records, asking, as, subjects, reportOf } = of();
    const { exports } = withOpenSpool();
    const id = await approved(records('withdrawn-late', { name: { as: 'clear' } }));
    const lines = async (): Promise<number> => {
      const ready = await exports.run(await asking(), id);
      return (await Array.fromAsync(ready.lines)).join('').split('\n').length - 1;
    };
    const before = await lines();

    const objecting = await exports.run(await asking(), id);
    const said = await as('application', 'POST', '/v1/privacy/consents', { holder: { subject: subjects[41] }, said: [{ purpose: 'analytics', said: 'objected' }], method: 'web' }, 1); // prettier-ignore
    assert.equal(said.status, 201, JSON.stringify(said.body));
    await assert.rejects(Array.fromAsync(objecting.lines), { code: 'COLLECTION_EXPORT_CUT' });
    assert.equal((await reportOf(objecting.id))['state'], 'cut');
    assert.equal(await lines(), before - 1, 'one that begins after it has the others');

    const restricted = await exports.run(await asking(), id);
    assert.equal((await as('dpo', 'POST', `/v1/vault/subjects/${subjects[42]}/restriction`, { reason: 'accuracy' }, 1)).status, 204); // prettier-ignore
    await assert.rejects(Array.fromAsync(restricted.lines), { code: 'COLLECTION_EXPORT_CUT' });
    assert.equal(await lines(), before - 2);
  });
}
