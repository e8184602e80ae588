/** Entries that come from many sides at once, through kills, stalls and floods: nothing is lost, nothing is doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openDb, transact, type Db } from '#platform/db';
import { newSubjectId } from '#platform/ids';

import { leafHash, openNote, parseCheckpoint, parseVerifierKey, verifyInclusion, type NoteKey } from '#platform/tlog';

import { groupCommit } from './append.ts';
import { subjectPseudonym } from './entry.ts';
import {
  appender,
  appendersGone,
  appendMany,
  auditOn,
  event,
  freshLog,
  newKey,
  pseudonymKey,
  requestOf,
  verify,
} from './testing-log.ts';

/** INVARIANT of the log: size = count = highest index + 1. */
async function assertContiguous(db: Db, size: number): Promise<void> {
  const [row] =
    await db`select (select size from audit.head) as size, count(*), max(index) + 1 as next from audit.entries`;
  assert.deepEqual({ ...row }, { size: BigInt(size), count: BigInt(size), next: BigInt(size) });
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
  for (let tries = 0; tries < 2400 && (await audit.size()) < 2; tries += 1)
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
