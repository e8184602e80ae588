import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { childEnvironment } from '#platform/config';
import { openKms } from '#practices/vault';
import { secret } from '#platform/crypto';

let home: string;
before(() => {
  home = mkdtempSync(join(tmpdir(), 'sr-root-'));
});
after(() => rmSync(home, { recursive: true, force: true }));

const file = () => join(home, 'keys', 'root-a.json');

function root(args: readonly string[], input = '', more: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['server/main.ts', 'root', ...args], {
    cwd: join(import.meta.dirname, '..'),
    env: childEnvironment({ STRONGROOM_HOME: home, ...more }),
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const FIRST = 'seven quiet otters cross the road';

test('without a command, or with one that is none, it teaches, and repeats nothing it was given', () => {
  assert.equal(root([]).status, 2);
  const wrong = root(['--passphrase', FIRST]);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /root quorum/);
  assert.doesNotMatch(wrong.stderr + wrong.stdout, /otters/);
  assert.equal(root(['constructor']).status, 2);
});

test('roots are made once, under their passphrases; made again they stay as they are', () => {
  const apart = { STRONGROOM_HOME: join(home, 'apart') };
  const under = { ...apart, STRONGROOM_ROOT_PASSPHRASE: FIRST, STRONGROOM_ROOT_PASSPHRASE_SECOND: `${FIRST} twice` };
  const made = root(['make', '--json'], '', under);
  assert.equal(made.status, 0, made.stderr);
  assert.deepEqual(JSON.parse(made.stdout).map(({ root: which, keyVersion }: { root: string; keyVersion: string }) => [which, keyVersion]), [['first', '1'], ['second', '1']]); // prettier-ignore
  assert.doesNotMatch(made.stdout, /file permissions only/);
  const bytes = readFileSync(join(home, 'apart/keys/root-a.json'), 'utf8');

  assert.deepEqual(JSON.parse(root(['make', '--json'], '', under).stdout), JSON.parse(made.stdout));
  assert.equal(root(['make'], '', apart).status, 1);
  assert.equal(root(['make', '--second'], '', under).status, 2);
  assert.equal(readFileSync(join(home, 'apart/keys/root-a.json'), 'utf8'), bytes);
});

test('a passphrase is set, is needed from then on, and a weak one changes nothing', async () => {
  const none = root(['status']);
  assert.equal(none.status, 1);
  assert.match(none.stderr, /KMS_ROOT_MISSING/);
  for (const name of ['root-a', 'root-b'])
    await (await openKms(`file:${join(home, 'keys', `${name}.json`)}`, { whenMissing: 'make' })).close();
  assert.match(root(['status']).stdout, /file permissions only/);
  const before = readFileSync(file(), 'utf8');
  const weak = root(['passphrase'], 'short\n');
  assert.equal(weak.status, 1);
  assert.match(weak.stderr, /KMS_PASSPHRASE_WEAK/);
  assert.equal(readFileSync(file(), 'utf8'), before);

  const kms = await openKms(`file:${file()}`);
  const wrapped = await kms.wrap(Buffer.alloc(32, 7), { use: 'test' });
  await kms.close();

  assert.equal(root(['passphrase'], `${FIRST}\n`).status, 0);
  assert.equal(root(['status']).status, 1);
  const opened = await openKms(`file:${file()}`, { passphrase: () => secret(FIRST) });
  assert.deepEqual(Buffer.from(await opened.unwrap(wrapped, { use: 'test' })), Buffer.alloc(32, 7));
  await opened.close();
  assert.match(root(['status'], '', { STRONGROOM_ROOT_PASSPHRASE: FIRST }).stdout, /Argon2id/);
});

test('a quorum opens the root; fewer holders, or a mistyped share, do not', () => {
  const made = root(['quorum', '--shares', '4', '--threshold', '2'], '', { STRONGROOM_ROOT_PASSPHRASE: FIRST });
  assert.equal(made.status, 0, made.stderr);
  const shares = made.stdout.trim().split('\n');
  assert.equal(shares.length, 4);

  const combined = root(['combine'], `${shares[3]}\n${shares[1]}\n`);
  assert.equal(combined.status, 0);
  const env = { STRONGROOM_ROOT_PASSPHRASE: combined.stdout.trim() };
  assert.equal(root(['status'], '', env).status, 0);
  assert.equal(root(['status'], '', { STRONGROOM_ROOT_PASSPHRASE: FIRST }).status, 1);

  const alone = root(['combine'], `${shares[0]}\n`);
  assert.equal(alone.status, 1);
  assert.match(alone.stderr, /KMS_SHARES_UNFIT/);
  assert.equal(alone.stdout, '');
  const last = (shares[2] as string).at(-1) === '0' ? '1' : '0';
  assert.equal(root(['combine'], `${shares[0]}\n${(shares[2] as string).slice(0, -1)}${last}\n`).status, 1);

  assert.match(root(['rotate'], '', env).stdout, /version 2/);
});

test('a quorum of no such kind changes nothing, and shares of a file that could not be changed are called worthless', () => {
  const before = readFileSync(file(), 'utf8');
  const none = root(['quorum', '--shares', '2', '--threshold', '3']);
  assert.equal(none.status, 2);
  assert.equal(none.stdout, '');
  const wrong = root(['quorum'], '', { STRONGROOM_ROOT_PASSPHRASE: 'not the one that it is' });
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /NOT changed/);
  assert.equal(readFileSync(file(), 'utf8'), before);
});
