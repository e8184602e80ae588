/** What is said to be added runs, puts no other rule out, and can be taken away again. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { migrate } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import { createRuleShelf, shippedRules } from './rule-shelf.ts';

const by = { actor: { kind: 'staff', id: 'per_1' }, address: '' } as const;
const FIRST = '7d0a3c4e-5a55-4a3c-8f4e-2f0b1c9a7e11';
const rule = (id: string, name: string): string => `title: The shop is probed
id: ${id}
name: ${name}
logsource:
  category: webserver
detection:
  selection:
    cs-user-agent: probe-of-mine
  condition: selection
level: low
`;

async function shelf(t: TestContext) {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'traffic', folder: new URL('../sql/', import.meta.url) }]);
  const rules = createRuleShelf({ db, audit: { appendIn: () => Promise.resolve({}) as never }, clock: () => new Date() });
  return { rules, own: async () => (await rules.list()).flatMap(({ id, own }) => (own ? [id] : [])) };
} // prettier-ignore

test('a rule that bears the name of another, own or shipped, is refused, and the other one goes on', async (t) => {
  const { rules, own } = await shelf(t);
  await rules.put(by, rule(FIRST, 'probes'));
  const [shipped = ''] = shippedRules().flatMap(({ text }) => /^name: (.+)$/m.exec(text)?.[1] ?? []);
  assert.notEqual(shipped, '');

  // its id stands before the other one's
  for (const name of ['probes', FIRST, shipped])
    await assert.rejects(rules.put(by, rule('00000000-5a55-4a3c-8f4e-2f0b1c9a7e12', name)), { code: 'TRAFFIC_RULE_KNOWN' }, name);

  assert.deepEqual(await own(), [FIRST]);
  await rules.put(by, rule(FIRST, 'probes'));
  await rules.put(by, rule('00000000-5a55-4a3c-8f4e-2f0b1c9a7e12', 'others'));
  assert.equal((await own()).length, 2, 'one is replaced by itself, and names of their own stand side by side');
}); // prettier-ignore

test('a rule whose id is none is refused: nobody could switch it off', async (t) => {
  const { rules, own } = await shelf(t);

  for (const id of ['my-rule', 'behaviour.honey-record', 'a/b'])
    await assert.rejects(rules.put(by, rule(id, 'probes')), { code: 'TRAFFIC_RULE_MALFORMED' }, id);

  assert.deepEqual(await own(), []);
});
