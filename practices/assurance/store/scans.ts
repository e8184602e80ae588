/** Statements on scans. */
import { isSilent, type Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type ScanRow = Readonly<{
  scan_id: Uuid;
  scanner: string;
  state: 'running' | 'done' | 'invalid';
  because: string;
  asked_by: string;
  started_at: Date;
  ended_at: Date | null;
  report_id: Uuid | null;
  findings: number;
  opened: number;
}>;

/** @returns false when another one goes on */
export async function insertScan(tx: Statements, row: Pick<ScanRow, 'scan_id' | 'scanner' | 'asked_by' | 'started_at'>): Promise<boolean> {
  const made = await tx`
    insert into assurance.scans (scan_id, scanner, state, asked_by, started_at, beat_at)
    values (${row.scan_id}, ${row.scanner}, 'running', ${row.asked_by}, ${row.started_at}, now()) on conflict do nothing`;
  return made.count === 1;
} // prettier-ignore

/** @returns whether somebody asked meanwhile that it ends */
export async function endScan(
  tx: Statements,
  { scan_id, state, because, ended_at, report_id, findings, opened }: Omit<ScanRow, 'scanner' | 'asked_by' | 'started_at'>,
): Promise<boolean> {
  const [row] = await tx<{ stop_asked: string | null }[]>`
    update assurance.scans set state = ${state}, because = ${because}, ended_at = ${ended_at}, report_id = ${report_id}, findings = ${findings}, opened = ${opened}
    where scan_id = ${scan_id} and state = 'running' returning stop_asked`;
  return typeof row?.stop_asked === 'string';
} // prettier-ignore

/** Its server hears of it within seconds. @returns null when none goes on */
export async function askScanToStop(tx: Statements, by: string): Promise<Uuid | null> {
  const [row] = await tx<{ scan_id: Uuid }[]>`
    update assurance.scans set stop_asked = coalesce(stop_asked, ${by}) where state = 'running' returning scan_id`;
  return row?.scan_id ?? null;
}

/** It goes on. @returns whether somebody asked that it ends, or it was given up; null before it began */
export async function beatScan(db: Statements, scanId: Uuid): Promise<{ isToEnd: boolean; isAsked: boolean } | null> {
  const [row] = await db<{ state: ScanRow['state']; stop_asked: string | null }[]>`
    update assurance.scans set beat_at = case when state = 'running' then now() else beat_at end
    where scan_id = ${scanId} returning state, stop_asked`;
  return row === undefined ? null : { isToEnd: row.state !== 'running', isAsked: row.stop_asked !== null };
}

/** Those whose server was killed, or could not write how they ended, say nothing. @param before an older server's began then */
export async function giveUpScans(
  tx: Statements,
  { silentSeconds, before, now }: Readonly<{ silentSeconds: number; before: Date; now: Date }>,
): Promise<Pick<ScanRow, 'scan_id' | 'scanner' | 'because'>[]> {
  return tx`
    update assurance.scans set state = 'invalid', because = 'its server is gone', ended_at = ${now}
    where state = 'running'
      and (${isSilent(tx, 'beat_at', silentSeconds)} or (beat_at is null and started_at < ${before}))
    returning scan_id, scanner, because`;
}

/** The newest of each scanner. */
export async function newestScans(db: Statements): Promise<ScanRow[]> {
  // one that began while the clock ran ahead is not the newest until then
  return db<ScanRow[]>`
    select distinct on (scanner) * from assurance.scans
    order by scanner, started_at > now() + interval '1 minute', started_at desc`;
}
