/**
 * What is done by itself when an alert comes, within limits that people set: the narrowest first, always with an end, and
 * no more than so often an hour. `shadow` writes down what it would have done: begin with it.
 */
import type { Tx } from '#platform/db';
import { parsePublicId, uuidv7, type Uuid } from '#platform/ids';
import { subscriberOf } from '#platform/networks';

import { SEVERITIES } from '../alert.ts';
import type { Sealing } from '../record/block.ts';
import { addStep } from '../store/cases.ts';
import { insertDelivery } from '../store/measures.ts';
import { doneLately, listPlaybooks, saidLately, type PlaybookRow } from '../store/rules.ts';
import type { CaseNews } from './take-in.ts';

export const ACTIONS = ['step-up', 'revoke-sessions', 'revoke-key', 'throttle', 'block-address'] as const;
export type ActionName = (typeof ACTIONS)[number];
/** Something to do to somebody, until it is over. */
export type Order = Readonly<{
  action: ActionName;
  target: string;
  seconds: number;
  caseId: string;
  by: string;
  reason: string;
}>;

const AN_HOUR_S = 3600;

/** What an action can be done to, of a case's entity; null: nothing that fits. */
export function targetOf(action: ActionName, entity: CaseNews['entity']): string | null {
  const { actor, key, address } = entity;
  const person = actor?.startsWith('per_') === true ? actor : undefined;
  const workload = actor?.startsWith('wkl_') === true ? actor : undefined;
  const ownKey = key ?? (actor?.startsWith('key_') === true ? actor : undefined);
  if (action === 'step-up' || action === 'revoke-sessions') return person ?? null;
  if (action === 'revoke-key') return ownKey ?? null;
  if (action === 'throttle') return ownKey ?? person ?? workload ?? null;
  // of IPv6 an address less is no obstacle
  return address === undefined ? null : subscriberOf(address);
}

export function createPlaybooks({ sealing, clock }: { sealing: Sealing; clock: () => Date }) {
  // by the alert's own severity: in a case that was bad before, what is small is small
  const fits = (row: PlaybookRow, { alert }: CaseNews): boolean =>
    row.mode !== 'off' &&
    (row.rule === null ? SEVERITIES.indexOf(alert.severity) + 1 >= row.severity : row.rule === alert.rule);
  return {
    /** In the transaction that keeps the alert: what is to be done is there as surely as the alert is. */
    onNews: async (tx: Tx, news: CaseNews): Promise<void> => {
      const caseId = parsePublicId('case', news.caseId) as Uuid;
      for (const row of await listPlaybooks(tx)) {
        if (!fits(row, news)) continue;
        const action = row.action as ActionName;
        const target = targetOf(action, news.entity);
        if (target === null) continue;
        const by = `playbook ${row.playbook_id}`;
        // it holds still: a case that goes on neither uses up the limit of others nor says the same again and again; what would
        // have been done holds nobody, and what was done at one address nobody who comes from the next
        const same = row.mode === 'shadow' ? ['action', 'shadow'] : ['action'];
        const what = `${action} ${target} for `;
        if (await saidLately(tx, caseId, row.playbook_id, same, row.seconds, what)) continue;
        const step = (kind: string, note: string): Promise<void> =>
          addStep(tx, caseId, { step_id: uuidv7(), at: clock(), by, kind, note });
        if (row.mode === 'shadow') {
          await step('shadow', `would have done: ${what}${row.seconds} s`);
          continue;
        }
        if ((await doneLately(tx, row.playbook_id)) >= row.per_hour) {
          if (!(await saidLately(tx, caseId, row.playbook_id, ['limit'], AN_HOUR_S))) await step('limit', `not done: ${action}; it was done ${row.per_hour} times within the hour already`);
          continue;
        }
        const order: Order = { action, target, seconds: row.seconds, caseId: news.caseId, by, reason: news.alert.title };
        const id = uuidv7();
        await insertDelivery(tx, id, 'action', sealing.seal(id, [order]));
        await step('action', `${what}${row.seconds} s`);
      }
    },
  };
} // prettier-ignore
