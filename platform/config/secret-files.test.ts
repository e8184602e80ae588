import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from './index.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sr-secrets-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const read = (env: Readonly<Record<string, string>>) => readConfig({ STRONGROOM_HOME: folder, ...env });
const file = async (name: string, content: string | Buffer): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};
const malformed = (about: RegExp, secret: string) => (thrown: { code?: string; message?: string }) => {
  assert.equal(thrown.code, 'CONFIG_MALFORMED');
  assert.match(String(thrown.message), about);
  assert.ok(!String(thrown.message).includes(secret), 'what is in the file was said');
  return true;
};

test('a secret and the address of the database are taken from the files that …_FILE names, without their last line feed', async () => {
  const config = read({
    STRONGROOM_ROOT_PASSPHRASE_FILE: await file('passphrase', 'seven quiet otters \n'),
    DATABASE_URL_FILE: await file('url', 'postgres://strongroom:a%20b@db.internal/strongroom\r\n'),
  });

  assert.equal(config.secret('STRONGROOM_ROOT_PASSPHRASE')?.reveal(), 'seven quiet otters ');
  assert.equal(config.databaseUrl, 'postgres://strongroom:a%20b@db.internal/strongroom');
});

test('both of them, a file that is not there, an empty one, two lines and a binary are refused, and nothing of it is said', async () => {
  const path = await file('one', 'marzipan');
  assert.throws(
    () => read({ STRONGROOM_ROOT_PASSPHRASE_FILE: path, STRONGROOM_ROOT_PASSPHRASE: 'marzipan' }),
    malformed(/ROOT_PASSPHRASE_FILE are both set/, 'marzipan'),
  );
  for (const wrong of [
    join(folder, 'missing'),
    folder,
    await file('empty', '\n'),
    await file('two', 'marzipan\nmarzipan\n'),
    await file('zero', 'marzi\0pan'),
    await file('long', 'marzipan'.repeat(3000)),
  ])
    assert.throws(() => read({ STRONGROOM_ROOT_PASSPHRASE_FILE: wrong }), malformed(/STRONGROOM_ROOT_PASSPHRASE_FILE/, 'marzipan'), wrong); // prettier-ignore
});

test('a file for what is no secret is no setting: it is refused as a name that is not known', () => {
  for (const name of ['STRONGROOM_PORT_FILE', 'STRONGROOM_HOST_FILE', 'STRONGROOM_ROOT_PASSPHRAS_FILE'])
    assert.throws(() => read({ [name]: '/etc/hostname' }), { code: 'CONFIG_UNKNOWN' }, name);
});
