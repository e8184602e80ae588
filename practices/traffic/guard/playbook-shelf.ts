/** Playbooks as people set them: all of them as one document, so that nobody changes half of what another reads. */
import { hash } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { parsePublicId, publicId, uuidv7 } from '#platform/ids';

import { SEVERITIES, type Severity } from '../alert.ts';
import type { ActionName } from '../cases/playbooks.ts';
import { trafficFailure } from '../failures.ts';
import { holdPlaybooks, listPlaybooks, replacePlaybooks, type PlaybookRow } from '../store/rules.ts';
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
  /** `version`: another one whenever somebody saves. */
  list: () => Promise<{ version: string; playbooks: (Playbook & { id: string })[] }>;
  /**
   * @param version that they were changed from; undefined: whatever holds
   * @throws TRAFFIC_PLAYBOOK_TWICE, TRAFFIC_PLAYBOOKS_CHANGED
   */
  replace: (by: By, playbooks: readonly Playbook[], version?: string) => Promise<void>;
}>;

const versionOf = (rows: readonly PlaybookRow[]): string =>
  hash('sha256', JSON.stringify(rows), 'base64url').slice(0, 22);

export function createPlaybookShelf({ db, audit }: { db: Db; audit: Pick<Audit, 'appendIn'> }): PlaybookShelf {
  return {
    list: async () => {
      const rows = await listPlaybooks(db);
      const playbooks = rows.map(({ playbook_id, rule, severity, action, seconds, mode, per_hour }) => ({
        id: publicId('pbk', playbook_id),
        rule,
        severity: SEVERITIES[severity - 1] ?? 'critical',
        action: action as ActionName,
        seconds,
        mode,
        perHour: per_hour,
      }));
      return { version: versionOf(rows), playbooks };
    },
    replace: async (by, playbooks, version) =>
      transact(db, async (tx) => {
        const held = await holdPlaybooks(tx);
        if (version !== undefined && version !== versionOf(held)) throw trafficFailure('PLAYBOOKS_CHANGED');
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
