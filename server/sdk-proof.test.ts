/** The client's own verifier against proofs that a real server gives: each one holds, and no byte of it may be another. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { createStrongroom, verifyProof, type Strongroom } from '@strongroom/sdk';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';

let home: string;
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let system: System;
let room: Strongroom;
let key: string;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-proof-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  system = await composeSystem(
    readConfig({ STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent' }),
    createLog('silent'),
  );
  const url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  room = createStrongroom({ url, key: (await readFile(join(home, 'admin.key'), 'utf8')).trim(), retries: 0 });
  for (let n = 0; n < 9; n += 1) await room.keys.create({ name: `k${n}`, role: 'support' });
  await system.audit.integrate();
  key = await room.audit.key();
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

const refused = { code: 'SDK_PROOF_REFUSED' };

test('every entry of a log, at whatever place of the tree, is proven by the key alone', async () => {
  for (let index = 0; index < 9; index += 1) {
    const proven = await verifyProof(await room.audit.entryProof(index), key);
    assert.equal(proven.index, index);
    assert.ok(proven.size > 9);
    assert.equal(typeof proven.entry.action, 'string');
  }
});

test('a changed entry, index, hash, size, root, signature or key is refused', async () => {
  const proof = await room.audit.entryProof(4);
  const lines = proof.split('\n');
  const entry = Buffer.from((lines[1] as string).slice(6), 'base64').toString();
  const edited = (at: number, line: string): string => lines.map((each, n) => (n === at ? line : each)).join('\n');
  const flipped = (text: string): string => {
    const bytes = Buffer.from(text, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    return bytes.toString('base64');
  };
  const blank = lines.indexOf('');
  const signature = (lines[blank + 5] as string).split(' ');
  const cases: Record<string, string> = {
    entry: edited(1, `extra ${Buffer.from(entry.replace('"done"', '"gone"')).toString('base64')}`),
    index: edited(2, 'index 5'),
    hash: edited(3, flipped(lines[3] as string)),
    'hash away': lines.filter((_, n) => n !== 3).join('\n'),
    'hash too many': lines.flatMap((each, n) => (n === 3 ? [each, each] : [each])).join('\n'),
    size: edited(blank + 2, String(Number(lines[blank + 2]) + 1)),
    root: edited(blank + 3, flipped(lines[blank + 3] as string)),
    signature: edited(blank + 5, [...signature.slice(0, 2), flipped(signature[2] as string)].join(' ')),
    'not base64': edited(3, '!!!!'),
    cut: proof.slice(0, 200),
    nothing: '',
  };
  assert.equal((await verifyProof(proof, key, 4)).index, 4);
  await assert.rejects(verifyProof(proof, key, 3), refused, 'of another entry than was asked for');
  for (const [what, forged] of Object.entries(cases)) await assert.rejects(verifyProof(forged, key), refused, what);

  // another key of the same name: its hash is told, and whoever has it could have signed something else
  const raw = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const name = /^(.+)\+([0-9a-f]{8})\+/.exec(key) as RegExpExecArray;
  const other = `${name[1]}+${name[2]}+${Buffer.concat([Buffer.of(1), raw]).toString('base64')}`;
  await assert.rejects(verifyProof(proof, other), refused);
  await assert.rejects(verifyProof(proof, 'example.org+00000000+AQ=='), refused);
});
