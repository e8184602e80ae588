/** Witnesses that saw more entries than the checkpoint that is verified has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { verifyLog, type LogSource } from './index.ts';
import { append, logWith, newSigner, startWitness, verify } from './testing-witnesses.ts';

test('a checkpoint that no witness saw is refused where they saw more entries, and those are others', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  const policy = log.policy;
  await append(log.audit, 20);
  await log.audit.checkpoint();
  const seen = await log.audit.witnessed();
  // who holds the key signs another history, a shorter one, and hides nothing of what was cosigned
  const other = await logWith(t, signer, `quorum none\n`);
  await append(other.audit, 10);
  const fork: LogSource = { ...other.audit.source, witnessed: () => Promise.resolve(seen) };

  for (const source of [
    fork,
    { ...fork, tile: log.audit.source.tile },
    { ...fork, tile: (level: number, index: number, width: number) => (width > 10 ? log : other).audit.source.tile(level, index, width) },
  ]) {
    const report = await verifyLog({ source, verifierKey: log.audit.verifierKey, policy });

    assert.deepEqual([report.ok, report.quorum?.met], [false, false]);
    assert.ok(report.problems.some((problem) => problem.includes('that the witnesses saw')), report.problems.join());
  }
}); // prettier-ignore

test('a log that grew and was cosigned while it is verified is right, and no more of it is witnessed than there is', async (t) => {
  const signer = newSigner();
  const witness = await startWitness(t, 'dpo', signer);
  const log = await logWith(t, signer, `${witness.lines}quorum dpo\n`);
  const { port } = new URL(witness.url);
  witness.stop();
  await append(log.audit, 300);
  const early = await log.audit.checkpoint();
  await new Promise<void>((resolve) => witness.server.listen(Number(port), '127.0.0.1', resolve));
  log.clock.ahead += 60_000;
  await append(log.audit, 300);
  assert.equal((await verify(log)).quorum?.met, true);

  const source = { ...log.audit.source, checkpoint: () => Promise.resolve(early) };
  const report = await verifyLog({ source, verifierKey: log.audit.verifierKey, policy: log.policy });

  assert.deepEqual(
    [report.problems, report.size, report.quorum?.met, report.quorum?.witnessedSize],
    [[], 300, false, 300],
  );
});
