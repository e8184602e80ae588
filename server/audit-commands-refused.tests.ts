/** What the commands refuse: logs that changed since, quorums that are not met, and wrong options. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { childEnvironment, readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';

import { composeSystem } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Ran, Running } from './audit-commands.test.ts';

export function whatIsRefused(of: () => Running): void {
  test('a log that was set back, rewritten or exchanged since is refused by what was seen, in every command', async () => {
    const { file, audit, home } = of();
    const seen = file('seen-d');
    assert.equal((await audit('verify', '--seen', seen)).code, 0);
    const [note, keys] = [await readFile(seen, 'utf8'), await readFile(`${seen}.keys`, 'utf8')];
    const another = await freshDatabase(undefined, { migrated: MIGRATIONS });
    const elsewhere = await mkdtemp(join(tmpdir(), 'sr-audit-'));
    const config = readConfig({ STRONGROOM_HOME: elsewhere, DATABASE_URL: another.url, STRONGROOM_LOG: 'silent' });
    const other = await composeSystem(config, createLog('silent'));
    try {
      const otherUrl = await other.http.listen({ host: '127.0.0.1', port: 0 });
      const admin = (await readFile(join(elsewhere, 'admin.key'), 'utf8')).trim();
      await other.audit.checkpoint();
      const at = async (...args: string[]): Promise<Ran> => {
        const child = spawn(
          process.execPath,
          [new URL('main.ts', import.meta.url).pathname, 'audit', ...args, '--seen', seen],
          {
            env: childEnvironment({ STRONGROOM_HOME: home, STRONGROOM_URL: otherUrl, STRONGROOM_KEY: admin }),
            stdio: ['ignore', 'pipe', 'pipe'],
          },
        );
        let out = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (piece: Buffer) => void (out += piece.toString()));
        const [code] = (await once(child, 'close')) as [number];
        return { code, out, err: '' };
      };
      const [verify, diff] = [await at('verify'), await at('diff', 'seen', 'now')];
      assert.deepEqual([verify.code, diff.code], [6, 6], verify.out + diff.out);
      assert.match(verify.out, /does not have the keys that were seen the first time/);
    } finally {
      await other.close();
      await another.close();
      await rm(elsewhere, { recursive: true, force: true });
    }
    // nothing that was refused is remembered
    assert.deepEqual([await readFile(seen, 'utf8'), await readFile(`${seen}.keys`, 'utf8')], [note, keys]);

    // a log of the same keys that is younger than what was seen
    const { published: real } = of().system.audit;
    const young = `${(await real()).split('\n')[0]}\n`;
    assert.ok(note.startsWith(young));
    await writeFile(seen, note.replace(/^\d+$/m, '999999'));
    const foreign = await audit('verify', '--seen', seen);
    assert.equal(foreign.code, 6);
    assert.match(foreign.out, /remembered checkpoint is not signed by this log/);
  });

  test('an unmet quorum has an exit code of its own, and says what is witnessed still', async () => {
    const { published, witness, append, audit, policy, file } = of();
    await published((await of().system.audit.size()) - 1);
    witness.kill('SIGSTOP');
    try {
      const { index } = await append();
      await published(Number(index) + 1);
      const ran = await audit('verify', '--policy', policy, '--seen', file('seen-e'));
      assert.equal(ran.code, 7, ran.out);
      assert.match(
        ran.out,
        /NOT cosigned by witness-example-dpo-ed25519[\s\S]*is NOT met: only the first \d+ entries are witnessed/,
      );
    } finally {
      witness.kill('SIGCONT');
    }
  });

  test('what is asked wrongly is answered with the usage, and --help with it too', async () => {
    const { audit, file } = of();
    for (const args of [['verify', '--help'], ['--help'], ['witness', '--help'], ['prove', '-h']]) {
      const ran = await audit(...args);
      assert.deepEqual([ran.code, ran.err], [0, ''], args.join(' '));
      assert.match(ran.out, /^strongroom audit/);
    }
    for (const args of [
      [],
      ['nothing'],
      ['toString'],
      ['prove'],
      ['prove', '1', '2'],
      ['diff', 'a'],
      ['verify', '--nope'],
      ['witness'],
      ['witness', 'init'],
      ['witness', 'serve', '--dir', 'x', '--port', 'y'],
    ]) {
      const ran = await audit(...args);
      assert.deepEqual([ran.code, ran.out], [2, ''], args.join(' '));
    }
    for (const args of [
      ['verify', '--key', file('nowhere')],
      ['verify', '--policy', file('log.key')],
      ['verify', '--proof', file('log.key')],
      ['prove', 'x'],
      ['prove', '99999999'],
      ['witness', 'serve', '--dir', file('nowhere')],
      ['witness', 'init', '--dir', file('witness'), '--name', 'w', '--log', file('log.key')],
    ]) {
      const ran = await audit(...args);
      assert.equal(ran.code, 1, `${args.join(' ')} ${ran.out}`);
      assert.doesNotMatch(ran.err, /at .*\.ts:\d+/);
    }
  });
}
