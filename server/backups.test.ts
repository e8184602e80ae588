/** A whole system is backed up, and restored on a machine that has only the program, the stores and three shares. */
import assert from 'node:assert/strict';
import { lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { isFailure } from '#platform/failure';
import { parseSubjectId } from '#platform/ids';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { combineIdentity, isKept, makeIdentity, openTarget, splitIdentity } from '#practices/backups';

import type { Canary } from '#practices/vault';

import { composeSystem, type System } from './compose.ts';
import { quarantineMark } from './quarantine.ts';
import { removeHome } from './remove-home.ts';
import { restoreInto, type RestoreAsk } from './restore-system.ts';

const refused = (code: string) => (thrown: unknown) => isFailure(thrown, `BACKUPS_${code}`);
const WHO = { kind: 'system', id: 'test' } as const;
/** Looked for in every stored byte. */
const CANARY = 'Zweifelhammer-Kanarienvogel';
const log = createLog('silent');

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;
let system: System;
let url: string;
let listening: string;
let admin: string;
const keys = new Map<string, string>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sr-backups-'));
  fresh = await freshDatabase();
  const home = join(folder, 'home');
  // two processes' worth of waiting is not what is tested here: backups are begun by hand
  const config = readConfig({
    STRONGROOM_HOME: home,
    DATABASE_URL: fresh.url,
    STRONGROOM_LOG: 'silent',
    STRONGROOM_BACKUPS_HOURS: '0',
  });
  system = await composeSystem(config, log);
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
  listening = url;
  admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
});
after(async () => {
  await system.close();
  await fresh.close();
  await removeHome(join(folder, 'bare'));
  await rm(folder, { recursive: true, force: true });
});

/** As root, below a folder that is closed to all others, the database of a home lies elsewhere. */
const isRoot = process.getuid?.() === 0;
const farOf = (home: string): Promise<string | null> => readlink(join(folder, home, 'postgres')).catch(() => null);
async function areGone(far: Iterable<string>): Promise<void> {
  for (const each of far) await assert.rejects(lstat(each), { code: 'ENOENT' }, each);
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers are looked into member by member
type Json = Record<string, any>;

async function call(
  role: string,
  method: string,
  path: string,
  body?: object,
  purpose?: string,
): Promise<{ status: number; body: Json }> {
  const key = role === 'admin' ? admin : (keys.get(role) ?? (await newKey(role)));
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(purpose === undefined ? {} : { 'strongroom-purpose': purpose }),
      // of a record that nobody has changed yet
      ...(method === 'PATCH' ? { 'if-match': '"1"' } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
}

async function newKey(role: string): Promise<string> {
  const { body } = await call('admin', 'POST', '/v1/access/keys', { name: role, role, expiresInDays: 1 });
  keys.set(role, body.key as string);
  return body.key as string;
}

async function customer(n: number): Promise<{ id: string; subjectId: string }> {
  const { status, body } = await call('application', 'POST', '/v1/vault/records', {
    collection: 'customer',
    subject: { externalId: `c-${n}` },
    fields: { last_name: `${CANARY}-${n}`, email: `canary${n}@${CANARY.toLowerCase()}.example` },
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body as { id: string; subjectId: string };
}

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

test('backed up, lost, restored from stores and shares; who was forgotten before and after stays forgotten', async () => {
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
  for (let tries = 0; tries < 100; tries += 1) {
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
    url = await restored.http.listen({ host: '127.0.0.1', port: 0 });
    const read = (id: string) => call('application', 'GET', `/v1/vault/records/${id}`, undefined, 'service.support');
    const living = await read((people[5] as { id: string }).id);
    assert.deepEqual(living.body.fields?.last_name, { state: 'clear', value: `${CANARY}-5` }, JSON.stringify(living));
    for (const n of [0, 1, 2]) {
      assert.equal((await read((people[n] as { id: string }).id)).status, 404, `customer ${n} came back`);
      const [row] = await restored.db<{ n: number }[]>`
        select (select count(*) from vault.keyrings where subject_id = ${parseSubjectId(subject(n))})::int as n`;
      assert.equal(row?.n, 0);
    }
    assert.equal((await read(late.id)).body.fields?.last_name?.value, `${CANARY}-100`, 'what is in the segments only');
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

test('a drill restores beside the system, proves that erased canaries are gone, and leaves nothing', async () => {
  const before = await system.db<{ n: number }[]>`select count(*)::int as n from vault.keyrings`;
  url = listening;
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
  const [before] = await system.db<{ n: number }[]>`select count(*)::int as n from vault.keyrings`;
  const begun = await call('engineer', 'POST', '/v1/backups/drill-runs');
  const now = async () => (await call('security', 'GET', `/v1/backups/drill-runs/${begun.body.id}`)).body;
  while (!(await readdir(folder)).some((name) => name.endsWith('-drill'))) assert.equal((await now()).state, 'running');
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
