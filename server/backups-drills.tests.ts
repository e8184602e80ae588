/** Drills beside the system, and what they do not miss. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';

import { isKept } from '#practices/backups';

import type { Canary } from '#practices/vault';

import type { Running } from './backups.test.ts';

export function drillsProve(of: () => Running): void {
  test('a drill restores beside the system, proves that erased canaries are gone, and leaves nothing', async () => {
    const { system, asksAt, listening, call, farOf, isRoot, areGone, folder } = of();
    const before = await system.db<{ n: number }[]>`select count(*)::int as n from vault.keyrings`;
    asksAt(listening);
    const begun = await call('engineer', 'POST', '/v1/backups/drill-runs');
    assert.equal(begun.status, 202, JSON.stringify(begun.body));
    const again = await call('engineer', 'POST', '/v1/backups/drill-runs');
    assert.equal(again.body.id, begun.body.id, 'one at a time');
    let now = begun.body;
    const elsewhere = new Set<string>();
    while (now.state === 'running') {
      now = (await call('security', 'GET', `/v1/backups/drill-runs/${begun.body.id}`)).body;
      const far = await farOf('home-drill');
      if (far !== null) elsewhere.add(far);
    }

    assert.deepEqual([now.state, now.because], ['passed', null]);
    const { drills, recipients } = await system.backups.standing();
    const { attestation } = drills[0]!;
    assert.deepEqual(attestation.canaries, { erased: 4, gone: 4, living: 2, whole: 2 });
    assert.deepEqual([attestation.backupSeq, attestation.passed], [now.seq, true]);
    assert.equal(elsewhere.size > 0, isRoot);
    await areGone(elsewhere);
    const drill = recipients.filter(({ kind }) => kind === 'drill');
    assert.ok(drill.length === 1 && drill[0]!.retired_at !== null, 'its key opens no other backup');
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('-drill')),
      [],
    );
    assert.deepEqual(
      await system.db`select count(*)::int as n from vault.keyrings`,
      before,
      'nobody who was planted is left',
    );
  });

  test('a canary that was said to be erased and was not is seen, and so is one that does not open to what was written', async () => {
    const { system } = of();
    const { canaries } = system.vault;
    const planted = await canaries.plant(3);
    const [living, erased, other] = planted as [Canary, Canary, Canary];
    await canaries.shred([erased.subjectId]);
    const seen = await canaries.see([living, erased, { ...other, sha256: living.sha256 }]);
    assert.deepEqual(seen, [
      { gone: false, whole: true },
      { gone: true, whole: false },
      { gone: false, whole: false },
    ]);
    // of a row that came back without its owner, nothing is whole and nobody is gone
    await system.db`delete from vault.keyrings where subject_id = ${living.subjectId}`;
    assert.deepEqual(await canaries.see([living]), [{ gone: false, whole: false }]);
    for (const [gone, whole, passes] of [
      [4, 2, true],
      [3, 2, false],
      [4, 1, false],
    ] as const)
      assert.equal(isKept({ erased: 4, gone, living: 2, whole }), passes);
    await canaries.shred([living.subjectId, other.subjectId]);
  });

  test('a server that is closed in the middle of a drill leaves no process, no copy and nobody who was planted', async () => {
    const { system, call, folder } = of();
    const [before] = await system.db<{ n: number }[]>`select count(*)::int as n from vault.keyrings`;
    const begun = await call('engineer', 'POST', '/v1/backups/drill-runs');
    const now = async () => (await call('security', 'GET', `/v1/backups/drill-runs/${begun.body.id}`)).body;
    while (!(await readdir(folder)).some((name) => name.endsWith('-drill')))
      assert.equal((await now()).state, 'running');
    await system.drills.close();

    assert.equal((await now()).state, 'failed');
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('-drill')),
      [],
    );
    const [after] = await system.db<{ n: number }[]>`select count(*)::int as n from vault.keyrings`;
    assert.equal(after?.n, before?.n);
    const { recipients, nags } = await system.backups.standing();
    assert.ok(recipients.every(({ kind, retired_at: retired }) => kind === 'offline' || retired !== null));
    assert.ok(nags.some((nag) => nag.startsWith('THE LAST DRILL FAILED')));
    assert.equal((await call('engineer', 'POST', '/v1/backups/drill-runs')).status, 409, 'none begins while it closes');
  });
}
