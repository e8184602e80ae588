/** What the commands of `strongroom audit` remember, when several of them run beside each other. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { trustOf, type TrustedHead } from '#platform/audit';
import { checkpointText, formatVerifierKey, leafHash, NOTE_ED25519, noteKeyOf, rootOf, signNote } from '#platform/tlog';

import { openSeen, rememberSeen } from './audit-seen.ts';
import type { HttpLog } from './http-log.ts';

const SIGNER = {
  name: 'example.org/log',
  type: NOTE_ED25519,
  privateKey: generateKeyPairSync('ed25519').privateKey,
} as const;
const KEYS = formatVerifierKey(noteKeyOf(SIGNER));
const TRUST = trustOf(KEYS, null);

/** A log with up to 255 entries, as it was at each size. */
function logOf(text: string) {
  const leaves = Array.from({ length: 20 }, (_, n) => leafHash(Buffer.from(`${n < 5 ? '' : text}${n}`)));
  const note = (size: number): string =>
    signNote(checkpointText({ origin: SIGNER.name, size, root: rootOf(leaves.slice(0, size)) }), [SIGNER], new Date());
  const head = (size: number): TrustedHead => TRUST.open(note(size)) as TrustedHead;
  const log = { tile: (_level: number, _index: number, width: number) => Promise.resolve(Buffer.concat(leaves.slice(0, width))) } as unknown as HttpLog;
  return { log, found: (size: number) => ({ head: head(size), note: note(size), keys: KEYS }) };
} // prettier-ignore

async function place(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sr-seen-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'audit.checkpoint');
}

test('a command that ends after a younger one does not forget what that has seen', async (t) => {
  const path = await place(t);
  const { log, found } = logOf('a');
  await rememberSeen(log, TRUST, await openSeen(path), found(3));
  const slow = await openSeen(path);
  assert.equal(await rememberSeen(log, TRUST, await openSeen(path), found(12)), null);

  assert.equal(await rememberSeen(log, TRUST, slow, found(7)), null);

  assert.equal(TRUST.openOlder(await readFile(path, 'utf8'))?.size, 12);
  assert.equal(await rememberSeen(log, TRUST, slow, found(15)), null);
  assert.equal(TRUST.openOlder(await readFile(path, 'utf8'))?.size, 15);
});

test('two commands that were shown two histories find it, though both were right by what was seen before', async (t) => {
  const path = await place(t);
  const [one, other] = [logOf('a'), logOf('b')];
  await rememberSeen(one.log, TRUST, await openSeen(path), one.found(3));
  const slow = await openSeen(path);
  await rememberSeen(one.log, TRUST, await openSeen(path), one.found(9));

  assert.match((await rememberSeen(other.log, TRUST, slow, other.found(12))) ?? '', /rewritten, or forked/);

  assert.equal(TRUST.openOlder(await readFile(path, 'utf8'))?.size, 9);
});
