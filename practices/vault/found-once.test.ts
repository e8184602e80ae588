/** What the gate finds in a write is counted once, however often the write is begun again before it is settled. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createGate, parseCatalog } from '#practices/collection';

import { createVault, type Vault } from './index.ts';
import { callerFor, putOne, testInstallation, type Installation } from './testing.ts';

let place: Installation;
before(async () => {
  place = await testInstallation();
});
after(() => place.close());

/**
 * A server whose gate counts: a birthday that is made coarser, and a nickname, which only a consent allows.
 * @param stale how often the catalogue turns out to be another version's
 */
async function counting(stale = 0): Promise<{ vault: Vault; counted: string[] }> {
  const more = `      nick: {type: text, class: internal, purposes: [marketing.newsletter]}
      born: {type: date, class: personal, purposes: [service.support], minimise: year}
      phone:`;
  const catalog = parseCatalog(place.catalogText.replace('      phone:', more));
  const counted: string[] = [];
  const gate = createGate({
    catalog: () => catalog,
    detect: () => [],
    clock: () => new Date(),
    count: ({ field, finding }) => void counted.push(`${field} ${finding}`),
  });
  const { core } = await place.server({ catalog });
  let left = stale;
  const isCatalogHeld = () => Promise.resolve((left -= 1) < 0);
  return { vault: createVault({ ...core, isCatalogHeld }, gate), counted };
}
/** As PostgreSQL and a new epoch of keys do. */
function collidesOnce(): () => Promise<void> {
  let times = 0;
  return () => {
    times += 1;
    return times === 1 ? Promise.reject(Object.assign(new Error('collided'), { code: '40001' })) : Promise.resolve();
  };
}
const unnamed = { ...callerFor('application'), purpose: undefined };
const FIELDS = { last_name: 'Found', born: '1984-05-17', nick: 'nicky' };
const FOUND = ['born precision', 'nick consent'];

test('a record that is stored after a collision, and after another version of the catalogue became active', async () => {
  for (const [name, stale] of [
    ['collided', 0],
    ['stale', 2],
  ] as const) {
    const { vault, counted } = await counting(stale);
    const items = [{ subject: { externalId: `${name}-1` }, fields: FIELDS }];
    const ask = { collection: 'customer', items, onDuplicate: 'reject', remember: collidesOnce() } as const;

    const { outcomes } = await vault.put(unnamed, ask);

    assert.equal(outcomes[0]?.status, 'created', name);
    assert.deepEqual(counted, FOUND, name);
  }
});

test('a record that is changed: by itself, in a batch, and as its subject asked', async () => {
  const { vault, counted } = await counting(0);
  const id = await putOne(vault, 'changed-1', { last_name: 'Before' });
  const said = () => counted.splice(0);
  said();

  await vault.patch(unnamed, { id, seen: 1, change: { fields: FIELDS }, remember: collidesOnce() });
  assert.deepEqual(said(), FOUND);

  const items = [{ subject: { externalId: 'changed-1' }, fields: FIELDS }];
  await vault.put(unnamed, { collection: 'customer', items, onDuplicate: 'update', remember: collidesOnce() });
  assert.deepEqual(said(), FOUND);

  const asked = callerFor('application', 'service.support');
  const around = { first: async () => {}, last: collidesOnce() };
  await vault.corrections.carryOut(asked, id.subjectId, [{ id, seen: 3, fields: FIELDS }], around);
  assert.deepEqual(said(), ['born precision', 'nick purpose']);
});

test('what is refused is counted too, once', async () => {
  const { vault, counted } = await counting(1);
  const id = await putOne(vault, 'refused-1', { last_name: 'Before' });
  counted.length = 0;

  await assert.rejects(vault.patch(unnamed, { id, seen: 1, change: { fields: { email: 'nobody' } } }), {
    code: 'VAULT_FIELD_INVALID',
  });

  assert.deepEqual(counted, ['email type']);
});
