/** A request that is sent again while the first is still under way gets the first one's answer, not a refusal of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { transact } from '#platform/db';

import { idempotency, once, type Answer } from './idempotency.ts';
import type { Vault } from './index.ts';
import { callerFor, putOne, testInstallation } from './testing.ts';

test('a change and a deletion that arrive twice at once are answered twice alike', async (t) => {
  const place = await testInstallation();
  t.after(() => place.close());
  const servers = [await place.server(), await place.server()] as const;
  const id = await putOne(servers[0], 'again-1', { last_name: 'Before' });
  const application = callerFor('application');
  const change = (vault: Vault): Promise<Answer> => {
    const kept = idempotency(vault.core, 'actor', 'key-of-change', ['patch']);
    const view = (version: number): Answer => ({ status: 200, body: { version } });
    return once(kept, async () => {
      const ask = { id, seen: 1, change: { fields: { last_name: 'After' } } };
      const made = await vault.patch(application, { ...ask, remember: async (tx, { version }) => kept?.keep(tx, view(version)) }); // prettier-ignore
      return view(made.version);
    });
  };
  const remove = (vault: Vault): Promise<Answer> => {
    const kept = idempotency(vault.core, 'actor', 'key-of-removal', ['delete']);
    const view = (index: bigint): Answer => ({ status: 200, body: { index: Number(index) } });
    return once(kept, async () => view(await vault.remove(application, id, async (tx, index) => kept?.keep(tx, view(index))))); // prettier-ignore
  };
  const waiting = async (): Promise<number> => (await place.db<{ n: number }[]>`
    select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)[0]?.n ?? 0; // prettier-ignore

  for (const work of [change, remove]) {
    const { both } = await transact(place.db, async (tx) => {
      await tx`select from vault.keyrings where subject_id = ${id.subjectId} for update`;
      const answers = Promise.allSettled(servers.map(work));
      while ((await waiting()) < 2) await sleep(5);
      return { both: answers };
    });
    const [first, second] = await both;

    assert.equal(first?.status, 'fulfilled', JSON.stringify(first));
    assert.deepEqual(second, first);
  }
  await assert.rejects(
    once(idempotency(servers[0].core, 'actor', 'key-of-change', ['another']), () => change(servers[0])),
    {
      code: 'VAULT_IDEMPOTENCY_KEY_REUSED',
    },
  );
});
