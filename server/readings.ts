/** What is read of the system for a scrape: counts and ages, asked of the database at most every few seconds. */
import { connectionsByState, type Db } from '#platform/db';
import type { Readings } from '#platform/metrics';
import { backupNags, KEEPING } from '#practices/backups';
import { countOpenCases } from '#practices/traffic';

import type { Parts } from './parts.ts';

export const PRACTICES = ['vault', 'access', 'traffic', 'education', 'backups', 'collection', 'privacy', 'assurance', 'audit', 'mail', 'status'] as const; // prettier-ignore

const FRESH_MS = 5000;
/** It walks all people and what is asked of them. */
const COVERAGE_FRESH_MS = 300_000;

export function createReadings(parts: Parts, db: Db): () => Promise<Readings> {
  const nowMs = (): number => performance.now();
  const coverage = keptFor(COVERAGE_FRESH_MS, nowMs, () => trained(parts));
  return keptFor(FRESH_MS, nowMs, async () => {
    const { audit, mail, config, clock } = parts;
    const [log, post, backups, cases, connections, learnt] = await Promise.all([
      audit.status(),
      mail.status(),
      backupNags({ db, clock, keep: KEEPING, everyHours: config.backupHours, drillDays: config.backupDrillDays }),
      countOpenCases(db),
      connectionsByState(db),
      coverage(),
    ]);
    return new Map(Object.entries({
      strongroom_log_size_entries: { help: 'Entries in the log, signed, published, and published with the quorum of witnesses', label: 'of', values: { all: log.size, signed: log.signedSize, published: log.publishedSize, witnessed: log.witnessedSize } },
      strongroom_log_tampered: one('1 when the log is not what was signed: an alarm', Number(log.tampered)),
      strongroom_mail: { help: 'Mails that wait, are held, were refused or given up', label: 'state', values: { queued: post.queued, held: post.held, refused: post.refused, given_up: post.givenUp } },
      ...(backups.newestAt === null ? {} : { strongroom_backup_age_seconds: one('Since the newest backup of the data was finished', (clock().getTime() - backups.newestAt.getTime()) / 1000) }),
      strongroom_backup_problems: one('What is wrong with the backups: strongroom backups status', backups.nags.length),
      strongroom_cases_open: { help: 'Cases of the traffic practice that are not closed, by severity', label: 'severity', values: cases },
      strongroom_database_connections: { help: 'Connections of all servers to this database', label: 'state', values: connections },
      strongroom_training_people: { help: 'People whom something is asked of, by what they see of customers for it', label: 'sees', values: learnt },
    })); // prettier-ignore
  });
}

const one = (help: string, value: number) => ({ help, values: { '': value } });

async function trained({ education }: Parts): Promise<Record<string, number>> {
  const values = { open: 0, masked: 0, denied: 0 };
  for (const { duties } of (await education.coverage()).covered) {
    if (duties.length === 0) continue;
    const effects = new Set(duties.map(({ standing }) => standing.effect));
    values[effects.has('denied') ? 'denied' : effects.has('masked') ? 'masked' : 'open'] += 1;
  }
  return values;
}

/** The same answer again for a while: whoever scrapes often asks the database no more often. */
function keptFor<T>(ms: number, nowMs: () => number, read: () => Promise<T>): () => Promise<T> {
  let kept: Readonly<{ at: number; value: T }> | null = null;
  return async () => {
    if (kept === null || nowMs() - kept.at >= ms) kept = { at: nowMs(), value: await read() };
    return kept.value;
  };
}
