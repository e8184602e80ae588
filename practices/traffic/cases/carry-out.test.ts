import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import { migrate } from '#platform/db';
import { publicId, uuidv7 } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { trafficFailure } from '../failures.ts';
import { trafficSealing } from '../record/block.ts';
import { insertDelivery } from '../store/measures.ts';
import { createCarryOut } from './carry-out.ts';

async function ordered(t: TestContext) {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'traffic', folder: new URL('../sql/', import.meta.url) }]);
  const [found, playbook, id] = [uuidv7(), uuidv7(), uuidv7()];
  const sealing = trafficSealing(randomBytes(32));
  await db`insert into traffic.cases (case_id, about, title, severity, state, entity, attack, rules, alerts, customers, opened_at, last_at)
    values (${found}, 'x', 'made', 4, 'open', '{}', '{}', '{}', 0, 0, now(), now())`;
  await db`insert into traffic.playbooks (playbook_id, rule, severity, action, seconds, mode, per_hour, by, at)
    values (${playbook}, null, 1, 'revoke-key', 60, 'on', 9, 'per_1', now())`;
  const order = { action: 'revoke-key', target: 'key_1', seconds: 60, caseId: publicId('case', found), by: `playbook ${playbook}`, reason: 'x' };
  await db.begin((tx) => insertDelivery(tx, id, 'action', sealing.seal(id, [order])));
  return {
    db,
    server: (revokeKey: () => Promise<void>, revokedAt: string | null = null) =>
      createCarryOut({ db, sealing, clock: () => new Date(), measures: {} as never, revokeKey, revokedAt: () => Promise.resolve(revokedAt), endSessions: revokeKey, stepUp: revokeKey, onTrouble: () => undefined }),
    said: async () => (await db<{ kind: string }[]>`select kind from traffic.case_steps`).map(({ kind }) => kind),
  };
} // prettier-ignore

test('an order that two servers carry out, as the first is slow, is said to be done once and never to have failed', async (t) => {
  const { db, server, said } = await ordered(t);
  const other = server(() => Promise.resolve());
  const slow = server(async () => {
    // its minute is over
    await db`update traffic.deliveries set due_at = now()`;
    await other.runDue();
    throw trafficFailure('NOT_FOUND');
  });

  await slow.runDue();

  assert.deepEqual(await said(), ['done']);
});

test('a key that is revoked already, by somebody or by a server that died before it said so, is said to be done; one that is not there is not', async (t) => {
  const refused = (): Promise<void> => Promise.reject(trafficFailure('NOT_FOUND'));
  const [revoked, missing] = [await ordered(t), await ordered(t)];

  await revoked.server(refused, '2026-01-01T00:00:00Z').runDue();
  await missing.server(refused).runDue();

  assert.deepEqual([await revoked.said(), await missing.said()], [['done'], ['failed']]);
});
