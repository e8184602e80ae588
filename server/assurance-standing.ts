/** What parts of the system say of themselves to a run of control tests; no customer is in it. */
import type { Standing } from '#practices/assurance';

import type { Parts } from './parts.ts';

export async function standingOf(
  of: Standing,
  { backups, config, privacy, clock }: Pick<Parts, 'backups' | 'config' | 'privacy' | 'clock'>,
): Promise<Readonly<Record<string, unknown>>> {
  if (of === 'settings') return { host: config.host, tls: config.tlsCert !== null };
  if (of === 'notice') {
    const published = await privacy.notices.published();
    return { published: published !== null, drift: (await privacy.notices.watch()).length };
  }
  const now = clock().getTime();
  const hoursSince = (at: Date | null | undefined): number | null => (at === null || at === undefined ? null : (now - at.getTime()) / 3_600_000); // prettier-ignore
  const { newest, recipients, drills } = await backups.standing();
  const isSetUp = recipients.some(({ kind, retired_at }) => kind === 'offline' && retired_at === null);
  if (of === 'backups')
    return { isSetUp, everyHours: config.backupHours, hours: hoursSince(newest.data?.finished_at), keyHours: hoursSince(newest.key?.finished_at) }; // prettier-ignore
  if (of === 'drills') {
    const [last] = drills;
    return { isSetUp, everyDays: config.backupDrillDays, hours: hoursSince(last?.at), passed: last?.passed ?? false };
  }
  return {};
}
