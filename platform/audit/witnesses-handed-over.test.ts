/** Several servers of one log, and its witnesses: one asks them at a time, and another takes over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newSigner, startWitness, auditOn, logWith, append, verify, sizeOf } from './testing-witnesses.ts';

test('two servers on one database publish forward only, and the witness never sees a contradiction', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  const others = ['node_b', 'node_c'].map((node) => auditOn(log.db, signer, log.policy, node));
  const audits = [log.audit, ...others.map(({ audit }) => audit)];
  const published: number[] = [];

  await Promise.all(
    audits.map(async (audit) => {
      for (let round = 0; round < 12; round += 1) {
        await append(audit, 7);
        await audit.integrate();
        await audit.publish();
        const [row] = await log.db<{ published: string | null }[]>`select published from audit.tree`;
        if (row?.published) published.push(sizeOf(row.published));
      }
    }),
  );
  // the one that has the lease brings it to an end
  for (const audit of audits) await audit.publish();

  const report = await verify(log);
  assert.deepEqual([report.problems, report.size, report.quorum?.met], [[], 252, true]);
  assert.deepEqual(
    published,
    published.toSorted((one, other) => one - other),
  );
  assert.ok(
    witness.requests.every((one) => one.endsWith(' 200')),
    witness.requests.join(),
  );
});

test('a server that stops hands the witnesses over: another asks them at once, and not when the lease has ended', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  await append(log.audit, 3);
  await log.audit.checkpoint();
  const other = auditOn(log.db, signer, log.policy, 'node_b');
  await append(other.audit, 3);
  await other.audit.integrate();
  await other.audit.publish();
  assert.equal((await log.audit.status()).publishedSize, 3, 'it is not its turn');
  // what is not one's own is not handed over
  await other.audit.endPublishing();
  await other.audit.publish();
  assert.equal((await log.audit.status()).publishedSize, 3);

  await log.audit.endPublishing();
  await other.audit.publish();

  const { publishedSize, witnessedSize } = await log.audit.status();
  assert.deepEqual([publishedSize, witnessedSize], [6, 6]);
});

test('a turn that was taken while the clock ran ahead by a year keeps nobody from publishing for a year', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  await append(log.audit, 3);
  await log.audit.checkpoint();
  await log.db`
    insert into audit.publisher (holder, until) values ('gone', now() + interval '1 year')
    on conflict (only_one) do update set holder = excluded.holder, until = excluded.until`;
  await append(log.audit, 3);
  await log.audit.integrate();
  await log.audit.publish();

  assert.equal((await log.audit.status()).publishedSize, 6);
});

test('when the server that asks the witnesses dies, another takes over', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  await append(log.audit, 3);
  await log.audit.checkpoint();
  const other = auditOn(log.db, signer, log.policy, 'node_b');
  await append(other.audit, 3);

  await other.audit.integrate();
  await other.audit.publish();
  assert.equal((await log.audit.status()).publishedSize, 3);
  await log.db`update audit.publisher set until = now() - interval '1 second'`;
  await other.audit.publish();

  assert.deepEqual(
    [(await verify({ ...other, policy: log.policy })).size, (await log.audit.status()).quorum],
    [6, 'met'],
  );
});
