/** Who may take a request back: whoever is as sure as who asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { code, requestDesk } from './testing-requests.ts';

const { two, officer, customer, ask, signIn, proven, asks, openOf } = requestDesk();

test('who takes a request back is as sure as who asked: less is shown the way, and nobody does it for somebody nearer', async () => {
  const { subjectId } = await customer('sure@example.org', { care_notes: 'x' });
  const strong = await proven(await signIn('sure@example.org'), subjectId);
  await asks(strong, 'erasure');
  const { id, proof } = await openOf(subjectId, 'erasure');
  assert.equal(proof.reached, 'high');
  const weak = await signIn('sure@example.org');
  const takeBack = (cookie: string) => ask('/center/requests/withdraw', { cookie, form: { request: id } });
  const stands = async () => (await openOf(subjectId, 'erasure')).state;

  const refused = await takeBack(weak);
  assert.deepEqual([refused.status, refused.headers.get('location')?.split('?')[0]], [303, '/center/prove']);
  for (const asker of ['agent', 'unheld'] as const)
    assert.equal(await code(officer().withdraw(id, { how: 'letter', asker })), 'PRIVACY_PROOF_NEEDED');
  assert.equal(await stands(), 'received');
  assert.equal((await takeBack(await proven(weak, subjectId))).headers.get('location')?.includes('told=withdrawn'), true);
  assert.equal((await officer().get(id)).state, 'withdrawn');

  // by an agent: who is nearer to the subject may, and so may another of them
  for (const asker of ['subject', 'unheld', 'agent'] as const) {
    const taken = await officer().take({ subject: subjectId, kind: 'review', how: 'letter', asker: 'agent' });
    assert.equal((await officer().withdraw(taken.id, { how: 'letter', asker })).state, 'withdrawn', asker);
  }
  // what was shown by what the customer cannot show in a browser is for staff to take back; after thirty days it counts for nobody
  const letter = await officer().take({ subject: subjectId, kind: 'copy', how: 'letter' });
  for (const name of ['dpo', 'dpo-2']) await officer(name).vouch(letter.id, 'passport');
  const again = await signIn('sure@example.org');
  const back = () => ask('/center/requests/withdraw', { cookie: again, form: { request: letter.id } });
  assert.equal((await back()).headers.get('location')?.split('?')[0], '/center/prove');
  await two().fresh.db`update privacy.requests set proofs = (select jsonb_agg(p || '{"at":"2026-01-01T00:00:00.000Z"}') from jsonb_array_elements(proofs) p) where state = 'received'`;
  assert.ok((await back()).headers.get('location')?.includes('told=withdrawn'));
}); // prettier-ignore
