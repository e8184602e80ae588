/** Between being made ready and leaving: sealed, asked again, and ended by who is erased. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseSubjectId, type SubjectId } from '#platform/ids';

import type { System } from './compose.ts';
import type { Running } from './exports.test.ts';

export function whatWaitsIsSealed(of: () => Running): void {
  test('what waits in the database is sealed or a HMAC, and is gone with its connection', async () => {
    const { withOpenSpool, approved, records, RESEARCH, asking, PEOPLE, fresh, reportOf } = of();
    const { exports, spool } = withOpenSpool();
    const id = await approved(records('looked-into', { ...RESEARCH, name: { as: 'clear', role: 'sensitive' } }, { k: 2, maxSuppressedPercent: 10 })); // prettier-ignore
    const ready = await exports.run(await asking(), id);

    const [looked] = await spool()<{ text: string; rows: number }[]>`
    select (select string_agg(convert_from(decode(replace(encode(person || sealed, 'hex'), '00', '01'), 'hex'), 'latin1'), '') from export_leaving) as text,
      (select count(*)::int from export_leaving) as rows`;
    assert.equal(looked?.rows, PEOPLE - 2);
    assert.doesNotMatch(looked.text, /Zzname|76130|asthma/);
    const durable = await fresh.db<{ found: number }[]>`select count(*)::int as found from pg_class where relname like 'export\\_%' and relpersistence <> 't' and relkind = 'r'`; // prettier-ignore
    assert.equal(durable[0]?.found, 3, 'profiles, runs, and who asked to be let export');
    // two at once on one server; the connection of the second is lost, as when its server is killed
    const second = await exports.run(await asking(), id);
    await assert.rejects(exports.run(await asking(), id), { code: 'COLLECTION_EXPORT_BUSY' });
    const stateOf = async (): Promise<unknown> => (await reportOf(second.id))['state'];
    assert.equal(await stateOf(), 'sending');
    await fresh.db`select pg_terminate_backend(pid) from pg_stat_activity where pid = ${(await spool()`select pg_backend_pid() as pid`)[0]?.['pid'] as number}`;
    for (let n = 0; n < 3000 && (await stateOf()) !== 'cut'; n += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(await stateOf(), 'cut');
    await assert.rejects(Array.fromAsync(second.lines), 'what waited is gone');
    await ready.close();
    await assert.rejects(Array.fromAsync(ready.lines));
  });

  test('who asked leaves while the last of it is made ready: nothing is sent, and the place is given back', async () => {
    const { approved, records, run, reportOf, fresh, urlOf, keys, as } = of();
    const id = await approved(records('left', { illness: { as: 'clear' } }));
    await fresh.db
      .unsafe(`create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return new; end $$;
      create trigger slow before update on collection.export_runs for each row when (new.state = 'sending') execute function slow()`);
    for (let n = 0; n < 3; n += 1) {
      const leaves = new AbortController();
      const asked = fetch(`${urlOf(0)}/v1/collection/exports/profiles/${id}/run`, { method: 'POST', headers: { authorization: `Bearer ${keys.get('dpo')}` }, signal: leaves.signal }); // prettier-ignore
      const isSlow = async (): Promise<boolean> => (await fresh.db`select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`).length > 0; // prettier-ignore
      while (!(await isSlow())) await new Promise((resolve) => setTimeout(resolve, 10));
      leaves.abort();
      await assert.rejects(asked, { name: 'AbortError' });
      while (await isSlow()) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await fresh.db`drop trigger slow on collection.export_runs`;
    const states = async (): Promise<string[]> => ((await as('auditor', 'GET', '/v1/collection/exports/runs')).body['runs'] as { state: string }[]).slice(0, 3).map(({ state }) => state); // prettier-ignore
    while ((await states()).some((state) => state !== 'cut')) await new Promise((resolve) => setTimeout(resolve, 10));
    const sent = await run(id);
    assert.equal((await reportOf(sent.run))['state'], 'sent');
  });

  test('who may less at the next page than at the first is refused there, and nothing leaves', async () => {
    const { withOpenSpool, approved, records, asking, logged } = of();
    const { exports } = withOpenSpool();
    const id = await approved(records('demoted', { illness: { as: 'clear' } }));
    const [dpo, analyst] = [await asking('dpo'), await asking('analyst')];
    let times = 0;
    const renew = (): ReturnType<typeof dpo.renew> => Promise.resolve((times += 1) === 1 ? dpo.actor : analyst.actor);

    await assert.rejects(exports.run({ ...dpo, renew }, id), { code: 'VAULT_DENIED', message: /illness/ });
    assert.equal((await logged('vault.export')).at(-1)?.['outcome'], 'denied');
    assert.equal((await exports.runs())[0]?.refused, 'VAULT_DENIED');
  });

  test('who is erased after the export was made ready is not in what leaves: it ends, and says so', async () => {
    const { withOpenSpool, approved, records, asking, as, subjects, reportOf, systems } = of();
    const { exports } = withOpenSpool();
    const id = await approved(records('late', { name: { as: 'clear' } }));
    const ready = await exports.run(await asking(), id);
    assert.equal((await as('dpo', 'DELETE', `/v1/vault/subjects/${subjects[40]}`)).status, 200);

    await assert.rejects(Array.fromAsync(ready.lines), { code: 'COLLECTION_EXPORT_CUT' });
    assert.equal((await reportOf(ready.id))['state'], 'cut');
    assert.equal((systems[0] as System).vault.core.catalog().collections.size, 1);
    assert.equal((await (systems[0] as System).vault.retention.living([parseSubjectId(subjects[40] as string) as SubjectId])).size, 0); // prettier-ignore
  });
}
