/** What a witness remembers: after a restart, and where its memory is gone or damaged. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync, statSync, writeFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { keysByOrigin, makeHome, openHome } from './home.ts';
import { openMemory } from './store.ts';
import { createWitness } from './witness.ts';
import { newLogKey, vkey, history, names, requestOf, newFolder, watch } from './testing-watch.ts';

test('it goes on after a restart where it was, and forgets nothing', async (t) => {
  const { log, send, memory, folder } = watch(t);
  const [leaves, other] = [history(...names('a', 20)), history(...names('b', 20))];
  send(await requestOf(log, leaves, 0, 10));
  memory.close();

  const home = openHome(folder);
  const again = openMemory(home.memoryPath);
  t.after(() => again.close());
  const witness = createWitness({
    signers: home.signers,
    logs: keysByOrigin(home.logs),
    memory: again,
    clock: () => new Date(),
    onEvidence: () => undefined,
  });

  assert.equal(witness.addCheckpoint(Buffer.from(await requestOf(log, other, 0, 10))).body, '10\n');
  assert.equal(witness.addCheckpoint(Buffer.from(await requestOf(log, leaves, 10, 20))).status, 200);
});

test('two on one folder, a memory that is gone, damaged or another file: refused, each by its name', async (t) => {
  const { folder, memory, log, send } = watch(t);
  send(await requestOf(log, history('a'), 0, 1));
  const path = join(folder, 'memory.sqlite');

  assert.throws(() => openMemory(path), { code: 'WITNESS_IN_USE' });
  memory.close();
  openMemory(path).close();
  const gone = join(folder, 'gone.sqlite');
  assert.throws(() => openMemory(gone), { code: 'WITNESS_FORGOTTEN' });
  writeFileSync(gone, 'not a database, but long enough to be taken for the head of one'.repeat(30));
  assert.throws(() => openMemory(gone), { code: 'WITNESS_FORGOTTEN' });
  const empty = join(folder, 'empty.sqlite');
  writeFileSync(empty, '');
  assert.throws(() => openMemory(empty), { code: 'WITNESS_HOME' });
  copyFileSync(path, gone);
  const bytes = statSync(gone).size;
  const { openSync, writeSync, closeSync } = await import('node:fs');
  const file = openSync(gone, 'r+');
  writeSync(file, randomBytes(bytes - 4096), 0, bytes - 4096, 4096);
  closeSync(file);
  assert.throws(
    () => openMemory(gone),
    (thrown: { code?: string }) => thrown.code === 'WITNESS_FORGOTTEN',
  );
});

test('a folder is made whole, for its owner alone, and not over another', (t) => {
  const log = newLogKey();
  const policy = `log ${vkey(log)}\nquorum none\n`;
  const folder = newFolder(t);
  const home = makeHome(folder, { name: 'witness.example/dpo', policy });

  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const file of ['ed25519.pem', 'ml-dsa-44.pem']) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
  assert.deepEqual(openHome(folder).verifierKeys, home.verifierKeys);
  assert.throws(() => makeHome(folder, { name: 'again', policy }), { code: 'WITNESS_HOME' });
  for (const name of ['', 'two words', 'a+b', 'a\nb', 'n'.repeat(256)])
    assert.throws(() => makeHome(newFolder(t), { name, policy }), { code: 'WITNESS_HOME' }, name);
  for (const wrong of ['', 'quorum none\n', `log ${vkey(log)}\n`, `log x\nquorum none\n`])
    assert.throws(() => makeHome(newFolder(t), { name: 'w', policy: wrong }), { code: 'WITNESS_HOME' }, wrong);
  rmSync(join(folder, 'ml-dsa-44.pem'));
  assert.throws(() => openHome(folder), { code: 'WITNESS_HOME' });
});
