/** Who somebody is to a course made elsewhere. */
import assert from 'node:assert/strict';
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { publicId, uuidv7 } from '#platform/ids';

import { actorOfPerson, pseudonymOfPerson } from './pseudonym.ts';

test('a learner is one account of this site, always the same, and another one at another installation', () => {
  const [one, other] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))];
  const [ada, bea] = [publicId('per', uuidv7()), publicId('per', uuidv7())];
  const actor = actorOfPerson({ actorKey: one, site: 'https://strongroom.example' }, ada);
  assert.deepEqual(actor, { objectType: 'Agent', account: { homePage: 'https://strongroom.example', name: pseudonymOfPerson(one, ada) } }); // prettier-ignore
  assert.match(actor.account.name, /^[A-Za-z0-9_-]{22}$/);
  assert.ok(!JSON.stringify(actor).includes(ada));
  assert.equal(new Set([pseudonymOfPerson(one, ada), pseudonymOfPerson(one, bea), pseudonymOfPerson(other, ada)]).size, 3); // prettier-ignore
});

test('it is one of its own kind: the same key under another name gives another', () => {
  const bytes = randomBytes(32);
  const ada = publicId('per', uuidv7());
  const plain = createHmac('sha256', bytes).update(ada).digest().subarray(0, 16).toString('base64url');
  assert.notEqual(pseudonymOfPerson(createSecretKey(bytes), ada), plain);
});
