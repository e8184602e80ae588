import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { openRoom } from './room.ts';

test('a room is in memory where there is plenty, among the temporary files where there is not, and gone at its end', async (t) => {
  const memory = mkdtempSync(join(tmpdir(), 'sr-memory-'));
  t.after(() => rmSync(memory, { recursive: true }));
  const inMemory = await openRoom(memory, { free: 1, available: 1 });
  const [tooFull, notThere] = [
    await openRoom(memory, { free: Number.MAX_SAFE_INTEGER, available: 1 }),
    await openRoom(join(memory, 'none'), { free: 1, available: 1 }),
  ];
  assert.equal(dirname(inMemory.folder), memory);
  for (const { folder } of [tooFull, notThere]) assert.equal(dirname(folder), tmpdir());
  for (const room of [inMemory, tooFull, notThere]) {
    writeFileSync(join(room.folder, 'a'), 'a');
    await room.close();
    assert.equal(existsSync(room.folder), false);
  }
});

test('who breaks a run off leaves nothing in memory', async () => {
  const program = `import { openRoom } from ${JSON.stringify(new URL('room.ts', import.meta.url).href)};
    console.log((await openRoom()).folder); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const folder = said.toString().trim();
  assert.ok(existsSync(folder));
  child.kill('SIGTERM');
  const [, signal] = (await once(child, 'exit')) as [number | null, string];
  assert.equal(signal, 'SIGTERM');
  assert.equal(existsSync(folder), false);
}); // prettier-ignore
