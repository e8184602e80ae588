/** How often a code is asked for. */
import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { freshDatabase, inOneQuarter } from '#platform/testing';

import { createSignIn } from './sign-in.ts';

test('one address is one, however its domain is written', async (t) => {
  const { db, close } = await freshDatabase();
  t.after(close);
  await migrate(db, [{ schema: 'privacy', folder: new URL('../sql/', import.meta.url) }]);
  await inOneQuarter(20);
  const { ask } = createSignIn({
    db, clock: () => new Date(), linkKey: createSecretKey(randomBytes(32)),
    queueMail: () => assert.fail('nothing is sent yet'), findByAddress: () => assert.fail('nobody is looked up yet'),
  });
  const spelled = ['ada@example.org', 'ada@EXAMPLE.org', 'ada@ｅxample.org', 'ada@exａmple.org', 'ada@xn--bcher-kva.example'];

  for (const each of spelled) await ask(each, 'en', 'somewhere');
  for (const each of ['ada@bücher.example', 'ada@ｅxample.org']) await ask(each, 'en', 'somewhere');
  await assert.rejects(ask('ADA@examp\u{ff4c}e.org', 'en', 'somewhere'), { code: 'PRIVACY_SLOW_DOWN' });
}); // prettier-ignore
