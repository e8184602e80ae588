/** Killed at every boundary, and restored to every time in between. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { transact } from '#platform/db';
import { uuidv7 } from '#platform/ids';
import { readAll } from '#platform/testing';

import type { Death } from '../dying-process.ts';
import { liveBytes } from '../live-bytes.ts';
import { refreshPublications } from './slot.ts';
import type { Running, Sums } from './segments.test.ts';

const POINTS = ['changes read', 'segment intended', 'segment put', 'segment journalled', 'segment signed', 'segment intended manifest', 'segment put manifest', 'segment done', 'read noted', 'slot advanced'] as const; // prettier-ignore

export function killedAnywhere(given: () => Running): void {
  test('killed at every boundary, then restored to every time in between: the rows of then, once each', async (t) => {
    const {
      isWithoutLogical,
      write,
      backupsAt,
      sumsOf,
      source,
      now,
      place,
      installation,
      seed,
      NEW_COLUMN,
      restoreAt,
      escrows,
      top,
      CANARY,
    } = given();
    if (await isWithoutLogical(t)) return;
    for (let n = 0; n < 3; n += 1) await write();
    const next = await backupsAt();
    const points: { at: Date; sums: Sums; of: string }[] = [];
    const note = async (of: string): Promise<void> => void points.push({ sums: await sumsOf(source.db), at: await now(), of }); // prettier-ignore

    // begun before the slot and the snapshot, ended after them
    const early = Promise.withResolvers<void>();
    const held = transact(source.db, async (tx) => {
      await tx`insert into vault.keyrings (subject_id, epoch, ring) values (${uuidv7()}, 1, ${randomBytes(9)})`;
      await early.promise;
    });
    assert.equal(
      (await next.take()).timeline,
      null,
      'who writes since before the slot keeps the snapshot from being joined',
    );
    early.resolve();
    await held;
    const late = Promise.withResolvers<void>();
    await readAll(next.readChanges);
    const across = transact(source.db, async (tx) => {
      await tx`insert into vault.keyrings (subject_id, epoch, ring) values (${uuidv7()}, 1, ${randomBytes(9)})`;
      await late.promise;
    });
    const first = await next.take();
    assert.notEqual(first.timeline, null);
    await note('the snapshot');
    late.resolve();
    await across;

    for (const at of POINTS) {
      await write();
      await write();
      await note(at);
      const death: Death = {
        url: source.url,
        places: [place],
        installation,
        seed: seed.toString('hex'),
        what: 'changes',
        at,
        nth: 1,
      };
      const child = fork(new URL('../dying-process.ts', import.meta.url), [JSON.stringify(death)]);
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'], at);
      await write();
      // PostgreSQL may not have seen yet that whoever held the lock is gone
      await readAll(next.readChanges);
    }
    // all of a table, and more than an object holds, in one transaction each
    await source.db`truncate vault.restrictions`;
    await write();
    await source.db`
      insert into vault.records (subject_id, record_no, collection_no, version, box, lookups)
      select gen_random_uuid(), n, 9, 1, (select decode(string_agg(md5(random()::text || n::text || i::text), ''), 'hex') from generate_series(1, 2500) i), ''
      from generate_series(1, 450) n`;
    await note('a large transaction');
    const before = liveBytes();
    const heldBytes: number[] = [];
    const watching = await backupsAt({
      stop: (at) => void (at === 'segment put' && heldBytes.push(liveBytes() - before)),
    });
    await readAll(watching.readChanges);
    // of 450 messages, 36 MB: a frame, and an object
    assert.ok(heldBytes.length > 2 && Math.max(...heldBytes) < 20 * 2 ** 20, `${String(heldBytes)} bytes were held`);
    const [large] = await source.db<{ objects: number; transactions: number }[]>`
      select s.transactions, (select count(*)::int from backups.objects o where o.run_id = s.run_id and name like 'data/changes/%') as objects
      from backups.segments s order by objects desc limit 1`;
    assert.ok((large?.objects ?? 0) > 1, `it was sealed while it was read: ${JSON.stringify(large)}`);
    await source.db`delete from vault.records where collection_no = 9`;
    await source.db`insert into vault.epochs (use, epoch, state, wrapped, provider, key_id, key_version) values ('data', 2, 'retiring', 'x', 'p', 'k', '1')`; // prettier-ignore
    await readAll(next.readChanges);
    await transact(source.db, async (tx) => {
      await tx.unsafe(NEW_COLUMN);
      await tx`insert into platform.migrations (schema, number, name, sha256) values ('vault', 900, '0900-note.sql', 'x')`;
    });
    await refreshPublications(source.db);
    await source.db`
      insert into vault.tokens (lookup, subject_id, record_no, field, kind, note)
      values (${randomBytes(16)}, ${uuidv7()}, 1, 'email', 'random', 'of later')`;
    await write();
    await note('the migration');
    await readAll(next.readChanges);
    // a server that begins gives a beat
    const last = await backupsAt();
    await readAll(last.readChanges);
    await last.tick();

    const keys = (await sumsOf(source.db))['vault.keyrings'];
    for (const { at, sums, of } of points.filter(
      ({ of }, n) => n % 5 === 0 || of.startsWith('a large') || n === points.length - 1,
    )) {
      const restored = await restoreAt({ at });
      assert.deepEqual(restored.sums, { ...sums, 'vault.keyrings': keys }, of);
    }
    const all = await restoreAt();
    assert.deepEqual(all.sums, await sumsOf(source.db));
    assert.equal(escrows.at(-1)?.length, 2, 'epochs that changed brought their keys along');
    const alone = await restoreAt({ points: 'snapshot' });
    assert.equal(alone.attestation.segments, null);
    assert.equal(alone.attestation.restoredTo, alone.attestation.backupAt);
    const [names] = await source.db<{ n: number; seqs: number }[]>`
      select count(*)::int as n, count(distinct seq)::int as seqs from backups.runs where plane = 'segment' and state = 'done'`;
    assert.equal(names?.n, names?.seqs);
    for (const name of await readdir(join(top, 'store'), { recursive: true, withFileTypes: true }))
      if (name.isFile()) {
        const bytes = await (await import('node:fs/promises')).readFile(join(name.parentPath, name.name));
        assert.ok(!bytes.includes(CANARY), `${name.name} has what is stored in the open`);
      }
  });
}
