import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';

import { migrate, openDb, transact, type Db } from '#platform/db';
import { newSubjectId } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import {
  checkpointText,
  leafHash,
  NOTE_ED25519,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  signNote,
  splitNote,
  verifyInclusion,
  type NoteKey,
} from '#platform/tlog';

import { groupCommit } from './append.ts';
import { createAudit, type Audit } from './audit.ts';
import type { AuditEvent } from './event.ts';
import { subjectPseudonym } from './entry.ts';
import { verifyLog, type VerifyReport } from './verify.ts';

const NAME = 'strongroom/test';
const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const pseudonymKey = createSecretKey(Buffer.alloc(32, 7));

function auditOn(db: Db, privateKey: KeyObject): Audit {
  const sealPersonal = (): Promise<Uint8Array> => Promise.resolve(Buffer.from('sealed'));
  return createAudit({
    db,
    clock: () => new Date(),
    signer: { name: NAME, privateKey },
    pseudonymKey,
    node: 'test',
    sealPersonal,
  });
}

type Log = Readonly<{ db: Db; url: string; key: KeyObject; audit: Audit }>;

async function freshLog(t: TestContext): Promise<Log> {
  const { db, url } = await freshDatabase(t);
  await migrate(db, [{ schema: 'audit', folder: new URL('sql/', import.meta.url) }]);
  const key = newKey();
  return { db, url, key, audit: auditOn(db, key) };
}

const event = (requestId: string): AuditEvent => ({
  action: 'vault.read',
  actor: { kind: 'service', id: 'shop' },
  outcome: 'done',
  requestId,
});
const appendMany = (audit: Audit, count: number): Promise<{ index: bigint }[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => audit.append(event(`r${i}`))));
const requestOf = (bytes: Buffer): unknown => (JSON.parse(bytes.toString('utf8')) as { requestId: unknown }).requestId;
const verify = ({ audit }: Log, remembered: string | null = null): Promise<VerifyReport> =>
  verifyLog({ source: audit.source, verifierKey: audit.verifierKey, remembered });

/** INVARIANT of the log: size = count = highest index + 1. */
async function assertContiguous(db: Db, size: number): Promise<void> {
  const [row] =
    await db`select (select size from audit.head) as size, count(*), max(index) + 1 as next from audit.entries`;
  assert.deepEqual({ ...row }, { size: BigInt(size), count: BigInt(size), next: BigInt(size) });
}

const PROGRAM = `
  import { createSecretKey, generateKeyPairSync } from 'node:crypto';
  import { openDb } from '${new URL('../db/index.ts', import.meta.url).href}';
  import { createAudit } from '${new URL('./index.ts', import.meta.url).href}';
  const [url, name, count] = process.argv.slice(1);
  const db = openDb(url, { connections: 2, applicationName: 'appender' });
  const audit = createAudit({
    db, clock: () => new Date(), node: name, sealPersonal: async () => new Uint8Array(),
    signer: { name: 'x', privateKey: generateKeyPairSync('ed25519').privateKey },
    pseudonymKey: createSecretKey(Buffer.alloc(32, 7)),
  });
  let next = 0;
  const work = async () => {
    while (next < Number(count)) {
      const requestId = name + next++;
      const { index } = await audit.append({ action: 'vault.read', actor: { kind: 'service', id: name }, outcome: 'done', requestId });
      process.stdout.write(index + ' ' + requestId + '\\n');
    }
  };
  await Promise.all(Array.from({ length: 25 }, work));
  await db.end();`;

/** Waits until PostgreSQL has noticed that the processes of `appender` are no more. */
async function appendersGone(db: Db): Promise<void> {
  for (;;) {
    const left =
      await db`select pid from pg_stat_activity where application_name = 'appender' and datname = current_database()`;
    if (left.count === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

type Answered = Map<number, string>;

/** Appends from a process of its own; `answered` fills with what was answered for. */
function appender(
  log: Log,
  name: string,
  count: number,
): { child: ChildProcess; answered: Answered; ended: Promise<unknown> } {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, log.url, name, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answered: Answered = new Map();
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [index, requestId] = line.split(' ') as [string, string];
    // a line that SIGKILL cut in two answers for nothing
    if (/^[a-z]+\d+$/.test(requestId ?? '')) answered.set(Number(index), requestId);
  });
  return { child, answered, ended: Promise.all([once(child, 'close'), once(lines, 'close')]) };
}

test('200 appends at once get contiguous indexes, each its own entry', async (t) => {
  const { db, audit } = await freshLog(t);

  const indexes = (await appendMany(audit, 200)).map(({ index }) => Number(index));

  assert.deepEqual(
    indexes.toSorted((a, b) => a - b),
    Array.from({ length: 200 }, (_, i) => i),
  );
  await assertContiguous(db, 200);
  const rows = await audit.read(0, 200);
  indexes.forEach((index, i) => assert.equal(requestOf(rows[index]?.bytes as Buffer), `r${i}`));
});

test('three processes that append side by side leave no gap and lose nothing', async (t) => {
  const log = await freshLog(t);

  const appenders = ['a', 'b', 'c'].map((name) => appender(log, name, 300));
  await Promise.all(appenders.map(({ ended }) => ended));

  await assertContiguous(log.db, 900);
  const rows = await log.audit.read(0, 900);
  for (const { answered } of appenders) {
    assert.equal(answered.size, 300);
    for (const [index, requestId] of answered) assert.equal(requestOf(rows[index]?.bytes as Buffer), requestId);
  }
  assert.equal((await verify(log)).ok, true);
});

test('what was answered for before a SIGKILL is in the log', async (t) => {
  const log = await freshLog(t);
  const { child, answered, ended } = appender(log, 'k', 1_000_000);

  while (answered.size < 300 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  await ended;
  // a batch that had reached PostgreSQL still commits: the log may hold more than was answered for, never less
  await appendersGone(log.db);
  const size = await log.audit.size();

  assert.ok(answered.size >= 300);
  await assertContiguous(log.db, size);
  const rows = await log.audit.read(0, size);
  for (const [index, requestId] of answered) assert.equal(requestOf(rows[index]?.bytes as Buffer), requestId);
  assert.equal(Number((await log.audit.append(event('after'))).index) >= size, true);
  assert.equal((await verify(log)).ok, true);
});

test('a log whose database is gone or does not answer refuses at once', async (t) => {
  const { url, audit } = await freshLog(t);
  await audit.append(event('before'));
  const nowhere = openDb('postgres://nobody@127.0.0.1:1/none', { connectTimeoutMs: 2000 });
  t.after(() => nowhere.end({ timeout: 1 }));
  const server = new URL(url);
  const name = decodeURIComponent(server.pathname.slice(1));
  server.pathname = '/postgres';
  const admin = openDb(server.href, { connections: 1 });
  t.after(() => admin.end({ timeout: 1 }));

  await assert.rejects(auditOn(nowhere, newKey()).append(event('x')), { code: 'AUDIT_UNAVAILABLE' });
  await admin`drop database ${admin(name)} with (force)`;
  await assert.rejects(audit.append(event('y')), { code: 'AUDIT_UNAVAILABLE' });
  await assert.rejects(audit.append(event('z')), { code: 'AUDIT_UNAVAILABLE' });
});

/** Holds the head's row, as a server in trouble would. */
async function holdHead(db: Db): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const ended = db.begin(async (tx) => {
    await tx`select from audit.head for update`;
    held.resolve();
    await release.promise;
  });
  await held.promise;
  return async () => {
    release.resolve();
    await ended;
  };
}

test('more waiting entries than are allowed, or bytes, are turned away; the others go in', async (t) => {
  const { db } = await freshLog(t);
  for (const [limits, size] of [
    [{ waitingEntries: 50 }, 10],
    [{ waitingBytes: 50_000 }, 1000],
  ] as const) {
    const [{ from }] = (await db`select size as from from audit.head`) as unknown as [{ from: bigint }];
    const append = groupCommit(db, { ...limits, batchEntries: 10 });
    const release = await holdHead(db);
    const first = Array.from({ length: 10 }, () => append(Buffer.alloc(size, 'a')));
    await new Promise((resolve) => setTimeout(resolve, 50));

    const others = Array.from({ length: 80 }, () => append(Buffer.alloc(size, 'b')));
    const settled = Promise.allSettled([...first, ...others]);
    await release();
    const refused = (await settled).filter((one) => one.status === 'rejected');

    assert.equal(refused.length, 30);
    for (const { reason } of refused) assert.equal((reason as { code: string }).code, 'AUDIT_OVERLOADED');
    await assertContiguous(db, Number(from) + 60);
  }
});

test('one who counts and fails keeps nobody from writing', async (t) => {
  const { db } = await freshLog(t);
  const onBatch = (): never => {
    throw new Error('no metrics today');
  };
  const append = groupCommit(db, { onBatch });

  assert.deepEqual([await append(Buffer.from('a')), await append(Buffer.from('b'))], [0n, 1n]);
});

test('large entries go in with batches that stay small', async (t) => {
  const { db } = await freshLog(t);
  const append = groupCommit(db, { batchBytes: 100_000 });

  const indexes = await Promise.all(Array.from({ length: 20 }, () => append(Buffer.alloc(61_440, 'x'))));

  assert.deepEqual(
    indexes,
    Array.from({ length: 20 }, (_, i) => BigInt(i)),
  );
});

test('when a batch hangs, all that wait are refused; the log may then hold an entry too many, never one too few', async (t) => {
  const { db, audit } = await freshLog(t);
  // open connections first, so that it is the lock that is waited for
  await Promise.all(Array.from({ length: 3 }, () => db`select pg_sleep(0.05)`));
  const hanging = groupCommit(db, { timeoutMs: 300, batchEntries: 1 });
  const release = await holdHead(db);

  const waiting = await Promise.allSettled(['1', '2', '3'].map((text) => hanging(Buffer.from(text))));
  await release();
  // the one that was refused late may still come in; those behind it never left this process
  await groupCommit(db)(Buffer.from('4'));
  for (let tries = 0; tries < 200 && (await audit.size()) < 2; tries += 1)
    await new Promise((ok) => setTimeout(ok, 25));

  for (const one of waiting)
    assert.equal(one.status === 'rejected' && (one.reason as { code: string }).code, 'AUDIT_UNAVAILABLE');
  await assertContiguous(db, 2);
  assert.deepEqual((await audit.read(0, 9)).map((row) => row.bytes.toString()).toSorted(), ['1', '4']);
});

test('an entry appended in a transaction commits with it and rolls back with it', async (t) => {
  const { db, audit } = await freshLog(t);

  const kept = await transact(db, (tx) => audit.appendIn(tx, event('kept')));
  await assert.rejects(
    transact(db, async (tx) => {
      await audit.appendIn(tx, event('undone'));
      throw new Error('changed my mind');
    }),
    /changed my mind/,
  );
  const after = await audit.append(event('after'));

  assert.deepEqual([kept.index, after.index], [0n, 1n]);
  assert.deepEqual(
    (await audit.read(0, 10)).map((row) => requestOf(row.bytes)),
    ['kept', 'after'],
  );
});

test('an entry names subjects by pseudonym; what is no text or too long is refused', async (t) => {
  const { audit } = await freshLog(t);
  const subjectId = newSubjectId();

  await audit.append({
    ...event('r'),
    subjects: [subjectId],
    actor: { kind: 'subject', id: subjectId },
    personal: { subjectId, text: 'a name' },
  });
  const text = (await audit.read(0, 1))[0]?.bytes.toString() ?? '';

  assert.ok(text.includes(subjectPseudonym(pseudonymKey, subjectId)));
  assert.ok(!text.includes(subjectId) && !text.includes('a name'));
  for (const purpose of ['\ud800', 'x'.repeat(61_440)])
    await assert.rejects(audit.append({ ...event('r'), purpose }), { code: 'AUDIT_ENTRY_INVALID' });
  assert.equal(await audit.size(), 1);
});

test('an empty log is signed, as a server does at its first start, and then grows', async (t) => {
  const log = await freshLog(t);

  const empty = await verify(log);
  await log.audit.append(event('first'));
  const { ok, size } = await verify(log, empty.note);

  assert.deepEqual(
    { ...empty, note: '' },
    {
      ok: true,
      size: 0,
      root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      note: '',
      problems: [],
      quorum: null,
      policyVersions: [],
    },
  );
  assert.deepEqual({ ok, size }, { ok: true, size: 1 });
});

test('a log of every size around tile edges is what was signed, and only grows', async (t) => {
  const log = await freshLog(t);
  let remembered: string | null = null;
  for (const count of [1, 1, 253, 1, 1, 254, 1, 1]) {
    await appendMany(log.audit, count);
    const report = await verify(log, remembered);
    assert.deepEqual(report.problems, []);
    remembered = report.note;
  }
  assert.equal(await log.audit.size(), 513);
});

test('servers that take in side by side never cry wolf, and each proves its own entries', async (t) => {
  const log = await freshLog(t);
  const audits = [log.audit, auditOn(log.db, log.key), auditOn(log.db, log.key)];

  await Promise.all(
    audits.map(async (audit) => {
      for (let round = 0; round < 15; round += 1) {
        const [first] = await Promise.all([audit.append(event('r')), appendMany(audit, 10)]);
        await audit.checkpoint();
        await audit.prove(Number(first.index));
      }
    }),
  );

  assert.deepEqual(await verify(log), { ...(await verify(log)), ok: true, size: 495 });
});

test('an inclusion proof leads from its entry to the signed root, and from no other', async (t) => {
  const { audit } = await freshLog(t);
  await appendMany(audit, 600);
  await assert.rejects(audit.prove(5), { code: 'AUDIT_NOT_PUBLISHED' });
  await audit.checkpoint();
  const rows = await audit.read(0, 600);

  for (const index of [0, 255, 256, 511, 599]) {
    const proof = await audit.prove(index);
    const split = proof.indexOf('\n\n');
    const [kind, at, ...hashes] = proof.slice(0, split).split('\n');
    const text = openNote(proof.slice(split + 2), [parseVerifierKey(audit.verifierKey) as NoteKey])?.text as string;
    const { size, root } = parseCheckpoint(text) as NonNullable<ReturnType<typeof parseCheckpoint>>;
    const path = hashes.map((hash) => Buffer.from(hash, 'base64'));
    const leaf = (i: number): Buffer => leafHash(rows[i]?.bytes as Buffer);

    assert.equal(`${kind} ${at}`, `c2sp.org/tlog-proof@v1 index ${index}`);
    assert.equal(verifyInclusion(leaf(index), index, size, root, path), true);
    assert.equal(verifyInclusion(leaf((index + 1) % 600), index, size, root, path), false);
    assert.equal(verifyInclusion(leaf(index), (index + 1) % 600, size, root, path), false);
  }
  for (const index of [600, -1, 1.5, Number.NaN]) await assert.rejects(audit.prove(index), { code: 'AUDIT_NOT_FOUND' });
});

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

// What somebody does who rules the database but has no signing key.

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
