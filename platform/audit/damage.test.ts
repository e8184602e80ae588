/** What somebody can do who rules the database but has no signing key: every damage is found, and nothing is signed over it. */
import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import type { Db } from '#platform/db';

import { checkpointText, NOTE_ED25519, parseCheckpoint, signNote, splitNote } from '#platform/tlog';

import type { Audit } from './audit.ts';
import { verifyLog } from './verify.ts';
import { appendMany, auditOn, event, freshLog, NAME, newKey, verify, type Log } from './testing-log.ts';

const TABLES = ['entries', 'checkpoints', 'tiles', 'head', 'tree'];
const triggers = async (db: Db, how: 'disable' | 'enable always'): Promise<void> => {
  for (const table of TABLES) {
    const names =
      await db`select tgname from pg_trigger where tgrelid = ${`audit.${table}`}::regclass and not tgisinternal`;
    for (const { tgname } of names) await db.unsafe(`alter table audit.${table} ${how} trigger ${tgname as string}`);
  }
};

async function damagedLog(t: TestContext, ...statements: string[]): Promise<Log> {
  const log = await freshLog(t);
  await appendMany(log.audit, 600);
  assert.deepEqual((await verify(log)).problems, []);
  await damage(log, ...statements);
  return log;
}

async function damage({ db }: Log, ...statements: string[]): Promise<void> {
  await triggers(db, 'disable');
  for (const statement of statements) await db.unsafe(statement);
  await triggers(db, 'enable always');
}

const EDIT = (index: number): string =>
  `update audit.entries set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), 'vault.read', 'vault.list'), 'UTF8') where index = ${index}`;
const FLIP = (level: number, index: number, byte: number): string =>
  `update audit.tiles set hashes = set_byte(hashes, ${byte}, get_byte(hashes, ${byte}) # 1) where level = ${level} and index = ${index}`;

const FOUND: readonly (readonly [string, readonly string[], readonly RegExp[]])[] = [
  ['an entry that was edited', [EDIT(300)], [/^entry 300 is not what was logged: it was edited/]],
  [
    'an entry that was deleted',
    ['delete from audit.entries where index = 300'],
    [/^of entries 256 to 511 there are 255/, /^entry 300 is gone$/],
  ],
  ['the last entry, deleted', ['delete from audit.entries where index = 599'], [/^entry 599 is gone$/]],
  [
    'two entries that were exchanged',
    [
      'update audit.entries set index = index + 100000 where index in (10, 20)',
      'update audit.entries set index = 100030 - index where index > 100000',
    ],
    [/^entry 10 .* logged as 20 stands there/, /^entry 20 .* logged as 10 stands there/],
  ],
  [
    'an entry edited together with its tile',
    [
      EDIT(300),
      `update audit.tiles set hashes = overlay(hashes placing (select sha256('\\x00'::bytea || bytes) from audit.entries where index = 300) from 44 * 32 + 1) where level = 0 and index = 1`,
    ],
    [/^of entries 256 to 511 some were changed/, /do not give the root/],
  ],
  ['a tile that was changed', [FLIP(0, 0, 40)], [/^tile 0\/0 was changed; the entries are those/]],
  ['a tile of a level above', [FLIP(1, 0, 40)], [/^tile 1\/0 was changed; the entries are those/]],
  ['a tile at the edge', [FLIP(0, 2, 40)], [/^tile 0\/2 was changed; the entries are those/]],
  ['a tile that is gone', ['delete from audit.tiles where level = 0 and index = 1'], [/^tile 0\/1 is gone/]],
  ['a tile above that is gone', ['delete from audit.tiles where level = 1'], [/^tile 1\/0 is gone/]],
  [
    'a tile that was cut off',
    ['update audit.tiles set hashes = substring(hashes from 1 for 64) where level = 0 and index = 1'],
    [/^tile 0\/1 is gone or was cut off/],
  ],
  [
    'an entry that is no longer one',
    [`update audit.entries set bytes = 'x' where index = 5`],
    [/^entry 5 is not a readable entry/, /^entry 5 is not what was logged/],
  ],
  [
    'the end, cut off',
    ['delete from audit.entries where index >= 500', 'update audit.head set size = 500'],
    [/^the log has 500 entries, 600 were signed: its end was cut off/],
  ],
  [
    'a signed head that is gone',
    ['delete from audit.tree'],
    [/^a checkpoint of 600 entries was kept, 0 is the signed size/],
  ],
  [
    'a signed size that was set back',
    ['update audit.tree set size = 500', 'update audit.head set size = 500'],
    [/was kept, 500 is the signed size: it was set back/],
  ],
  [
    'a signature that was forged',
    [
      `update audit.tree set signed = overlay(signed placing 'AAAA' from length(signed) - 20), published = overlay(published placing 'AAAA' from length(published) - 20)`,
    ],
    [/^the stored tree is not the one that was signed/],
  ],
];

/** Does the damage in a transaction of its own, looks with `then`, and undoes it. */
async function inDamaged(
  log: Log,
  statements: readonly string[],
  then: (audit: Audit) => Promise<void>,
): Promise<void> {
  const undo = new Error('undo');
  const done = log.db.begin(async (tx) => {
    for (const table of TABLES) await tx.unsafe(`alter table audit.${table} disable trigger user`);
    for (const statement of statements) await tx.unsafe(statement);
    // verifying and proving only read, so a transaction will do for them
    await then(auditOn(tx as unknown as Db, log.key));
    throw undo;
  });
  await assert.rejects(done, undo);
}

test('the tables refuse update, delete and truncate, also for a replica', async (t) => {
  const { db, audit } = await freshLog(t);
  await appendMany(audit, 300);
  await audit.checkpoint();
  const statements = [
    `update audit.entries set bytes = '\\x00' where index = 1`,
    'delete from audit.entries where index = 1',
    'update audit.checkpoints set size = 1',
    'delete from audit.checkpoints',
    'delete from audit.tiles',
    `update audit.tiles set hashes = substring(hashes from 1 for 32) where level = 0 and index = 0`,
    `update audit.tiles set hashes = overlay(hashes placing '\\x00' from 5)`,
    'update audit.head set size = 5',
    'delete from audit.head',
    'update audit.tree set size = 5',
    'delete from audit.tree',
    ...['entries', 'checkpoints', 'tiles', 'head', 'tree'].map((table) => `truncate audit.${table}`),
  ];
  for (const role of ['origin', 'replica'])
    for (const statement of statements) {
      const tried = db.begin(async (tx) => {
        await tx.unsafe(`set local session_replication_role = ${role}`);
        await tx.unsafe(statement);
      });
      await assert.rejects(tried, { code: '23001' }, `${role}: ${statement}`);
    }
});

test('the verifier finds', async (t) => {
  const log = await damagedLog(t);
  for (const [what, statements, expected] of FOUND)
    await t.test(`${what}, and says so`, () =>
      inDamaged(log, statements, async ({ source, verifierKey }) => {
        const { ok, problems } = await verifyLog({ source, verifierKey });

        assert.equal(ok, false);
        for (const pattern of expected)
          assert.ok(
            problems.some((one) => pattern.test(one)),
            `${String(pattern)} in ${problems.join('; ')}`,
          );
        assert.ok(problems.length <= expected.length + 2, problems.join('; '));
      }),
    );
  assert.deepEqual((await verify(log)).problems, []);
});

const REFUSED: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['the edge of the tree was changed', [FLIP(0, 2, 40)], /not the one that was signed/],
  ['the edge above was changed', [FLIP(1, 0, 40)], /not the one that was signed/],
  ['a tile of the edge is gone', ['delete from audit.tiles where level = 0 and index = 2'], /tile 0\/2 has 0 hashes/],
  [
    'the end was cut off and filled up again',
    ['delete from audit.entries where index >= 500', 'update audit.head set size = 500'],
    /entry 599 is not the one that was signed/,
  ],
  ['the last entry was edited', [EDIT(599)], /entry 599 is not the one that was signed/],
  ['the signed head is gone', ['delete from audit.tree'], /was kept/],
  [
    'the signature was forged',
    [`update audit.tree set signed = overlay(signed placing 'AAAA' from length(signed) - 20)`],
    /not the one that was signed/,
  ],
  [
    'tiles were laid ahead',
    [
      `insert into audit.tiles (level, index, hashes) select 0, 3, hashes from audit.tiles where level = 0 and index = 0`,
    ],
    /never taken in/,
  ],
  [
    'new entries were taken out',
    ['update audit.head set size = 610', `insert into audit.entries (index, bytes) values (609, 'x')`],
    /are missing/,
  ],
];

for (const [what, statements, pattern] of REFUSED)
  test(`nothing is signed again when ${what}`, async (t) => {
    const log = await damagedLog(t, ...statements);
    await appendMany(log.audit, 300);

    for (let tries = 0; tries < 2; tries += 1)
      await assert.rejects(log.audit.integrate(), { code: 'AUDIT_TAMPERED', message: pattern });
  });

test("another log's checkpoint is not taken for this one's, neither by its key nor by its name", async (t) => {
  const forgeries: readonly ((key: KeyObject) => { name: string; privateKey: KeyObject })[] = [
    () => ({ name: NAME, privateKey: newKey() }),
    (key) => ({ name: 'strongroom/other', privateKey: key }),
  ];
  for (const signerOf of forgeries) {
    const log = await damagedLog(t);
    const old = await log.audit.checkpoint();
    const { size, root } = parseCheckpoint(splitNote(old)?.text ?? '') as NonNullable<
      ReturnType<typeof parseCheckpoint>
    >;
    const signer = signerOf(log.key);
    const note = signNote(
      checkpointText({ origin: signer.name, size, root }),
      [{ ...signer, type: NOTE_ED25519 }],
      new Date(),
    );
    await triggers(log.db, 'disable');
    await log.db`update audit.tree set signed = ${note}, published = ${note}`;

    // the log itself finds it, and so does who only gets the note
    assert.match((await verify(log)).problems.join(), /^the stored tree is not the one that was signed/);
    const source = { ...log.audit.source, checkpoint: () => Promise.resolve(note) };
    const { problems } = await verifyLog({ source, verifierKey: log.audit.verifierKey });
    assert.match(problems.join(), /^the checkpoint is not signed by this log/);
    await log.audit.append(event('x'));
    await assert.rejects(log.audit.integrate(), { code: 'AUDIT_TAMPERED' });
  }
});

test('an old copy put back whole is found by the remembered checkpoint, and by it alone', async (t) => {
  const log = await freshLog(t);
  await appendMany(log.audit, 400);
  const old = await log.audit.checkpoint();
  await appendMany(log.audit, 200);
  const { note } = await verify(log);
  await damage(
    log,
    'delete from audit.entries where index >= 400',
    'update audit.head set size = 400',
    'delete from audit.checkpoints where size > 400',
    `update audit.tree set size = 400, signed = '${old}', published = '${old}'`,
    'delete from audit.tiles where level = 0 and index = 2',
    'update audit.tiles set hashes = substring(hashes from 1 for 144 * 32) where level = 0 and index = 1',
    'update audit.tiles set hashes = substring(hashes from 1 for 32) where level = 1',
  );

  assert.equal((await verify(log)).ok, true);
  assert.match((await verify(log, note)).problems.join(), /^the log has 400 entries, 600 were seen before/);

  await appendMany(log.audit, 300);
  assert.equal((await verify(log)).ok, true);
  assert.match(
    (await verify(log, note)).problems.join(),
    /^the first 600 entries are not those seen before: the log was rewritten/,
  );
  assert.equal((await verify(log, old)).ok, true);
  assert.match((await verify(log, `${note}x`)).problems.join(), /remembered checkpoint is not signed/);
});

test('no proof is handed out that does not hold', async (t) => {
  const log = await damagedLog(t);
  for (const statement of [
    FLIP(0, 0, 40),
    FLIP(1, 0, 40),
    EDIT(5),
    'delete from audit.entries where index = 5',
    'delete from audit.tiles where level = 0 and index = 0',
  ])
    await inDamaged(log, [statement], async (audit) => {
      await assert.rejects(audit.prove(5), { code: 'AUDIT_TAMPERED' }, statement);
    });
});
