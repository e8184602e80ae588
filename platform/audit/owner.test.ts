import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { migrate, openDb } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import { createAudit, verifyLog } from './index.ts';

const SQL = { schema: 'audit', folder: new URL('./sql/', import.meta.url) };

test('with an owner of its own the log can be added to by the server, and by nothing it could do be changed', async (t) => {
  const { db: admin, url, close } = await freshDatabase();
  const [app, owner, password] = [
    `app_${randomBytes(4).toString('hex')}`,
    `log_${randomBytes(4).toString('hex')}`,
    'test',
  ];
  const [{ name }] = (await admin`select current_database() as name`) as unknown as [{ name: string }];
  await admin.unsafe(`create role ${app} login password '${password}'; grant create on database "${name}" to ${app}`);
  const asApp = new URL(url);
  [asApp.username, asApp.password] = [app, password];
  const db = openDb(asApp.href, { connections: 3 });
  t.after(async () => {
    await db.end({ timeout: 5 });
    // nothing of a role may be left before it can go; the database goes as a whole afterwards
    await admin.unsafe(`drop owned by ${app}, ${owner} cascade; drop role ${app}, ${owner}`);
    await close();
  });
  await migrate(db, [SQL]);
  const audit = createAudit({
    db,
    clock: () => new Date(),
    signer: { name: 'example.org/log', privateKey: generateKeyPairSync('ed25519').privateKey },
    node: 'node_test',
    pseudonymKey: createSecretKey(randomBytes(32)),
    sealPersonal: (_id, bytes) => Promise.resolve(bytes),
  });
  const append = () => audit.append({ action: 'test.event', actor: { kind: 'system', id: 'test' }, outcome: 'done' });
  await append();
  assert.equal((await audit.status()).ownsTables, true);

  const script = await readFile(new URL('./owner.sql', import.meta.url), 'utf8');
  await admin.begin(async (tx) => {
    await tx`select set_config('strongroom.app', ${app}, true), set_config('strongroom.owner', ${owner}, true)`;
    await tx.unsafe(script);
  });

  await Promise.all(Array.from({ length: 600 }, append));
  const report = await verifyLog({ source: audit.source, verifierKey: audit.verifierKey });
  assert.deepEqual([report.problems, report.size], [[], 601]);
  assert.equal((await audit.status()).ownsTables, false);
  // as a server that stops
  await audit.endPublishing();
  assert.deepEqual(await migrate(db, [SQL]), []);
  for (const statement of [
    `update audit.entries set bytes = 'x'`,
    'delete from audit.entries',
    'truncate audit.entries',
    'drop table audit.entries',
    'drop schema audit cascade',
    'alter table audit.entries disable trigger all',
    'alter table audit.tiles disable trigger user',
    'alter table audit.entries rename to others',
    `alter table audit.entries owner to ${app}`,
    'update audit.checkpoints set size = 0',
    'delete from audit.tree',
    'create table audit.more (x int)',
    `create or replace function audit.refuse() returns trigger language plpgsql as 'begin return new; end'`,
    `set role ${owner}`,
    `set session_replication_role = replica`,
    `create trigger mine before insert on audit.entries for each row execute function audit.refuse()`,
    `create rule mine as on insert to audit.entries do instead nothing`,
  ])
    await assert.rejects(db.unsafe(statement), { code: '42501' }, statement);
  // what it may update, the triggers let go forward only
  for (const statement of [
    'update audit.head set size = 1',
    `update audit.tiles set hashes = substring(hashes from 1 for 32)`,
    'update audit.tree set size = 1',
  ])
    await assert.rejects(db.unsafe(statement), { code: '23001' }, statement);
});

test('a superuser is not taken for a role that could be held', async (t) => {
  const { db } = await freshDatabase(t);
  await migrate(db, [SQL]);
  const script = await readFile(new URL('./owner.sql', import.meta.url), 'utf8');
  await assert.rejects(
    db.begin(async (tx) => {
      await tx`select set_config('strongroom.app', current_user, true)`;
      await tx.unsafe(script);
    }),
    /is a superuser/,
  );
});
