/** Nobody decides on a case that is about a key of their own, though they ask by their session. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { publicId, uuidv7 } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { trafficSealing } from '../record/block.ts';
import { createCases } from './cases.ts';

const OWN = 'key_00000000000000000000000001';
const OTHERS = 'key_00000000000000000000000002';

test('a case about a key of one’s own is taken, closed and silenced by somebody else', async (t) => {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'traffic', folder: new URL('../sql/', import.meta.url) }]);
  const cases = createCases({
    db,
    audit: { append: () => Promise.resolve({}) as never, appendIn: () => Promise.resolve({}) as never },
    sealing: trafficSealing(randomBytes(32)),
    clock: () => new Date(),
    carryOut: () => Promise.reject(new Error('nobody asks for it')),
    ownerOf: (_statements, key) => Promise.resolve(key === OWN ? 'per_1' : null),
  });
  const by = { actor: { kind: 'staff', id: 'per_1' }, person: 'per_1', address: '' } as const;
  const about = async (key: string, entity: object): Promise<string> => {
    const id = uuidv7();
    await db`insert into traffic.cases (case_id, about, title, severity, state, entity, attack, rules, alerts, customers, opened_at, last_at)
      values (${id}, ${key}, 'x', 3, 'open', ${db.json(entity as never)}, '{}', '{}', 0, 0, now(), now())`;
    return publicId('case', id);
  };
  const refused = { code: 'TRAFFIC_OWN_CASE' };

  for (const id of [await about(`key ${OWN}`, {}), await about('address 192.0.2.1', { key: OWN })]) {
    await assert.rejects(cases.take(by, id, false), refused);
    await assert.rejects(cases.close(by, id, 'benign', 'it was me'), refused);
  }
  await assert.rejects(cases.suppress(by, { rule: 'x', about: `key ${OWN}`, days: 1, reason: 'it was me' }), refused);

  const id = await about(`key ${OTHERS}`, {});
  await cases.take(by, id, false);
  assert.equal((await cases.close(by, id, 'benign', 'looked at')).state, 'closed');
}); // prettier-ignore
