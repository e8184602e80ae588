/** A write that collided and is run again: what it brings is checked once, so that the gate counts it once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkText, checkValue } from '#practices/collection';

import { createVault, type Vault } from './index.ts';
import { callerFor, putOne, testInstallation, type Installation } from './testing.ts';

let place: Installation;
before(async () => {
  place = await testInstallation();
});
after(() => place.close());

/** A server that notes which fields were checked. */
async function counting(): Promise<{ vault: Vault; checked: string[] }> {
  const checked: string[] = [];
  const { core } = await place.server();
  const vault = createVault(core, {
    checkText,
    checkValue: (spec, value) => {
      checked.push(spec.name);
      return checkValue(spec, value);
    },
  });
  return { vault, checked };
}
/** As PostgreSQL and a new epoch of keys do. */
function collidesOnce(): () => Promise<void> {
  let times = 0;
  return () => {
    times += 1;
    return times === 1 ? Promise.reject(Object.assign(new Error('collided'), { code: '40001' })) : Promise.resolve();
  };
}

test('a change', async () => {
  const { vault, checked } = await counting();
  const id = await putOne(vault, 'once-1', { last_name: 'Before', email: 'a@example.org' });
  checked.length = 0;
  const change = { fields: { last_name: 'After', email: 'b@example.org' } };
  const { version } = await vault.patch(callerFor('application'), { id, seen: 1, change, remember: collidesOnce() });
  assert.deepEqual([version, checked], [2, ['last_name', 'email']]);
});

test('a correction of several records, each of which has the same field', async () => {
  const { vault, checked } = await counting();
  const one = await putOne(vault, 'once-2', { last_name: 'Before' });
  const other = await putOne(vault, 'once-3', { last_name: 'Before' });
  checked.length = 0;
  const caller = callerFor('application');
  for (const id of [one, other]) {
    const changes = [{ id, seen: 1, fields: { last_name: 'After' } }];
    await vault.corrections.carryOut(caller, id.subjectId, changes, { first: async () => {}, last: collidesOnce() });
  }
  assert.deepEqual(checked, ['last_name', 'last_name']);
});
