/**
 * Scanners on their schedule, one at a time: asked about this very system, their reports taken in as anybody's. What one of
 * them did not reach is invalid, and closes and opens nothing.
 */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import type { Log } from '#platform/log';

import { assuranceFailure } from '../failures.ts';
import type { Person } from '../findings/findings.ts';
import type { Reports } from '../findings/reports.ts';
import { ASSURANCE, type ByWhom } from '../findings/take-in.ts';
import {
  askScanToStop,
  beatScan,
  endScan,
  giveUpScans,
  insertScan,
  newestScans,
  type ScanRow,
} from '../store/scans.ts';
import { MOST_BYTES, runScanner, type Ran } from './run-scanner.ts';
import { SCANNERS, type Scanner, type Target } from './scanner.ts';

export type ScanNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  clock: () => Date;
  log: Log;
  /** Days between two scans by each; 0: none by itself. */
  scanDays: number;
  /** Where a scanner is, by its name; of one that is not named it is looked for where Debian puts it. */
  scanners: ReadonlyMap<string, string>;
  target: () => Target;
  /** The system answers there, now. */
  isThere: (target: Target) => Promise<boolean>;
}>;
type Around = Readonly<{
  reports: Reports;
  armedNow: () => Promise<ReadonlySet<string>>;
  whyNot: () => Promise<'STOPPED' | 'INCIDENT_OPEN' | null>;
}>;
export type ScannerView = Readonly<{
  name: string;
  says: string;
  kind: 'probe' | 'attack';
  /** `not installed` and `no TLS` say why it never runs here. */
  state: 'never' | 'not installed' | 'no TLS' | 'not armed' | ScanRow['state'];
  because: string;
  program: string | null;
  at: string | null;
  report: string | null;
  findings: number;
  opened: number;
}>;
export type Scans = ReturnType<typeof createScans>;

const FOLDERS = ['/usr/local/bin', '/usr/bin', '/usr/local/sbin', '/usr/sbin'] as const;
const DAY_MS = 86_400_000;
const LOOK_MS = 5000;
/** A server that has not said for so long that its scan goes on is gone. */
const SILENT_SECONDS = 60;
/** Longer than the longest of them is allowed: an older server does not say that its scan goes on. */
const GONE_MS = 3_600_000;
/** A server that has just begun has other things to do. */
const SETTLE_MS = 30 * 60_000;

export function createScans(needs: ScanNeeds, { reports, armedNow, whyNot }: Around) {
  const { db, audit, clock, log, scanners, target } = needs;
  const state: { going: Promise<void> | null; stop: AbortController | null } = { going: null, stop: null };
  const openedAt = clock().getTime();

  const programOf = async ({ name }: Scanner): Promise<string | null> => {
    const named = scanners.get(name);
    for (const path of named === undefined ? FOLDERS.map((folder) => join(folder, name)) : [named])
      if (await access(path, constants.X_OK).then(() => true, () => false)) return path;
    return null;
  };
  /** Why it cannot run here now; null: it can. */
  const barOf = (scanner: Scanner, program: string | null, armed: ReadonlySet<string>): 'not installed' | 'no TLS' | 'not armed' | null =>
    program === null ? 'not installed' : scanner.needsTls && !target().isTls ? 'no TLS' : scanner.kind === 'attack' && !armed.has('attack') ? 'not armed' : null;

  /** @returns whether somebody asked meanwhile that it ends, and what waits behind it */
  const scan = async (scanId: Uuid, scanner: Scanner, program: string, by: ByWhom, stop: AbortSignal): Promise<boolean> => {
    const at = target();
    const row = { scan_id: scanId, scanner: scanner.name, asked_by: by.actor.id, started_at: clock() };
    const id = publicId('scan', row.scan_id);
    await transact(db, async (tx) => {
      if (!(await insertScan(tx, row))) throw assuranceFailure('SCAN_GOING');
      await audit.appendIn(tx, { action: 'assurance.scan.begin', actor: by.actor, outcome: 'done', ...(by.requestId === undefined ? {} : { requestId: by.requestId }), detail: { scan: id, scanner: scanner.name } });
    });
    const ended = await carry(scanner, program, at, by, stop).catch((err: unknown) => {
      log.error({ err, scanner: scanner.name }, 'a scan broke off');
      return { ok: false, because: 'it broke off' } as const;
    });
    return transact(db, async (tx) => {
      const done = ended.ok ? { because: '', report_id: ended.report, findings: ended.findings, opened: ended.opened } : { because: ended.because, report_id: null, findings: 0, opened: 0 };
      const isAsked = await endScan(tx, { scan_id: row.scan_id, state: ended.ok ? 'done' : 'invalid', ended_at: clock(), ...done });
      await audit.appendIn(tx, { ...ASSURANCE, action: 'assurance.scan.end', outcome: ended.ok ? 'done' : 'failed', detail: { scan: id, scanner: scanner.name, findings: done.findings, opened: done.opened, because: done.because } });
      return isAsked;
    });
  };
  const carry = async (scanner: Scanner, program: string, at: Target, by: ByWhom, stop: AbortSignal) => {
    if (!(await needs.isThere(at))) return { ok: false, because: 'the system did not answer before it began' } as const;
    const ran: Ran = await runScanner(scanner, program, at, { ms: scanner.minutes * 60_000, bytes: MOST_BYTES }, stop);
    if (!ran.ok) return ran;
    if (!(await needs.isThere(at))) return { ok: false, because: 'the system did not answer when it had ended' } as const;
    try {
      const taken = await reports.take(by, { bytes: ran.report, format: scanner.format, asset: assetOf(scanner, at) });
      return { ok: true, report: parsePublicId('rep', taken.id), findings: taken.findings, opened: taken.opened } as const;
    } catch (thrown) {
      if (isFailure(thrown) && thrown.code.startsWith('ASSURANCE_IMPORT_')) return { ok: false, because: `its report was not taken: ${thrown.code}` } as const;
      throw thrown;
    }
  };
  /** One after the other; an incident or the switch ends them all, and the end of the arms the one that attacks. */
  const carryAll = async (wanted: readonly (readonly [Scanner, string])[], by: ByWhom, control: AbortController): Promise<void> => {
    let now: Readonly<{ scanId: Uuid; scanner: Scanner; own: AbortController }> | null = null;
    const look = async (): Promise<void> => {
      const asked = now;
      const [why, heard, armed] = await Promise.all([whyNot(), asked === null ? null : beatScan(db, asked.scanId), armedNow()]);
      if (why !== null || heard?.isAsked) control.abort();
      else if (heard?.isToEnd || (asked?.scanner.kind === 'attack' && !armed.has('attack'))) asked?.own.abort();
    };
    const looking = setInterval(() => void look().catch((err: unknown) => log.warn({ err }, 'whether scans may go on could not be asked')), LOOK_MS);
    try {
      for (const [scanner, program] of wanted) {
        // arms may have ended while the others ran
        if (control.signal.aborted || barOf(scanner, program, await armedNow()) !== null) continue;
        now = { scanId: uuidv7(clock().getTime()), scanner, own: new AbortController() };
        // asked at another server, a moment before this one ended by itself
        if (await scan(now.scanId, scanner, program, by, AbortSignal.any([control.signal, now.own.signal]))) control.abort();
      }
    } finally {
      clearInterval(looking);
    }
  };
  const start = (wanted: readonly (readonly [Scanner, string])[], by: ByWhom): void => {
    // whoever asked came here by way of the database: somebody else may have been faster
    if (state.going !== null) throw assuranceFailure('SCAN_GOING');
    const control = new AbortController();
    state.stop = control;
    state.going = carryAll(wanted, by, control).catch((err: unknown) => {
      // another server was first
      if (!isFailure(err, 'ASSURANCE_SCAN_GOING')) log.error({ err }, 'scans broke off');
    }).finally(() => (state.going = null)); // prettier-ignore
  };

  return {
    list: async (): Promise<ScannerView[]> => {
      const [rows, armed] = [await newestScans(db), await armedNow()];
      return Promise.all(SCANNERS.map(async (scanner) => viewOf(scanner, await programOf(scanner), rows.find((each) => each.scanner === scanner.name), (program) => barOf(scanner, program, armed))));
    },
    /** @param names none: all that can run @throws ASSURANCE_SCANNER_UNKNOWN, _SCAN_GOING, _NOT_ARMED, _STOPPED, _INCIDENT_OPEN */
    begin: async (by: Person, names: readonly string[]): Promise<readonly string[]> => {
      if (names.some((name) => !SCANNERS.some((each) => each.name === name))) throw assuranceFailure('SCANNER_UNKNOWN');
      const why = await whyNot();
      if (why !== null) throw assuranceFailure(why);
      if (state.going !== null) throw assuranceFailure('SCAN_GOING');
      const armed = await armedNow();
      const wanted: (readonly [Scanner, string])[] = [];
      for (const scanner of SCANNERS.filter(({ name }) => names.length === 0 || names.includes(name))) {
        const program = await programOf(scanner);
        const bar = barOf(scanner, program, armed);
        if (program !== null && bar === null) wanted.push([scanner, program]);
        else if (names.length > 0) throw assuranceFailure(bar === 'not armed' ? 'NOT_ARMED' : 'SCANNER_NOT_HERE', { detail: `${scanner.name}: ${bar ?? ''}` });
      }
      if (wanted.length === 0) throw assuranceFailure('SCANNER_NOT_HERE');
      start(wanted, by);
      return wanted.map(([{ name }]) => name);
    },
    tick: async (): Promise<void> => {
      await transact(db, async (tx) => {
        const gone = await giveUpScans(tx, { silentSeconds: SILENT_SECONDS, before: new Date(clock().getTime() - GONE_MS), now: clock() });
        for (const { scan_id, scanner, because } of gone) await audit.appendIn(tx, { ...ASSURANCE, action: 'assurance.scan.end', outcome: 'failed', detail: { scan: publicId('scan', scan_id), scanner, findings: 0, opened: 0, because } });
      });
      if (needs.scanDays === 0 || state.going !== null || clock().getTime() - openedAt < SETTLE_MS || (await whyNot()) !== null) return;
      const [rows, armed] = [await newestScans(db), await armedNow()];
      const due: (readonly [Scanner, string])[] = [];
      for (const scanner of SCANNERS) {
        const last = rows.find((each) => each.scanner === scanner.name);
        if (last !== undefined && clock().getTime() - last.started_at.getTime() < needs.scanDays * DAY_MS) continue;
        const program = await programOf(scanner);
        if (program !== null && barOf(scanner, program, armed) === null) due.push([scanner, program]);
      }
      if (due.length > 0 && state.going === null) start(due, ASSURANCE);
    },
    settled: async (): Promise<void> => {
      await state.going;
    },
    /** The one that goes on, whichever server it is at, and those that wait behind it. @throws ASSURANCE_WRONG_STATE */
    stop: async (by: Person): Promise<void> => {
      await transact(db, async (tx) => {
        const scan = await askScanToStop(tx, by.actor.id);
        if (scan === null && state.going === null) throw assuranceFailure('WRONG_STATE', { detail: 'no scan goes on' });
        await audit.appendIn(tx, { action: 'assurance.scan.stop', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: scan === null ? {} : { scan: publicId('scan', scan) } });
      });
      state.stop?.abort();
    },
    /** Of this server, at once. */
    halt: (): void => state.stop?.abort(),
    close: async (): Promise<void> => {
      state.stop?.abort();
      await state.going;
    },
  };
} // prettier-ignore

/** As its importer names what was looked at: without it one that finds nothing is about nothing. */
const assetOf = ({ name }: Scanner, { url, host }: Target): string =>
  name === 'lynis' ? hostname().toLowerCase() : name === 'nmap' ? host : new URL(url).hostname;

function viewOf(scanner: Scanner, program: string | null, row: ScanRow | undefined, barOf: (program: string | null) => ScannerView['state'] | null): ScannerView {
  const bar = barOf(program);
  const shown = row?.state === 'running' ? row.state : (bar ?? row?.state ?? 'never');
  return {
    name: scanner.name,
    says: scanner.says,
    kind: scanner.kind,
    state: shown,
    because: row?.because ?? '',
    program,
    at: row?.started_at.toISOString() ?? null,
    report: row === undefined || row.report_id === null ? null : publicId('rep', row.report_id),
    findings: row?.findings ?? 0,
    opened: row?.opened ?? 0,
  };
} // prettier-ignore
