/** Whom the commands of `strongroom audit` believe where no key was given: the keys of the first time. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';

import { checkpointText, formatVerifierKey, NOTE_ED25519, noteKeyOf, signNote, type NoteSigner } from '#platform/tlog';

import { believe, type AuditOptions } from './audit-options.ts';
import type { Seen } from './audit-seen.ts';
import type { HttpLog } from './http-log.ts';

const signer = (): NoteSigner => ({
  name: 'example.org/log',
  type: NOTE_ED25519,
  privateKey: generateKeyPairSync('ed25519').privateKey,
});
const keyOf = (of: NoteSigner): string => formatVerifierKey(noteKeyOf(of));
const noteBy = (...signers: NoteSigner[]): string =>
  signNote(checkpointText({ origin: 'example.org/log', size: 7, root: Buffer.alloc(32, 7) }), signers, new Date());
const believed = (keys: string | null, now: string) =>
  believe({} as AuditOptions, { key: () => Promise.resolve(now) } as HttpLog, { keys } as Seen);

test('a key that a log shows later vouches for nothing alone: whoever answers in its place could show one', async () => {
  const [real, added] = [signer(), signer()];
  for (const now of [`${keyOf(real)}\n${keyOf(added)}`, `${keyOf(added)}\n${keyOf(real)}`]) {
    const { trust, verifierKey, problem } = await believed(keyOf(real), now);

    assert.equal(problem, null, 'a log may gain a key');
    assert.equal(trust.openOlder(noteBy(added)), null);
    assert.equal(trust.openOlder(noteBy(real))?.size, 7);
    assert.equal(trust.open(noteBy(real)), null, 'what is new is signed by all of them');
    assert.equal(trust.open(noteBy(real, added))?.size, 7);
    // once it was seen it still stands behind the first
    assert.equal((await believed(verifierKey, now)).trust.openOlder(noteBy(added)), null);
  }
});
