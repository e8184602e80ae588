/** All of it is lost and comes back, but for those who were forgotten. */
import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';

import { readConfig } from '#platform/config';
import { isFailure } from '#platform/failure';
import { parseSubjectId } from '#platform/ids';
import { combineIdentity, makeIdentity, openTarget, splitIdentity } from '#practices/backups';

import { composeSystem } from './compose.ts';
import { quarantineMark } from './quarantine.ts';
import { restoreInto, type RestoreAsk } from './restore-system.ts';
import type { Running } from './backups.test.ts';

const refused = (code: string) => (thrown: unknown) => isFailure(thrown, `BACKUPS_${code}`);
const WHO = { kind: 'system', id: 'test' } as const;
/** Looked for in every stored byte. */
const CANARY = 'Zweifelhammer-Kanarienvogel';

async function everyByte(path: string): Promise<Buffer[]> {
  const files = (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  // what is being written has another name when it is whole, and is looked at then
  const read = files.map((entry) =>
    readFile(join(entry.parentPath, entry.name)).catch((thrown: NodeJS.ErrnoException) => {
      if (entry.name.startsWith('.part-') && thrown.code === 'ENOENT') return Buffer.alloc(0);
      throw thrown;
    }),
  );
  return Promise.all(read);
}

export function whatWasLostComesBack(of: () => Running): void {
  async function customer(n: number): Promise<{ id: string; subjectId: string }> {
    const { call } = of();
    const { status, body } = await call('application', 'POST', '/v1/vault/records', {
      collection: 'customer',
      subject: { externalId: `c-${n}` },
      fields: { last_name: `${CANARY}-${n}`, email: `canary${n}@${CANARY.toLowerCase()}.example` },
    });
    assert.equal(status, 201, JSON.stringify(body));
    return body as { id: string; subjectId: string };
  }

  test('backed up, lost, restored from stores and shares; who was forgotten before and after stays forgotten', async () => {
    const { call, system, folder, log, areGone, farOf, isRoot, asksAt } = of();
    const identity = await makeIdentity();
    const shares = await splitIdentity(identity);
    assert.equal(
      (await call('custodian', 'POST', '/v1/backups/recipients', { recipient: identity.recipient })).status,
      201,
    );
    const people = await Promise.all(Array.from({ length: 12 }, (_, n) => customer(n)));
    const subject = (n: number): string => (people[n] as { subjectId: string }).subjectId;
    const erase = async (n: number) =>
      assert.equal(
        (await call('dpo', 'DELETE', `/v1/vault/subjects/${subject(n)}`, undefined, 'legal.request')).status,
        200,
      );
    const backUp = async () => (await system.backups.begin('data', WHO)).done;

    await erase(0);
    const first = await backUp();
    await erase(1);
    const late = await customer(100);
    const [point] = await system.db<{ at: Date }[]>`select clock_timestamp() as at`;
    const at = (point as { at: Date }).at;
    const later = await customer(101);
    // what was deleted and cleared of people who stay must not come back either
    assert.equal((await call('application', 'DELETE', `/v1/vault/records/${(people[6] as { id: string }).id}`, undefined, 'service.support')).status, 200); // prettier-ignore
    const cleared = await call('application', 'PATCH', `/v1/vault/records/${(people[7] as { id: string }).id}`, { fields: { email: null } }, 'service.support'); // prettier-ignore
    assert.equal(cleared.status, 200, JSON.stringify(cleared.body));
    const second = await backUp();
    await erase(2);
    await call('dpo', 'POST', `/v1/vault/subjects/${subject(3)}/restriction`, { reason: 'objection' });
    // the log is read beside the backups, later where the machine is busy: until it is read to the time that is restored to
    for (let tries = 0; tries < 600; tries += 1) {
      await system.backups.tick();
      const { to } = (await system.backups.standing()).pointInTime;
      if (to !== null && to > at) break;
      await sleep(100);
    }

    assert.deepEqual([first.state, second.state, second.seq], ['done', 'done', 2n]);
    const standing = (await call('engineer', 'GET', '/v1/backups/status')).body;
    assert.equal(standing.newest.data.seq, 2);
    assert.ok(
      standing.nags.some((nag: string) => nag.includes('3-2-1')),
      String(standing.nags),
    );
    for (const bytes of await everyByte(`${folder}/home-backups`)) {
      for (const secret of [CANARY, CANARY.toLowerCase(), identity.identity, 'customer'])
        assert.ok(!bytes.includes(secret), `${secret} lies open in a store`);
    }

    const store = await openTarget(`directory:${folder}/home-backups`);
    const combined = await combineIdentity([shares[4], shares[0], shares[2]] as string[]);
    const ask: RestoreAsk = {
      stores: { data: store, key: store, ledger: store },
      addresses: { data: `directory:${folder}/home-backups`, key: `directory:${folder}/home-backups` },
      trusted: standing.signer as string,
      fingerprint: combined.fingerprint,
      identity: combined.identity,
      at: null,
      ledgerHours: 24,
      points: 'segments',
    };
    const bare = readConfig({
      STRONGROOM_HOME: join(folder, 'bare'),
      STRONGROOM_LOG: 'silent',
      STRONGROOM_BACKUPS_HOURS: '0',
    });

    const cutOff = new Set<string>();
    // to a time between the two, cut off in each of its stages: rows not committed, rows compared, all of it on the disk
    for (const stage of ['indexed vault.records', 'compared vault.records', 'settled']) {
      const killed = new Error(stage);
      const stop = (where: string): void => {
        if (where === stage) throw killed;
      };
      await assert.rejects(
        restoreInto(bare, log, { ...ask, at }, { onStep: () => {}, stop }),
        (thrown) => thrown === killed,
      );
      await assert.rejects(composeSystem(bare, log), refused('QUARANTINED'), stage);
      await areGone(cutOff);
      const far = await farOf('bare');
      assert.equal(far !== null, isRoot);
      if (far !== null) cutOff.add(far);
    }
    const { attestation, signed } = await restoreInto(bare, log, { ...ask, at }, { onStep: () => {} });

    await areGone(cutOff);
    assert.equal(attestation.backupSeq, 1);
    assert.equal(attestation.passed, true, JSON.stringify(attestation.proof));
    assert.deepEqual({ ...attestation.erasures }, { known: 3, erased: 1, records: 1, restricted: 1, remains: 0 });
    assert.deepEqual({ ...attestation.partly }, { known: 2, records: 1, fields: 1 });
    assert.ok((attestation.segments?.data.transactions ?? 0) > 0, JSON.stringify(attestation.segments));
    assert.ok(attestation.restoredTo > first.started_at.toISOString() && attestation.restoredTo <= at.toISOString());
    assert.equal(attestation.proof.keyless, 0);
    // handed in twice, it is one drill, of when it was; changed, it is none
    for (let n = 0; n < 2; n += 1) await system.backups.noteSigned(WHO, String(signed));
    const changed = String(signed).replace('"remains":0', '"remains":1');
    await assert.rejects(system.backups.noteSigned(WHO, changed), refused('SIGNATURE_REFUSED'));
    const { drills } = await system.backups.standing();
    assert.deepEqual(
      drills.map((each) => each.at.toISOString()),
      [attestation.restoredAt],
    );
    await assert.rejects(composeSystem(bare, log), refused('QUARANTINED'));
    await assert.rejects(
      restoreInto({ ...bare, home: join(folder, 'home') }, log, ask, { onStep: () => {} }),
      refused('HOME_IN_USE'),
    );

    await rm(quarantineMark(bare.home));
    const restored = await composeSystem(bare, log);
    try {
      asksAt(await restored.http.listen({ host: '127.0.0.1', port: 0 }));
      const read = (id: string) => call('application', 'GET', `/v1/vault/records/${id}`, undefined, 'service.support');
      const living = await read((people[5] as { id: string }).id);
      assert.deepEqual(living.body.fields?.last_name, { state: 'clear', value: `${CANARY}-5` }, JSON.stringify(living));
      for (const n of [0, 1, 2]) {
        assert.equal((await read((people[n] as { id: string }).id)).status, 404, `customer ${n} came back`);
        const [row] = await restored.db<{ n: number }[]>`
          select (select count(*) from vault.keyrings where subject_id = ${parseSubjectId(subject(n))})::int as n`;
        assert.equal(row?.n, 0);
      }
      assert.equal(
        (await read(late.id)).body.fields?.last_name?.value,
        `${CANARY}-100`,
        'what is in the segments only',
      );
      assert.equal((await read(later.id)).status, 404, 'and nothing of later');
      assert.equal((await read((people[6] as { id: string }).id)).status, 404, 'a deleted record came back');
      const without = await read((people[7] as { id: string }).id);
      assert.equal(without.body.fields?.email, undefined, 'a cleared field came back');
      assert.equal(without.body.fields?.last_name?.value, `${CANARY}-7`);
      const where = { email: `canary8@${CANARY.toLowerCase()}.example` };
      const found = await call(
        'application',
        'POST',
        '/v1/vault/records/search',
        { collection: 'customer', where },
        'service.support',
      );
      assert.ok(
        JSON.stringify(found.body).includes(`${CANARY}-8`),
        `the search index was not rebuilt: ${JSON.stringify(found)}`,
      );
      const receipt = await call('dpo', 'DELETE', `/v1/vault/subjects/${subject(2)}`, undefined, 'legal.request');
      assert.equal(receipt.body.records, 1, 'an erasure that was replayed has its receipt');
      // the next backup follows the newest there was, not the one that was restored
      const third = await (await restored.backups.begin('data', WHO)).done;
      assert.equal(third.seq, 3n);
      assert.equal(third.previous, second.manifest_sha256);
      // into a store that was empty, and the old one's keys are known, so that they go in time
      await restored.backups.tick();
      const manifests = await readdir(`${folder}/bare-backups/data/manifests`);
      assert.equal(manifests.filter((name) => !name.endsWith('.lock')).length, 3);
      assert.notEqual((await readdir(`${folder}/bare-backups/ledger/entries`)).length, 0);
      const [old] = await restored.db<{ n: number }[]>`
        select count(*)::int as n from backups.objects
        where store = ${ask.addresses.key} and name like 'key/objects/%' and removed_at is null`;
      assert.ok((old?.n ?? 0) >= 4, 'key objects of before are known');
    } finally {
      await restored.close();
    }
  });
}
