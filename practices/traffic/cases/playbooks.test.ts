/** What a playbook does of itself: to whom an alert names, from the severity on that it is set to, once while that holds. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import { migrate } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import type { Alert } from '../alert.ts';
import { trafficSealing } from '../record/block.ts';
import { createPlaybooks, type Order } from './playbooks.ts';
import { createTakeIn } from './take-in.ts';

const THIEF = 'key_00000000000000000000000001';

async function watching(t: TestContext) {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'traffic', folder: new URL('../sql/', import.meta.url) }]);
  const sealing = trafficSealing(randomBytes(32));
  const clock = () => new Date();
  const playbooks = createPlaybooks({ sealing, clock });
  const takeIn = createTakeIn({
    audit: { appendIn: () => Promise.resolve({}) as never },
    sealing,
    clock,
    onNews: playbooks.onNews,
    onRefused: (rule, code) => assert.fail(`${rule} ${code}`),
  });
  return {
    db,
    playbook: (action: string, severity: number) => db`
      insert into traffic.playbooks (playbook_id, rule, severity, action, seconds, mode, per_hour, by, at)
      values (${uuidv7()}, null, ${severity}, ${action}, 3600, 'on', 9, 'per_1', now())`,
    alert: (address: string, severity: Alert['severity'] = 'high') =>
      db.begin((tx) =>
        takeIn.take(tx as never, [{
          uid: uuidv7(), rule: 'behaviour.honey-record', title: 'x', severity, key: 'x', entity: { key: THIEF, actor: THIEF, address },
          time: Date.now(), events: [], reason: 'x', attack: [],
        }], () => undefined),
      ),
    ordered: async () => {
      const rows = await db<{ delivery_id: never; sealed: Buffer }[]>`select delivery_id, sealed from traffic.deliveries order by made_at`;
      return rows.map(({ delivery_id, sealed }) => sealing.open<Order>(delivery_id, sealed)[0]?.target);
    },
  };
} // prettier-ignore

test('who goes on from another address is blocked there too, each address once', async (t) => {
  const { playbook, alert, ordered } = await watching(t);
  await playbook('block-address', 4);

  for (const address of ['203.0.113.1', '203.0.113.1', '203.0.113.2', '2001:db8::1', '2001:db8::2', '203.0.113.1'])
    await alert(address);

  assert.deepEqual(await ordered(), ['203.0.113.1', '203.0.113.2', '2001:db8::/64']);
});

test('what is done to a key is done once, from wherever it comes', async (t) => {
  const { playbook, alert, ordered } = await watching(t);
  await playbook('throttle', 4);

  for (const address of ['203.0.113.1', '203.0.113.2']) await alert(address);

  assert.deepEqual(await ordered(), [THIEF]);
});

test('an alert that is less severe than a playbook asks for has no consequence in a case that was worse before', async (t) => {
  const { playbook, alert, ordered } = await watching(t);
  await alert('203.0.113.1', 'high');
  await playbook('block-address', 4);

  await alert('198.51.100.9', 'low');

  assert.deepEqual(await ordered(), []);
});
