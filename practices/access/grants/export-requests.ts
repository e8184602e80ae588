/**
 * A second pair of eyes on exports, for whom that is asked of for a time (stricter.ts): they ask, somebody else who approves
 * grants says yes or no, and for an hour exports for that purpose are open. Anybody may ask, so that a request tells of nobody
 * why it was made.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import { whyNotOneOfTwo } from '#platform/two-people';
import type { Catalog } from '#practices/collection';

import { whoActs, type Actor } from '../decide.ts';
import { lockChangesBy } from '../still-there.ts';
import { accessFailure } from '../failures.ts';
import {
  approvedPurposes,
  decideExportRequest,
  holdExportRequest,
  insertExportRequest,
  listExportRequests,
  waitToAsk,
  type ExportRequestRow,
  type ExportRequestState,
} from '../store/export-requests.ts';
import type { By } from './grant-event.ts';

export type ExportRequest = Readonly<{
  id: string;
  person: string;
  name: string;
  purpose: string;
  reason: string;
  askedAt: string;
  waitsUntil: string;
  state: ExportRequestState;
  decidedBy: string | null;
  until: string | null;
}>;
export type ExportRequests = Readonly<{
  /** @param all of everybody: for who decides */
  list: (actor: Actor, all: boolean) => Promise<readonly ExportRequest[]>;
  /** @throws ACCESS_SESSION_NEEDED, ACCESS_REQUEST_INVALID, ACCESS_EXPORTS_ASKED, ACCESS_GRANT_STATE when one for the purpose waits */
  ask: (by: By, wanted: Readonly<{ purpose: string; reason: string }>) => Promise<ExportRequest>;
  /** @throws ACCESS_OWN_REQUEST, ACCESS_PERSON_NEEDED, ACCESS_GRANT_STATE, ACCESS_GRANT_NOT_FOUND */
  decide: (by: By, id: string, decision: 'approve' | 'deny') => Promise<ExportRequest>;
  /** Purposes that are open to them now. @param person per_… */
  approvedFor: (person: string) => Promise<readonly string[]>;
}>;

const WAIT_SECONDS = 86_400;
const OPEN_SECONDS = 3600;
/** In a day: each is a notice to all who approve. */
const MOST_ASKED = 5;

export function createExportRequests({ db, audit, catalog }: Readonly<{ db: Db; audit: Pick<Audit, 'appendIn'>; catalog: () => Pick<Catalog, 'purposes'> }>): ExportRequests {
  const logged = async (tx: Statements, { actor, requestId }: By, verb: string, id: Uuid): Promise<ExportRequest> => {
    const view = asView((await holdExportRequest(tx, id)) as ExportRequestRow);
    const { person, purpose, state, until } = view;
    await audit.appendIn(tx, {
      action: `access.export.${verb}`, actor: { kind: actor.kind, id: actor.id, role: actor.role }, outcome: 'done', purpose, requestId,
      detail: { request: view.id, person, state, ...(until === null ? {} : { until }) },
    });
    return view;
  };
  return {
    list: async (actor, all) => {
      const person = personOf(actor);
      if (person === null && !all) throw accessFailure('SESSION_NEEDED');
      return (await listExportRequests(db, all ? null : person)).map(asView);
    },
    ask: async (by, { purpose, reason }) => {
      const person = personOf(by.actor);
      if (person === null) throw accessFailure('SESSION_NEEDED');
      if (reason.trim() === '') throw accessFailure('REQUEST_INVALID', { detail: 'a reason is needed' });
      // anything else would be a note to all who approve, and stand in the log
      if (!catalog().purposes.has(purpose)) throw accessFailure('REQUEST_INVALID', { detail: 'the catalogue has no such purpose' });
      const request_id = uuidv7();
      return transact(db, async (tx) => {
        const retryAfterSeconds = await waitToAsk(tx, person, MOST_ASKED, WAIT_SECONDS);
        if (retryAfterSeconds > 0) throw accessFailure('EXPORTS_ASKED', { extra: { retryAfterSeconds } });
        if (!(await insertExportRequest(tx, { request_id, person_id: person, purpose, reason }, WAIT_SECONDS)))
          throw accessFailure('GRANT_STATE', { detail: 'a request for this purpose waits' });
        return logged(tx, by, 'request', request_id);
      });
    },
    decide: (by, id, decision) =>
      transact(db, async (tx) => {
        const uuid = parsePublicId('erq', id);
        const row = uuid === null ? null : await holdExportRequest(tx, uuid);
        if (row === null) throw accessFailure('GRANT_NOT_FOUND');
        await lockChangesBy(tx, by.actor);
        const whyNot = await whyNotOneOfTwo(by.actor, publicId('per', row.person_id), () => Promise.resolve(true));
        if (whyNot === 'same person') throw accessFailure('OWN_REQUEST');
        if (whyNot !== null) throw accessFailure('PERSON_NEEDED');
        if (row.state !== 'pending') throw accessFailure('GRANT_STATE', { detail: `it is ${row.state}` });
        const state = decision === 'approve' ? 'approved' : 'denied';
        await decideExportRequest(tx, row.request_id, { state, by: whoActs(by.actor), seconds: OPEN_SECONDS });
        return logged(tx, by, decision, row.request_id);
      }),
    approvedFor: async (person) => {
      const uuid = parsePublicId('per', person);
      return uuid === null ? [] : approvedPurposes(db, uuid);
    },
  };
} // prettier-ignore

const personOf = ({ person }: Actor): Uuid | null => (person === undefined ? null : parsePublicId('per', person));

const asView = (row: ExportRequestRow): ExportRequest => ({
  id: publicId('erq', row.request_id), person: publicId('per', row.person_id), name: row.name, purpose: row.purpose, reason: row.reason,
  askedAt: row.asked_at.toISOString(), waitsUntil: row.waits_until.toISOString(), state: row.state, decidedBy: row.decided_by,
  until: row.until?.toISOString() ?? null,
}); // prettier-ignore
