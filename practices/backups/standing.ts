/** What would be left if the machine were lost now, and what is wrong with that. */
import type { Db } from '#platform/db';
import { isFailure } from '#platform/failure';

import type { PointInTime } from './changes/keep-reading.ts';
import { superfluous, type Keeping } from './retention.ts';
import type { Signer } from './signed.ts';
import { tablesOf } from './store/catalogue.ts';
import { overdueDays } from './drill/due.ts';
import { drillsBefore, listDrillRuns } from './store/drill-runs.ts';
import { listDrills, type DrillRow } from './store/drills.ts';
import {
  coverage,
  listRuns,
  livingRuns,
  newestRun,
  type Coverage,
  type RunPlane,
  type RunRow,
} from './store/journal.ts';
import { newestEntry, newestSent, renewedAt, type LedgerRow } from './store/ledger.ts';
import { allRecipients, trustedAt, type RecipientRow } from './store/recipients.ts';
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
  pointInTime: PointInTime;
}>;

const SCRUB_DAYS = 30;
/** What is wrong, for programs and for people. */
export type Nag = Readonly<{
  code:
    | 'nobody-trusted' | 'table-undeclared' | 'spread' | 'none' | 'old' | 'keys-renewed' | 'trusted-since' | 'failed' | 'unfinished'
    | 'keys-kept-long' | 'keys-old' | 'drill-overdue' | 'drill-failed';
  /** There will be no backup, or it does not restore: somebody has to do something now. */
  grave: boolean;
  says: string;
  /** null: `strongroom backups status` says more */
  todo: string | null;
}>; // prettier-ignore

const nag = (code: Nag['code'], says: string, todo: string | null = null): Nag => ({ code, grave: false, says, todo });
const grave = (code: Nag['code'], says: string, todo: string | null = null): Nag => ({ ...nag(code, says, todo), grave: true }); // prettier-ignore
const inWords = ({ says, todo }: Nag): string => (todo === null ? says : `${says}: ${todo}`);

const NOBODY_TRUSTED = nag('nobody-trusted', 'there are no backups', 'make an offline identity (strongroom backups keys init) and trust it (strongroom backups trust)'); // prettier-ignore

type StandingNeeds = Readonly<{
  db: Db;
  stores: Stores;
  clock: () => Date;
  signer: () => Promise<Signer>;
  keep: Keeping;
  everyHours: number;
  drillDays: number;
  pointInTime: () => Promise<PointInTime>;
}>;

export async function standing(needs: StandingNeeds, beatAt: Date | null): Promise<Standing> {
  const { db, stores, clock, signer } = needs;
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
  const pointInTime = await needs.pointInTime();
  const [head, sent] = [await newestEntry(db), await newestSent(db, stores.addresses.ledger)];
  const covered = await coverage(db, SCRUB_DAYS);
  if (offline.length === 0) nags.push(inWords(NOBODY_TRUSTED));
  else {
    nags.push(...[...(await gravest(needs)), ...(await ofDrills(needs))].map(inWords));
    if (found.every(({ nearby }) => nearby))
      nags.push('every copy is on this machine: 3-2-1 needs another place, set STRONGROOM_BACKUPS');
    if (found.some(({ locks }) => locks === 'advisory'))
      nags.push('a directory enforces no lock: whoever can write there can delete the backups');
    if (stores.addresses.ledger.every((address) => stores.addresses.data.includes(address)))
      nags.push('the ledger of erasures lies with the data: set STRONGROOM_BACKUPS_LEDGER to another place');
    const proven = Math.max(...offline.map(({ proven_at: at, added_at: added }) => (at ?? added).getTime()));
    if (clock().getTime() - proven > 365 * 86_400_000)
      nags.push('nobody has shown for a year that the shares open backups: strongroom backups keys prove');
    nags.push(...ofChanges(pointInTime, clock()));
    if (covered.faulty > 0)
      nags.push(
        `${covered.faulty} objects were not as they were written when they were last read: strongroom backups verify`,
      );
    if ((sent?.seq ?? 0n) < (head?.seq ?? 0n))
      nags.push('not every store has the whole ledger yet: a restore now would bring back who was forgotten last');
    for (const { plane, problem } of found)
      if (problem !== null) nags.push(`the store of the ${plane} plane cannot be used: ${problem}`);
  }
  return {
    now: clock(),
    recipients,
    newest,
    ledger: { head, sent, beatAt },
    coverage: covered,
    drills: await listDrills(db, 20),
    signer: offline.length === 0 ? null : (await signer()).fingerprint,
    stores: found,
    nags,
    pointInTime,
  };
}

/** The gravest of this, as the database alone tells it; for who cannot open the stores. */
export async function backupNags(
  needs: Pick<StandingNeeds, 'db' | 'clock' | 'keep' | 'everyHours' | 'drillDays'>,
): Promise<Readonly<{ newestAt: Date | null; nags: readonly Nag[] }>> {
  const { db } = needs;
  const newestAt = (await newestRun(db, 'data'))?.finished_at ?? null;
  const trusted = (await allRecipients(db)).some(({ kind, retired_at }) => kind === 'offline' && retired_at === null);
  return { newestAt, nags: trusted ? [...(await gravest(needs)), ...(await ofDrills(needs))] : [NOBODY_TRUSTED] };
}

/** What makes that there is no backup, or an old one, or keys for too long. */
async function gravest({
  db,
  clock,
  keep,
  everyHours,
}: Pick<StandingNeeds, 'db' | 'clock' | 'keep' | 'everyHours'>): Promise<Nag[]> {
  const nags: Nag[] = [];
  const hoursSince = (at: Date): number => (clock().getTime() - at.getTime()) / 3_600_000;
  await tablesOf(db, 'data').catch((thrown: unknown) => {
    if (isFailure(thrown, 'BACKUPS_SPREAD')) nags.push(grave('spread', `NO BACKUP CAN BE TAKEN: ${thrown.message}`));
    else if (isFailure(thrown, 'BACKUPS_TABLE_UNDECLARED'))
      nags.push(grave('table-undeclared', `NO BACKUP CAN BE TAKEN: ${thrown.message}; say in practices/backups/planes.ts what becomes of it`)); // prettier-ignore
    else throw thrown;
  });
  const newest = await newestRun(db, 'data');
  if (newest === null) nags.push(nag('none', 'there is no backup yet', 'strongroom backups run'));
  else if (hoursSince(newest.started_at) > 2 * (everyHours === 0 ? 24 : everyHours))
    nags.push(nag('old', `the newest backup is ${Math.round(hoursSince(newest.started_at))} hours old`, 'strongroom backups list')); // prettier-ignore
  const renewed = await renewedAt(db);
  if (newest !== null && renewed !== null && renewed > newest.started_at)
    nags.push(nag('keys-renewed', 'all keys were renewed after the newest backup, which opens with none that is kept', 'strongroom backups run')); // prettier-ignore
  if (newest !== null && (await trustedAt(db)) > newest.started_at)
    nags.push(nag('trusted-since', 'an offline identity was trusted after the newest backup, which its shares do not open', 'strongroom backups run')); // prettier-ignore
  const last = (await listRuns(db, 20)).find(({ plane }) => plane === 'data');
  if (last !== undefined && last.state !== 'done' && last.because !== null)
    nags.push(last.state === 'failed' ? nag('failed', `the last backup failed: ${last.because}`) : nag('unfinished', `the last backup is not finished: ${last.because}`)); // prettier-ignore
  const old = superfluous(await livingRuns(db, 'key'), new Date(clock().getTime() - 86_400_000), keep);
  if (old.length > 0)
    nags.push(nag('keys-kept-long', `${old.length} backups of keys are older than ${keep.horizonDays} days and still there`, 'strongroom backups prune --apply')); // prettier-ignore
  const newestKeys = await newestRun(db, 'key');
  if (newestKeys !== null && hoursSince(newestKeys.started_at) > keep.horizonDays * 24)
    nags.push(nag('keys-old', `the newest keys are older than ${keep.horizonDays} days: who was forgotten since lies in them until a backup is taken`, 'strongroom backups run')); // prettier-ignore
  return nags;
}

async function ofDrills({ db, clock, drillDays }: Pick<StandingNeeds, 'db' | 'clock' | 'drillDays'>): Promise<Nag[]> {
  const nags: Nag[] = [];
  const overdue = overdueDays(await drillsBefore(db), drillDays, clock());
  if (overdue !== null) nags.push(nag('drill-overdue', `no restore was proven for ${overdue} days`, 'strongroom backups drill'));
  const [last] = await listDrillRuns(db, 1);
  if (last?.state === 'failed') nags.push(grave('drill-failed', `THE LAST DRILL FAILED: ${last.because ?? 'unknown'}; the backups may not restore`));
  return nags;
} // prettier-ignore

const LATE_MS = 60_000;
const LAG_BYTES = 512 * 2 ** 20;

function ofChanges({ available, because, to, lagBytes }: PointInTime, now: Date): string[] {
  const nags: string[] = [];
  if (!available) nags.push(`what is written after the newest backup is lost with the machine: ${because}`);
  else if (to !== null && now.getTime() - to.getTime() > LATE_MS)
    nags.push(
      `changes were stored ${Math.round((now.getTime() - to.getTime()) / 1000)} s ago; it should be 60 at most`,
    );
  if (lagBytes > LAG_BYTES)
    nags.push(`PostgreSQL keeps ${Math.round(lagBytes / 2 ** 20)} MiB of its log until it is read: when it is too much, points in time begin anew`); // prettier-ignore
  return nags;
}
