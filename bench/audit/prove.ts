/** Integration into the tree, verification of the whole log, and signing, each against the bare work in it. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

import { verifyLog } from '#platform/audit';

import { forAbout, ratioOf, spreadOf, type Spread } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import { openLog, someEvent, type Log } from './log.ts';

const INTEGRATE = 'integration';
const VERIFY = 'verification';
const BARE = 'SELECT and SHA-256 of the same entries';
const SIGN = 'bare Ed25519 signature';

async function measure({ sizes, world, progress }: Bench): Promise<Measured> {
  const log = await openLog(await world(), 'audit_prove');
  const seen: Record<typeof INTEGRATE | typeof VERIFY | typeof BARE | typeof SIGN, number[]> = {
    [INTEGRATE]: [], [VERIFY]: [], [BARE]: [], [SIGN]: [],
  }; // prettier-ignore
  const { privateKey } = generateKeyPairSync('ed25519');
  const checkpointBytes = Buffer.from('bench\n1000000\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n');
  const rounds = Math.min(sizes.rounds, 6);
  try {
    let size = 0;
    // the first round warms up
    for (let round = 0; round <= rounds; round += 1) {
      const more = Math.ceil(sizes.auditEntries / rounds);
      progress(`round ${round + 1} of ${rounds + 1}: appending ${more} entries`);
      const from = size;
      const until = from + more;
      while (size < until) {
        await Promise.all(Array.from({ length: Math.min(500, until - size) }, () => log.audit.append(someEvent())));
        size = await log.audit.size();
      }
      const rates = {
        [INTEGRATE]: await rate(size - from, () => log.audit.integrate()),
        [BARE]: await rate(size, () => bareHashing(log, size)),
        [VERIFY]: await rate(size, () => verifyWhole(log)),
        [SIGN]: await rate(
          null,
          () => forAbout(sizes.roundMs, () => sign(null, checkpointBytes, privateKey)).operations,
        ),
      };
      if (round > 0) for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name].push(rates[name]);
    }
    const of = (ours: keyof typeof seen): Spread => ratioOf(seen[ours], seen[BARE]);
    return {
      sides: Object.entries(seen).map(([name, values]) => ({
        name,
        unit: name === SIGN ? 'signatures a second' : 'entries a second',
        spread: spreadOf(values),
      })),
      goals: [goal(`${INTEGRATE} of ${BARE}`, of(INTEGRATE)), goal(`${VERIFY} of ${BARE}`, of(VERIFY))],
      figures: [{ name: 'entries in the log', value: size, unit: '' }],
    };
  } finally {
    await log.close();
  }
}

/** @param operations null where the work itself says how many */
async function rate(operations: number | null, work: () => Promise<unknown> | number): Promise<number> {
  const began = performance.now();
  const done = await work();
  return (operations ?? (done as number)) / ((performance.now() - began) / 1000);
}

async function bareHashing({ db }: Log, size: number): Promise<void> {
  for (let from = 0; from < size; from += 5000) {
    const rows = await db<{ bytes: Buffer }[]>`
      select bytes from audit.entries where index >= ${from} and index < ${from + 5000} order by index`;
    for (const { bytes } of rows) createHash('sha256').update(bytes).digest();
  }
}

async function verifyWhole({ audit }: Log): Promise<void> {
  const report = await verifyLog({ source: audit.source, verifierKey: audit.verifierKey });
  if (!report.ok) throw new Error(`the log does not verify: ${report.problems.join('; ')}`);
}

export const prove: Row = {
  name: 'audit-prove',
  title: 'Taking entries into the tree, and verifying the whole log',
  how: [
    'Integration: read new entries, hash, grow tiles, sign and keep the checkpoint. Verification: every entry, every tile, the root, the signature, straight from the database.',
    'Not judged: the design names no goal. A checkpoint is signed once a second at most; the bare signature is here for scale.',
  ],
  measure,
};
