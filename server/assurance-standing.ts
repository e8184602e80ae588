/** What parts of the system say of themselves to a run of control tests; no customer is in it. */
import type { Standing } from '#practices/assurance';

import type { Parts } from './parts.ts';

/** Objects read back for one test: those that nobody has read for the longest time. */
const READ_BACK = 40;
const ASSURANCE = { kind: 'system', id: 'assurance' } as const;

export async function standingOf(
  of: Standing,
  { assurance, backups, config, drills: drilling, privacy, clock }: Pick<Parts, 'assurance' | 'backups' | 'config' | 'drills' | 'privacy' | 'clock'>,
): Promise<Readonly<Record<string, unknown>>> {
  if (of === 'settings') return { host: config.host, tls: config.tlsCert !== null };
  if (of === 'notice') {
    const published = await privacy.notices.published();
    return { published: published !== null, drift: (await privacy.notices.watch()).length };
  }
  const now = clock().getTime();
  const hoursSince = (at: Date | null | undefined): number | null => (at === null || at === undefined ? null : (now - at.getTime()) / 3_600_000); // prettier-ignore
  if (of === 'stored') {
    const { read, faults } = await backups.scrub(ASSURANCE, READ_BACK);
    const { coverage } = await backups.standing();
    return { read, objects: coverage.objects, faulty: coverage.faulty, faults: faults.map(({ name, fault }) => `${name} is ${fault}`).slice(0, 3) };
  }
  const { newest, recipients, drills } = await backups.standing();
  const isSetUp = recipients.some(({ kind, retired_at }) => kind === 'offline' && retired_at === null);
  if (of === 'backups')
    return { isSetUp, everyHours: config.backupHours, hours: hoursSince(newest.data?.finished_at), keyHours: hoursSince(newest.key?.finished_at) }; // prettier-ignore
  if (of === 'drills') {
    const [last] = drills;
    // one that broke off has signed nothing, and is no drill that was right
    const broke = (await drilling.list(5)).find(({ state, finished_at: at }) => state === 'failed' && (last === undefined || (at !== null && at > last.at)));
    return { isSetUp, everyDays: config.backupDrillDays, hours: hoursSince(broke?.finished_at ?? last?.at), passed: broke === undefined && (last?.passed ?? false) };
  }
  const { feeds, parts } = await assurance.feeds.state();
  const osv = feeds.find(({ feed }) => feed === 'osv');
  return { hours: osv?.days === null || osv === undefined ? null : osv.days * 24, parts, grave: await assurance.feeds.grave() };
} // prettier-ignore
