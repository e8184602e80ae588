/** A token is made of what the record holds when it is kept, and asked for again it lives again. */
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

const application = callerFor('application');

/** A server where something happens between the entry of a token in the log and the token. */
async function meanwhile(happens: () => Promise<unknown>): Promise<Vault> {
  const { core } = await place.server();
  const append: typeof core.audit.append = async (event) => {
    const appended = await core.audit.append(event);
    if (event.action === 'vault.tokenise') await happens();
    return appended;
  };
  return createVault({ ...core, audit: { ...core.audit, append } }, { checkText, checkValue });
}
const tokensOf = async (subjectId: string): Promise<number> =>
  (await place.db`select from vault.tokens where subject_id = ${subjectId}`).length;
const opened = async (vault: Vault, token: string): Promise<unknown> =>
  (await vault.openToken(application, token)).record.fields.last_name?.value;

test('of a value that was changed, taken away or erased meanwhile no token is left', async () => {
  const vault = await place.server();
  const changed = await putOne(vault, 'race-1', { last_name: 'Before' });
  const pairwise = { recordId: changed, field: 'last_name', kind: 'pairwise', audience: 'partner' } as const;
  const changing = await meanwhile(() =>
    vault.patch(application, { id: changed, seen: 1, change: { fields: { last_name: 'After' } } }),
  );
  const { token } = await changing.createToken(application, pairwise);
  assert.equal((await vault.createToken(application, pairwise)).token, token, 'it is that of the value that is held');

  const taken = await putOne(vault, 'race-2', { last_name: 'Keeps', email: 'race@example.org' });
  const taking = await meanwhile(() =>
    vault.patch(application, { id: taken, seen: 1, change: { fields: { email: null } } }),
  );
  await assert.rejects(taking.createToken(application, { recordId: taken, field: 'email', kind: 'random' }), {
    code: 'VAULT_NOT_FOUND',
  });
  assert.equal(await tokensOf(taken.subjectId), 0);

  const erased = await putOne(vault, 'race-3', { last_name: 'Vanishes' });
  const erasing = await meanwhile(() => vault.erase(callerFor('dpo', 'legal.request'), erased.subjectId));
  await assert.rejects(erasing.createToken(application, { recordId: erased, field: 'last_name', kind: 'random' }), {
    code: 'VAULT_NOT_FOUND',
  });
  assert.equal(await tokensOf(erased.subjectId), 0);

  const restricted = await putOne(vault, 'race-4', { last_name: 'Disputed' });
  const restricting = await meanwhile(() =>
    vault.restrict(callerFor('dpo', 'legal.request'), restricted.subjectId, 'accuracy'),
  );
  await assert.rejects(
    restricting.createToken(application, { recordId: restricted, field: 'last_name', kind: 'random' }),
    { code: 'VAULT_DENIED' },
  );
  assert.equal(await tokensOf(restricted.subjectId), 0);
});

test('a pairwise token that has ended lives again when it is asked for again, and never less long than was promised', async () => {
  const vault = await place.server();
  const id = await putOne(vault, 'pair-again', { last_name: 'Pairs' });
  const ask = { recordId: id, field: 'last_name', kind: 'pairwise', audience: 'again' } as const;
  const { token } = await vault.createToken(application, { ...ask, ttlSeconds: 60, maxUses: 1 });
  assert.equal(await opened(vault, token), 'Pairs');

  await vault.createToken(application, { ...ask, ttlSeconds: 60, maxUses: 2 });
  assert.equal(await opened(vault, token), 'Pairs', 'used up');
  await place.db`update vault.tokens set expires_at = now() - interval '1 second' where subject_id = ${id.subjectId}`;
  await vault.createToken(application, { ...ask, ttlSeconds: 60 });
  assert.equal(await opened(vault, token), 'Pairs', 'expired');

  await vault.createToken(application, ask);
  await vault.createToken(application, { ...ask, ttlSeconds: 1, maxUses: 1 });
  const rows = await place.db`select expires_at, uses_left from vault.tokens where subject_id = ${id.subjectId}`;
  assert.deepEqual([...rows], [{ expires_at: null, uses_left: null }]);
});
