/** Does what an order says: for a person who asked, or for a playbook, whose orders wait in the database until they are done. */
import type { AuditEvent } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, uuidv7, type Uuid } from '#platform/ids';

import type { By, Measures } from '../guard/measures.ts';
import type { Sealing } from '../record/block.ts';
import { addStep } from '../store/cases.ts';
import { isPlaybookOn } from '../store/rules.ts';
import { claimDeliveries, endDelivery, putOffDelivery } from '../store/measures.ts';
import type { Order } from './playbooks.ts';

export type CarryOutNeeds = Readonly<{
  db: Db;
  sealing: Sealing;
  clock: () => Date;
  measures: Measures;
  /** Of the access practice; each writes its own entry in the log, with this detail. */
  revokeKey: (by: By, keyId: string, detail: NonNullable<AuditEvent['detail']>) => Promise<void>;
  /** Of a key, RFC 3339; null: it is not revoked, or there is none. */
  revokedAt: (keyId: string) => Promise<string | null>;
  /** All sessions of a person. */
  endSessions: (by: By, personId: string, detail: NonNullable<AuditEvent['detail']>) => Promise<void>;
  /** All sessions of a person go on, and have to prove anew who it is before the next sensitive thing. */
  stepUp: (by: By, personId: string, detail: NonNullable<AuditEvent['detail']>) => Promise<void>;
  onTrouble: (what: string, detail: Readonly<Record<string, unknown>>) => void;
}>;

const SYSTEM = { kind: 'system', id: 'traffic' } as const;
const TRIES = 5;

export function createCarryOut({ db, sealing, clock, measures, revokeKey, revokedAt, endSessions, stepUp, onTrouble }: CarryOutNeeds) {
  /** @param id of an order that may come twice */
  const carryOut = async (by: By, { action, target, seconds, caseId, reason }: Order, id?: Uuid): Promise<void> => {
    const detail = { case: caseId };
    if (action === 'revoke-key') return revokeKey(by, target, detail);
    if (action === 'revoke-sessions') return endSessions(by, target, detail);
    if (action === 'step-up') return stepUp(by, target, detail);
    await measures.take(by, { kind: action, target, seconds, reason, caseId: parsePublicId('case', caseId), ...(id === undefined ? {} : { id }) });
  };
  return {
    carryOut,
    /** Orders of playbooks that are due. What cannot be done is tried some times, and the case says so in the end. */
    runDue: async (): Promise<void> => {
      for (const row of await claimDeliveries(db, ['action'], 20)) {
        const order = openOr(() => sealing.open<Order>(row.delivery_id, row.sealed)[0]);
        if (order === undefined) {
          // what cannot be opened can never be done, and keeps no other order from being
          onTrouble('an order of a playbook cannot be opened', { delivery: row.delivery_id });
          await endDelivery(db, row.delivery_id);
          continue;
        }
        // said and over as one: a server that dies in between does not say it twice
        const end = (kind: string, note: string): Promise<void> =>
          transact(db, async (tx) => {
            // another server was given it meanwhile, and has said what became of it
            if (!(await endDelivery(tx, row.delivery_id))) return;
            await addStep(tx, parsePublicId('case', order.caseId) as Uuid, { step_id: uuidv7(), at: clock(), by: order.by, kind, note });
          });
        // who switched it off, or took it away, meant what was not done yet too
        if (!(await isPlaybookOn(db, order.by.replace('playbook ', '') as Uuid))) {
          await end('failed', `${order.action}: its playbook is no longer on`);
          continue;
        }
        try {
          await carryOut({ actor: { ...SYSTEM, role: order.by }, address: '' }, order, row.delivery_id);
          await end('done', order.action);
        } catch (thrown) {
          const code = isFailure(thrown) ? thrown.code : 'INTERNAL';
          // what was refused for good, and a key that is gone already, is not asked for again
          if (row.attempts < TRIES && !(isFailure(thrown) && thrown.status < 500)) {
            await putOffDelivery(db, row.delivery_id, 10 * row.attempts, code);
            continue;
          }
          // by somebody, or by a server that died before it said so
          if (order.action === 'revoke-key' && (await revokedAt(order.target)) !== null) await end('done', `${order.action}: it is revoked already`);
          else await end('failed', `${order.action}: ${code}`);
        }
      }
    },
  };
} // prettier-ignore

function openOr<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
