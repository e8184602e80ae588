/** What would be left if the machine were lost now, and what is wrong with that. */
import type { Db } from '#platform/db';

import type { Signer } from './signed.ts';
import { listDrills, type DrillRow } from './store/drills.ts';
import { coverage, newestRun, type Coverage, type RunPlane, type RunRow } from './store/journal.ts';
import { newestEntry, newestSent, type LedgerRow } from './store/ledger.ts';
import { allRecipients, type RecipientRow } from './store/recipients.ts';
import type { Stores } from './stores.ts';

export type Standing = Readonly<{
  now: Date;
  recipients: readonly RecipientRow[];
  newest: Readonly<Record<RunPlane, RunRow | null>>;
  ledger: Readonly<{ head: LedgerRow | null; sent: LedgerRow | null; beatAt: Date | null }>;
  coverage: Coverage;
  drills: readonly DrillRow[];
  signer: string | null;
  stores: readonly Readonly<{ plane: string; place: string; locks: string; nearby: boolean; problem: string | null }>[];
  /** What is wrong with all this, in words. */
  nags: readonly string[];
  pointInTime: Readonly<{ available: boolean; because: string }>;
}>;

const SCRUB_DAYS = 30;
const NO_SEGMENTS =
  'there are no change segments yet: what was written after the newest backup is lost with the machine';

export async function standing(
  { db, stores, clock, signer }: Readonly<{ db: Db; stores: Stores; clock: () => Date; signer: () => Promise<Signer> }>,
  beatAt: Date | null,
): Promise<Standing> {
  const recipients = await allRecipients(db);
  const offline = recipients.filter(({ kind, retired_at }) => kind === 'offline' && retired_at === null);
  const newest = { data: await newestRun(db, 'data'), key: await newestRun(db, 'key') };
  const found: Standing['stores'][number][] = [];
  if (offline.length > 0)
    for (const plane of ['data', 'key', 'ledger'] as const)
      for (const address of stores.addresses[plane]) {
        const facts = await stores.at(address).then(
          ({ facts: { place, locks, nearby } }) => ({ place, locks, nearby, problem: null }),
          (thrown: Error) => ({
            place: address.split('?')[0] as string,
            locks: 'unknown',
            nearby: false,
            problem: thrown.message,
          }),
        );
        found.push({ plane, ...facts });
      }
  const nags: string[] = [];
  if (offline.length === 0)
    nags.push(
      'there are no backups: make an offline identity (strongroom backups keys init) and trust it (strongroom backups trust)',
    );
  else {
    if (newest.data === null) nags.push('there is no backup yet: strongroom backups run');
    if (found.every(({ nearby }) => nearby))
      nags.push('every copy is on this machine: 3-2-1 needs another place, set STRONGROOM_BACKUPS');
    if (found.some(({ locks }) => locks === 'advisory'))
      nags.push('a directory enforces no lock: whoever can write there can delete the backups');
    if (stores.addresses.ledger.every((address) => stores.addresses.data.includes(address)))
      nags.push('the ledger of erasures lies with the data: set STRONGROOM_BACKUPS_LEDGER to another place');
    const proven = Math.max(...offline.map(({ proven_at: at, added_at: added }) => (at ?? added).getTime()));
    if (clock().getTime() - proven > 365 * 86_400_000)
      nags.push('nobody has shown for a year that the shares open backups: strongroom backups keys prove');
    for (const { plane, problem } of found)
      if (problem !== null) nags.push(`the store of the ${plane} plane cannot be used: ${problem}`);
  }
  return {
    now: clock(),
    recipients,
    newest,
    ledger: { head: await newestEntry(db), sent: await newestSent(db), beatAt },
    coverage: await coverage(db, SCRUB_DAYS),
    drills: await listDrills(db, 20),
    signer: offline.length === 0 ? null : (await signer()).fingerprint,
    stores: found,
    nags,
    pointInTime: { available: false, because: NO_SEGMENTS },
  };
}
