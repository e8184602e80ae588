/** Statements on scans. */
import type { Statements } from '#platform/db';
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
    insert into assurance.scans (scan_id, scanner, state, asked_by, started_at)
    values (${row.scan_id}, ${row.scanner}, 'running', ${row.asked_by}, ${row.started_at}) on conflict do nothing`;
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

/** The one that goes on: there is one at most. */
export async function isAskedToStop(db: Statements): Promise<boolean> {
  return (await db`select 1 from assurance.scans where state = 'running' and stop_asked is not null`).length > 0;
}

/** Those whose server was killed say nothing. */
export async function giveUpScans(db: Statements, before: Date, now: Date): Promise<void> {
  await db`
    update assurance.scans set state = 'invalid', because = 'its server is gone', ended_at = ${now}
    where state = 'running' and started_at < ${before}`;
}

/** The newest of each scanner. */
export async function newestScans(db: Statements): Promise<ScanRow[]> {
  return db<ScanRow[]>`select distinct on (scanner) * from assurance.scans order by scanner, started_at desc`;
}
