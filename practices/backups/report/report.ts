/** What an auditor takes along: what was measured, what is not in order, signed by who signs the manifests. */
import type { Db } from '#platform/db';

import type { Sheet } from '../keys/ceremony.ts';
import type { Keeping } from '../retention.ts';
import { signDocument, type Signer } from '../signed.ts';
import type { Standing } from '../standing.ts';
import { livingRuns } from '../store/journal.ts';
import { standingView } from '../views.ts';
import { timeline, type Point, type PointKind } from './timeline.ts';

export type ReportNeeds = Readonly<{ db: Db; signer: () => Promise<Signer>; installation: string; keep: Keeping }>;
export type Report = Awaited<ReturnType<typeof report>>;

const DAY_MS = 86_400_000;
const daysSince = (now: Date, at: string | null): number | null =>
  at === null ? null : Math.max(0, Math.floor((now.getTime() - Date.parse(at)) / DAY_MS));

/** @param days that the measured figures are of */
export async function report({ db, installation, keep }: ReportNeeds, found: Standing, days: number) {
  const { now } = found;
  const view = standingView(found);
  const points = await timeline(db, days);
  const of = (kind: PointKind): Point[] => points.filter((point) => point.kind === kind);
  const worst = (some: readonly (number | null)[]): number | null => {
    const known = some.filter((each) => each !== null);
    return known.length === 0 ? null : Math.max(...known);
  };
  /** What would be lost now is measured too: a backup that has not come since counts. */
  const worstOf = (kind: PointKind, now: number | null): number | null =>
    worst([...of(kind).map(({ exposedSeconds }) => exposedSeconds), now]);
  const { data: dataNow, key: keyNow } = view.rpoSeconds;
  const segmentNow = found.pointInTime.available ? dataNow : null;
  const tried = (kind: PointKind) => ({
    done: of(kind).filter(({ outcome }) => outcome === 'done').length,
    failed: of(kind).filter(({ outcome }) => outcome === 'failed').length,
  });
  const keys = await livingRuns(db, 'key');
  const oldest = keys.at(-1)?.started_at.toISOString() ?? null;
  const beyond = keys.slice(1).filter(({ started_at: at }) => now.getTime() - at.getTime() > (keep.horizonDays + 1) * DAY_MS).length; // prettier-ignore
  const passed = view.drills.find((drill) => drill.passed) ?? null;
  return {
    format: 'strongroom/backups-report/1' as const,
    madeAt: now.toISOString(),
    installation,
    days,
    rpo: {
      dataNowSeconds: dataNow, keyNowSeconds: keyNow, ledgerNowSeconds: view.rpoSeconds.ledger,
      dataWorstSeconds: worstOf('data', dataNow), keyWorstSeconds: worstOf('key', keyNow), segmentWorstSeconds: worstOf('segment', segmentNow),
    },
    rto: { lastSeconds: passed?.seconds ?? null, worstSeconds: worst(of('drill').map(({ seconds }) => seconds)) },
    backups: tried('data'),
    keyBackups: tried('key'),
    drills: { ...tried('drill'), lastPassedAt: passed?.at ?? null, ageDays: daysSince(now, passed?.at ?? null) },
    objects: { count: view.objects, sealedBytes: view.sealedBytes, lockedPercent: view.lockedPercent, scrubbedPercent: view.scrubbedPercent, faulty: found.coverage.faulty },
    horizon: { days: keep.horizonDays, keyBackups: keys.length, oldestAt: oldest, beyond, proven: keys.length > 0 && beyond === 0 },
    ledger: { ...view.ledger, erasures: of('erasure').reduce((sum, { count }) => sum + count, 0) },
    offlineKeys: view.recipients.filter(({ kind, retiredAt }) => kind === 'offline' && retiredAt === null)
      .map(({ fingerprint, addedAt, provenAt }) => ({ fingerprint, addedAt, provenAt, ageDays: daysSince(now, provenAt) })),
    stores: view.stores,
    findings: view.nags,
  }; // prettier-ignore
}

/** As a manifest is: one line of JSON, two signatures; null as long as nothing was ever signed. */
export const signedReport = async (made: Report, needs: ReportNeeds, isSigned: boolean): Promise<string | null> =>
  isSigned ? String(signDocument(made, await needs.signer())) : null;

/** For print. */
export function reportSheets(made: Report, signer: string | null): Sheet[] {
  const time = (seconds: number | null): string =>
    seconds === null ? 'never' : seconds < 120 ? `${seconds} s` : seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`; // prettier-ignore
  const { rpo, rto, objects, horizon, drills, ledger } = made;
  const line = (name: string, says: string): string => `${name.padEnd(28)} ${says}`;
  const age = (days: number | null): string => (days === null ? 'never' : `${days} days ago`);
  return [
    {
      title: 'Strongroom: report on backups',
      lines: [
        line('Made', made.madeAt),
        line('Installation', made.installation),
        line('Signer', (signer ?? 'none yet').slice(0, 32)),
        ...(signer === null ? [] : [line('', signer.slice(32))]),
        line('Measured over', `${made.days} days`),
        '',
        'Would be lost now (RPO)',
        line('  data', `${time(rpo.dataNowSeconds)}; at worst ${time(rpo.dataWorstSeconds)}`),
        line('  keys', `${time(rpo.keyNowSeconds)}; at worst ${time(rpo.keyWorstSeconds)}`),
        line('  change segments', `at worst ${time(rpo.segmentWorstSeconds)}`),
        line('  ledger of erasures', time(rpo.ledgerNowSeconds)),
        '',
        'Restores that were tried (RTO)',
        line('  the last that passed', `${time(rto.lastSeconds)}, ${age(drills.ageDays)}`),
        line('  the slowest', time(rto.worstSeconds)),
        line('  passed, failed', `${drills.done}, ${drills.failed}`),
        '',
        'Backups',
        line('  data: done, failed', `${made.backups.done}, ${made.backups.failed}`),
        line('  keys: done, failed', `${made.keyBackups.done}, ${made.keyBackups.failed}`),
        line('  objects in stores', `${objects.count}, ${(objects.sealedBytes / 2 ** 20).toFixed(1)} MiB`),
        line('  locked', `${objects.lockedPercent} %`),
        line('  read back in 30 days', `${objects.scrubbedPercent} %; not as written: ${objects.faulty}`),
        '',
        'Forgotten customers',
        line('  ledger', `${ledger.entries} entries, ${ledger.sent} in every store`),
        line('  erased in this time', String(ledger.erasures)),
        line('  keys older than horizon', `${horizon.beyond} backups beyond ${horizon.days} days: ${horizon.proven ? 'proven' : 'NOT PROVEN'}`), // prettier-ignore
        '',
        'Offline keys',
        ...made.offlineKeys.map((key) => line(`  ${key.fingerprint}`, `added ${key.addedAt}, proven ${age(key.ageDays)}`)), // prettier-ignore
        '',
        'Stores',
        ...made.stores.map(({ plane, place, locks, problem }) => line(`  ${plane}`, `${place} (locks ${locks})${problem === null ? '' : `: ${problem}`}`)), // prettier-ignore
        '',
        'What is not in order',
        ...(made.findings.length === 0 ? ['  nothing'] : made.findings.map((finding) => `  - ${finding}`)),
      ],
    },
  ];
}
