/** Gaps: of segments that are missing, and of slots that are lost or given up. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { readAll } from '#platform/testing';

import { createStores } from '../stores.ts';
import { openTarget } from '../targets/open-target.ts';
import { refused } from '../testing-database.ts';
import type { Running } from './segments.test.ts';

export function gapsAreTold(of: () => Running): void {
  test('a gap is refused: a segment that is missing, another one in its place, hidden ones, a time that none reaches', async (t) => {
    const { isWithoutLogical, top, restoreAt } = of();
    if (await isWithoutLogical(t)) return;
    const spoilt = async (how: (file: (n: number) => string, at: string) => Promise<unknown>): Promise<string> => {
      const at = join(top, `bad-${randomBytes(4).toString('hex')}`);
      await cp(join(top, 'store'), at, { recursive: true });
      const names = (await readdir(join(at, 'data/segments'))).filter((each) => !each.endsWith('.lock')).toSorted();
      await how((n) => join(at, 'data/segments', names.at(n) as string), at);
      return `directory:${at}`;
    };
    const cases: [code: string, how: (file: (n: number) => string, at: string) => Promise<unknown>][] = [
      ['SEGMENT_GAP', (file) => rm(file(3))],
      ['STORE_STALE', (file) => rm(file(-1))],
      ['STORE_STALE', (_, at) => rm(join(at, 'data/segments'), { recursive: true })],
      ['SEGMENT_GAP', async (file) => {
        await rm(file(3));
        await cp(file(4), file(3));
      }],
      ['OBJECT_MISSING', (_, at) => rm(join(at, 'data/changes'), { recursive: true })],
      ['OBJECT_MISSING', (_, at) => rm(join(at, 'key/changes'), { recursive: true })],
    ]; // prettier-ignore
    for (const [code, how] of cases) await assert.rejects(restoreAt({}, await spoilt(how)), refused(code), code);
    await assert.rejects(restoreAt({ at: new Date(Date.now() + 60_000) }), refused('SEGMENT_GAP'));
  });

  test('a slot that is lost is told of; nothing joins across it, and a new backup is joined again', async (t) => {
    const { isWithoutLogical, backupsAt, write, now, sumsOf, source, lost, restoreAt } = of();
    if (await isWithoutLogical(t)) return;
    const backups = await backupsAt();
    await write();
    const before = await now();
    await readAll(backups.readChanges);
    const sums = await sumsOf(source.db);
    await source.db`select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()`;
    await write();
    await readAll(backups.readChanges);
    assert.equal(lost.length, 1);
    assert.match(lost[0] as string, /no such slot/);
    assert.equal((await backups.standing()).pointInTime.available, false);
    await write();
    const inGap = await now();
    await readAll(backups.readChanges);

    const { 'vault.keyrings': _, ...data } = sums;
    const { 'vault.keyrings': keys, ...restored } = (await restoreAt({ at: before })).sums;
    assert.ok(keys !== undefined);
    assert.deepEqual(restored, data);
    await assert.rejects(restoreAt({ at: inGap }), refused('SEGMENT_GAP'));
    await assert.rejects(restoreAt(), refused('SEGMENT_GAP'), 'the newest is not silently an old one');
    await backups.take();
    await write();
    await readAll(backups.readChanges);
    assert.equal((await backups.standing()).pointInTime.available, true);
    assert.deepEqual((await restoreAt()).sums, await sumsOf(source.db));
  });

  test('a slot that holds back more of the log than the disk should bear is given up, loudly, also while the store takes nothing', async (t) => {
    const { isWithoutLogical, source, place, backupsAt, lost, write, restoreAt, sumsOf } = of();
    if (await isWithoutLogical(t)) return;
    const told: string[] = [];
    const say = (words: string): void => void told.push(words);
    const names = async (): Promise<string[]> =>
      (
        await source.db<
          { at: string }[]
        >`select slot_name || ' ' || confirmed_flush_lsn as at from pg_replication_slots where database = current_database()`
      ).map(({ at }) => at);
    const stores = createStores({ data: [place], key: [place], ledger: [place] }, async (address) => ({
      ...(await openTarget(address)),
      put: () => Promise.reject(new Error('no space')),
    }));
    const full = await backupsAt({ stores, say, maxLagBytes: 2 ** 20 });
    await readAll((await backupsAt()).readChanges);
    const before = await names();
    lost.length = 0;
    await source.db`
      insert into vault.records (subject_id, record_no, collection_no, version, box, lookups)
      select gen_random_uuid(), n, 9, 1, (select decode(string_agg(md5(random()::text || n::text || i::text), ''), 'hex') from generate_series(1, 2500) i), ''
      from generate_series(1, 60) n`;
    // a round may find the reader before not gone yet, or somebody writing: the next one does it
    for (let rounds = 0; rounds < 200 && lost.length === 0; rounds += 1, await sleep(50))
      await full.readChanges().catch((thrown: Error) => assert.match(thrown.message, /no space/));
    assert.match(lost[0] as string, /it held back \d+ MiB of the log/);
    assert.ok(
      told.some((words) => words.startsWith('ALARM: the log of changes was lost (it held back')),
      String(told),
    );
    assert.notDeepEqual(await names(), before, 'the log that it held back is let go');
    const { pointInTime, nags } = await full.standing();
    assert.equal(pointInTime.available, false);
    assert.ok(nags.some((nag) => nag.startsWith('what is written after the newest backup is lost with the machine')));
    // snapshots go on, and the next is joined again
    const well = await backupsAt();
    await readAll(well.readChanges);
    await well.take();
    await write();
    await readAll(well.readChanges);
    assert.deepEqual((await restoreAt()).sums, await sumsOf(source.db));
  });
}
