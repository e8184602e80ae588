/** A witness that fetches. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Running } from './audit-commands.test.ts';

export function witnessesFetch(of: () => Running): void {
  test('a witness that fetches: one round, its quorum, and the verifier that takes what is witnessed', async () => {
    const { file, audit, startSystem, published, append } = of();
    const folder = file('puller');
    const made = await audit(
      'witness',
      'init',
      '--dir',
      folder,
      '--name',
      'witness.example/laptop',
      '--log',
      file('log.key'),
      '--log-url',
      `${of().url}/v1/audit/`,
    );
    const pullPolicy = file('pull.policy');
    await writeFile(pullPolicy, made.out);
    await of().system.close();
    await startSystem(pullPolicy);
    // the port is another one now: an operator would edit the same line
    const logs = join(folder, 'logs.policy');
    await writeFile(logs, (await readFile(logs, 'utf8')).replaceAll(/https?:\S+/g, `${of().url}/v1/audit`));
    await published(await of().system.audit.size());
    // what is offered to those who fetch comes with the next round of publishing
    for (let tries = 0; (await fetch(`${of().url}/v1/audit/offered`)).status !== 200 && tries < 6000; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));

    const pulled = await audit('witness', 'pull', '--dir', folder, '--once');
    await append();
    await published(await of().system.audit.size());
    await new Promise((resolve) => setTimeout(resolve, 600));
    const newest = await audit('verify', '--policy', pullPolicy, '--key', file('log.key'), '--seen', file('seen-f'));
    const witnessed = await audit(
      'verify',
      '--witnessed',
      '--policy',
      pullPolicy,
      '--key',
      file('log.key'),
      '--seen',
      file('seen-f'),
    );

    assert.equal(pulled.code, 0, pulled.err);
    assert.deepEqual([newest.code, witnessed.code], [7, 0], newest.out + witnessed.out + witnessed.err);
    assert.match(witnessed.out, /cosigned by witness-example-laptop-ed25519[\s\S]*quorum of the policy is met/);
    const stranger = await audit(
      'witness',
      'init',
      '--dir',
      file('stranger'),
      '--name',
      'witness.example/laptop',
      '--log',
      file('log.key'),
      '--log-url',
      `${of().url}/v1/audit`,
    );
    assert.equal(stranger.code, 0);
    assert.equal((await audit('witness', 'pull', '--dir', file('stranger'), '--once')).code, 1);
  });
}
