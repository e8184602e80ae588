/** Erased before, within and behind everything that was backed up, and restored to every point. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseSubjectId, type SubjectId } from '#platform/ids';
import { readAll } from '#platform/testing';

import type { Running } from './erasure-matrix.test.ts';

/** Points of a run, in the order that they come: of the data's (1) and of the keys' within it (2). */
const IN_FIRST = ['snapshot 1', 'objects 1', 'snapshot 2', 'objects 2', 'details 1', 'signed 1', 'put manifest 1', 'details 2', 'signed 2', 'put manifest 2'] as const; // prettier-ignore
const IN_SEGMENT = ['changes read', 'segment put', 'segment signed', 'segment put manifest', 'read noted', 'slot advanced'] as const; // prettier-ignore
const IN_SECOND = ['snapshot 3', 'snapshot 4', 'objects 4', 'signed 4'] as const;

export function erasedAtEveryPoint(given: () => Running): void {
  async function create(name: string): Promise<void> {
    const { keyOf, ask, source, fileHeaders, people } = given();
    const key = await keyOf('application');
    const email = `${name.replaceAll(/\W/g, '')}@matrix.example`;
    const body = { collection: 'customer', fields: { last_name: name, email } };
    const made = await ask(source, 'POST', '/v1/vault/records', { key, body });
    assert.equal(made.status, 201, made.text);
    const { id, subjectId } = JSON.parse(made.text) as { id: string; subjectId: string };
    const file = `passport of ${name}`;
    const put = { key, body: Buffer.from(file), headers: fileHeaders };
    const stored = await ask(source, 'PUT', `/v1/vault/records/${id}/attachments/named`, put);
    assert.equal(stored.status, 201, stored.text);
    const headers = { 'strongroom-reason': encodeURIComponent(`asked by ${name}`) };
    assert.equal((await ask(source, 'GET', `/v1/vault/records/${id}`, { key, headers })).status, 200);
    await source.audit.integrate();
    const size = await source.audit.size();
    const [entry] = await source.audit.read(size - 1, size);
    const { personal } = JSON.parse(String(entry?.bytes)) as { personal: { sealed: string } };
    const [row] = await source.db<{ at: Date }[]>`select clock_timestamp() as at`;
    people.set(name, {
      name, record: id, email, file, publicId: subjectId,
      subjectId: parseSubjectId(subjectId) as SubjectId, sealed: Buffer.from(personal.sealed, 'base64url'), since: row?.at as Date,
    }); // prettier-ignore
  }

  test('erased before, within and behind every snapshot, key object and segment: unreadable after a restore to every point', async (t) => {
    const { admin, backups, WHO, identity, erase, within, points, seen, now, people, erased, restoreTo } = given();
    const [{ wal_level: level } = { wal_level: '' }] = await admin<{ wal_level: string }[]>`show wal_level`;
    if (level !== 'logical') return t.skip(`this PostgreSQL has wal_level = ${level}`);
    await backups.trust(WHO, identity.recipient, 'offline');
    for (const name of ['living', 'before all', 'between', 'behind all', 'within the ledger']) await create(name);
    for (const at of [...IN_FIRST, ...IN_SEGMENT, ...IN_SECOND]) await create(`old ${at}`);
    await erase('before all', 'before all');

    for (const at of IN_FIRST) within.set(at, [`old ${at}`]);
    await readAll(backups.readChanges);
    const first = await (await backups.begin('data', WHO)).done;
    assert.notEqual(first.timeline, null, 'segments go on from it');
    points.push({ of: 'the first snapshot', at: first.finished_at, points: 'snapshot' });

    // each segment brings a new one, and takes one of old and one of the segment before
    for (const [n, at] of IN_SEGMENT.entries()) {
      await create(`living ${at}`);
      await create(`new ${at}`);
      const before = IN_SEGMENT[n - 1];
      const point = `${at} ${(seen.get(at) ?? 0) + 1}`;
      within.set(point, [`old ${at}`, ...(before === undefined ? [] : [`new ${before}`])]);
      const between = await now();
      if (n === 2) {
        await erase('between', 'between two segments');
        points.push({ of: 'a time between two segments', at: between, points: 'segments' });
      }
      await readAll(backups.readChanges);
      const [segment] = await backups.segments(1);
      if (n % 2 === 1) points.push({ of: `the end of the segment of ${at}`, at: segment?.last_at as Date, points: 'segments' }); // prettier-ignore
    }
    for (const at of IN_SECOND) within.set(at, [`old ${at}`]);
    const second = await (await backups.begin('data', WHO)).done;
    points.push({ of: 'the second snapshot', at: second.finished_at, points: 'snapshot' });
    await create('living at the end');
    await create('new at the end');
    await readAll(backups.readChanges);
    await erase('new at the end', 'behind the last segment');
    await backups.sendLedger();
    // of these only the ledger tells: no segment, no key object
    await erase('behind all', 'behind the last segment');
    await backups.sendLedger();
    points.push({ of: 'the end', at: null, points: 'segments' });

    const never = [...people.keys()].filter((name) => !name.includes('living') && !erased.has(name));
    assert.deepEqual(never, ['within the ledger', 'new slot advanced'], 'each moment came');
    for (const name of never) await erase(name, 'behind the last segment');
    await backups.sendLedger();
    for (const point of points) {
      const began = performance.now();
      await restoreTo(point);
      t.diagnostic(`${point.of}: ${Math.round(performance.now() - began)} ms`);
    }
  });
}
