/** Playbooks as people set them: all of them as one document, so that nobody changes half of what another reads. */
import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { parsePublicId, publicId, uuidv7 } from '#platform/ids';

import { SEVERITIES, type Severity } from '../alert.ts';
import type { ActionName } from '../cases/playbooks.ts';
import { trafficFailure } from '../failures.ts';
import { listPlaybooks, replacePlaybooks } from '../store/rules.ts';
import type { By } from './measures.ts';

export type Playbook = Readonly<{
  /** Kept where it is given, so that its hourly limit goes on. */
  id?: string | undefined;
  /** Of one rule; null: every alert from the severity on. */
  rule: string | null;
  severity: Severity;
  action: ActionName;
  seconds: number;
  mode: 'shadow' | 'on' | 'off';
  perHour: number;
}>;
export type PlaybookShelf = Readonly<{
  list: () => Promise<(Playbook & { id: string })[]>;
  replace: (by: By, playbooks: readonly Playbook[]) => Promise<void>;
}>;

export function createPlaybookShelf({ db, audit }: { db: Db; audit: Pick<Audit, 'appendIn'> }): PlaybookShelf {
  return {
    list: async () =>
      (await listPlaybooks(db)).map(({ playbook_id, rule, severity, action, seconds, mode, per_hour }) => ({
        id: publicId('pbk', playbook_id),
        rule,
        severity: SEVERITIES[severity - 1] ?? 'critical',
        action: action as ActionName,
        seconds,
        mode,
        perHour: per_hour,
      })),
    replace: async (by, playbooks) =>
      transact(db, async (tx) => {
        const given = playbooks.flatMap(({ id }) => id ?? []);
        if (new Set(given).size < given.length) throw trafficFailure('PLAYBOOK_TWICE');
        const rows = playbooks.map(({ id, rule, severity, action, seconds, mode, perHour }) => ({
          playbook_id: (id === undefined ? null : parsePublicId('pbk', id)) ?? uuidv7(),
          rule,
          severity: SEVERITIES.indexOf(severity) + 1,
          action,
          seconds,
          mode,
          per_hour: perHour,
          by: by.actor.id,
        }));
        await replacePlaybooks(tx, rows);
        await audit.appendIn(tx, { action: 'traffic.playbooks', actor: by.actor, outcome: 'done', requestId: by.requestId,
          detail: { playbooks: rows.length, on: rows.filter(({ mode }) => mode === 'on').map(({ action, rule, severity }) => `${action} ${rule ?? `from ${SEVERITIES[severity - 1]}`}`).join(', ') } });
      }),
  };
} // prettier-ignore
