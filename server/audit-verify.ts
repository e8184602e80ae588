/** `audit verify`: a whole log over HTTP, or one proof offline. */
import { readFile } from 'node:fs/promises';

import { trustOf, verifyLog, type VerifyReport } from '#platform/audit';
import { parseProof, provesEntry } from '#platform/tlog';

import { believe, openLog, readKeys, readPolicy, seenOf, type AuditOptions } from './audit-options.ts';
import { compareSeen, rememberSeen } from './audit-seen.ts';

/** The log is right; whether enough witnesses saw it is another matter. */
export const NOT_SO = 6;
export const NO_QUORUM = 7;

export async function auditVerify(options: AuditOptions): Promise<number> {
  if (options.proof !== undefined) return verifyProof(options, options.proof);
  const log = openLog(options);
  const seen = await seenOf(options);
  const { trust, policy, verifierKey, shown, problem: lostKeys } = await believe(options, log, seen);
  const witnessed = options.witnessed ? await log.witnessed() : null;
  if (options.witnessed && witnessed === null)
    throw new Error('the log has no checkpoint that a quorum of its own policy cosigned');
  const source = witnessed === null ? log : { ...log, checkpoint: () => Promise.resolve(witnessed) };

  // what was seen may be newer than what is witnessed: then it is that one which must contain the other
  const before = seen.note === null ? null : trust.openOlder(seen.note);
  const head = witnessed === null ? null : trust.openOlder(witnessed);
  const isOlder = before !== null && head !== null && head.size < before.size;
  const notWithin = isOlder ? await compareSeen(log, trust, seen, head) : null;
  const report = await verifyLog({ source, verifierKey, policy, remembered: isOlder ? null : seen.note });

  const problems = [lostKeys, notWithin, ...report.problems].filter((problem) => problem !== null);
  const verified = problems.length === 0 && !isOlder ? trust.open(report.note) : null;
  const since =
    verified && (await rememberSeen(log, trust, seen, { head: verified, note: report.note, keys: verifierKey }));
  if (since !== null) problems.push(since);
  const ok = problems.length === 0;
  const whole = { ...report, ok, problems };
  process.stdout.write(options.json ? `${JSON.stringify(whole)}\n` : wordsOf(whole, seen.note !== null, shown));
  return ok ? (report.quorum?.met === false ? NO_QUORUM : 0) : NOT_SO;
}

function wordsOf(
  { ok, size, root, problems, quorum, policyVersions }: VerifyReport,
  wasSeen: boolean,
  shown: boolean,
): string {
  if (!ok) return `The log is NOT what was signed:\n${problems.map((problem) => `  - ${problem}\n`).join('')}`;
  const lines = [
    `The log is what was signed: ${size} entries, root ${root}${wasSeen ? ', and it only adds to what was seen before' : ''}.`,
    ...(shown ? ['  the keys are those that the server itself showed the first time: give your own with --key'] : []),
    ...policyVersions.map(
      ({ version, first, last, decisions }) =>
        `  policies ${version} made ${decisions} decisions, entries ${first} to ${last}`,
    ),
  ];
  if (quorum === null) return `${lines.join('\n')}\n`;
  for (const { witness, at } of quorum.cosigned) lines.push(`  cosigned by ${witness}${at === null ? '' : `, ${at}`}`);
  for (const witness of quorum.missing) lines.push(`  NOT cosigned by ${witness}`);
  lines.push(
    quorum.met
      ? 'The quorum of the policy is met.'
      : `The quorum of the policy is NOT met: ${
          quorum.witnessedSize === 0 ? 'no entry is' : `only the first ${quorum.witnessedSize} entries are`
        } witnessed.`,
  );
  return `${lines.join('\n')}\n`;
}

/** Needs the file, the entry, and keys or a policy: no network, no home. */
async function verifyProof(options: AuditOptions, file: string): Promise<number> {
  const [policy, keys] = [await readPolicy(options), await readKeys(options)];
  if (policy === null && keys === null) throw new Error('a proof is verified with --key or --policy');
  const trust = trustOf(keys, policy);
  const proof = parseProof(await readFile(file, 'utf8'));
  const entry = options.entry === undefined ? (proof?.extra ?? null) : await readFile(options.entry);
  if (proof !== null && entry === null) throw new Error('the proof does not hold the entry: give it with --entry');
  const head = proof === null ? null : trust.openOlder(proof.note);
  const verdict = proof === null ? null : trust.judge(proof.note);
  const problem =
    proof === null
      ? 'this is no proof'
      : head === null || (verdict !== null && verdict.head === null)
        ? 'its checkpoint is not signed by this log'
        : provesEntry(proof, entry as Buffer)
          ? null
          : 'it does not lead from this entry to its checkpoint';
  const quorumMet = verdict?.quorumMet ?? null;
  const report = {
    ok: problem === null, problem, index: proof?.index ?? null, size: head?.size ?? null, origin: head?.origin ?? null, quorumMet,
    cosigned: verdict?.cosigned.map(({ witness, at }) => ({ witness: witness.name, at: at?.toISOString() ?? null })) ?? [],
    missing: verdict?.missing.map(({ name }) => name) ?? [],
  }; // prettier-ignore
  const said =
    problem === null
      ? `Entry ${report.index} is in the log ${report.origin} of ${report.size} entries.\n${
          quorumMet === null ? '' : `The quorum of the policy is ${quorumMet ? '' : 'NOT '}met.\n`
        }`
      : `The proof does NOT hold: ${problem}.\n`;
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : said);
  return problem === null ? (quorumMet === false ? NO_QUORUM : 0) : NOT_SO;
}
