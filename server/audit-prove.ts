/** `audit prove`: fetches a proof, verifies it, and hands it on. */
import { writeFile } from 'node:fs/promises';

import { formatProof, parseProof, provesEntry } from '#platform/tlog';

import { believe, openLog, seenOf, type AuditOptions } from './audit-options.ts';
import { compareSeen, rememberSeen } from './audit-seen.ts';
import { NO_QUORUM, NOT_SO } from './audit-verify.ts';

export async function auditProve(options: AuditOptions, [word = '']: string[]): Promise<number> {
  if (!/^\d{1,15}$/.test(word)) throw new Error('audit prove takes the index of an entry, a whole number');
  const index = Number(word);
  const log = openLog(options);
  const seen = await seenOf(options);
  const { trust, verifierKey, problem: lostKeys } = await believe(options, log, seen);
  // with the entry, so that nothing is handed on that was not verified
  const proof = parseProof(await log.proof(index, { withEntry: true }));
  const head = proof === null ? null : trust.openOlder(proof.note);
  const problem =
    lostKeys ??
    (proof === null || head === null
      ? 'the log answered with a proof that is none, or is not signed by it'
      : proof.index === index && proof.extra !== null && provesEntry(proof, proof.extra)
        ? ((await compareSeen(log, trust, seen, head)) ??
          (await rememberSeen(log, trust, seen, { head, note: proof.note, keys: verifierKey })))
        : 'the proof does not lead from the entry to the checkpoint');
  if (problem !== null || proof === null || head === null) {
    process.stderr.write(`There is no proof that could be handed on: ${problem}.\n`);
    return NOT_SO;
  }
  const text = formatProof(options['with-entry'] ? proof : { ...proof, extra: null });
  if (options.out === undefined) process.stdout.write(text);
  else await writeFile(options.out, text);
  const verdict = trust.judge(proof.note);
  if (verdict === null || verdict.quorumMet) return 0;
  process.stderr.write(
    `The quorum of the policy is NOT met: not cosigned by ${verdict.missing.map(({ name }) => name).join(', ')}.\n`,
  );
  return NO_QUORUM;
}
