/**
 * Asking for a role that rests (resting.ts): for a time, or for good. Whose role answers for it says yes or no, and never
 * to themselves. What was lent ends by the database's clock, in the statement that finds the session.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import { whyNotOneOfTwo } from '#platform/two-people';

import { whoActs, type Actor, type Decide } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import type { PolicyDocument } from '../policy-document.ts';
import type { PolicyVersions } from '../policy-versions.ts';
import {
  decideRoleRequest,
  endRoleRequest,
  findRoleRequest,
  giveBack,
  holdRoleRequest,
  insertRoleRequest,
  lentRoles,
  listRoleRequests,
  sweepRoleRequests,
  type RoleRequestRow,
  type RoleRequestState,
} from '../store/eligible.ts';
import { lockChangesBy } from '../still-there.ts';
import { rolesMadeBy } from '../store/keys.ts';
import { findPerson, holdPerson, type PersonRow } from '../store/people.ts';
import type { By } from './grant-event.ts';
import { apartFrom, REMEMBERED_DAYS } from './makers.ts';

export type RoleRequest = Readonly<{
  id: string;
  person: string;
  name: string;
  role: string;
  /** Null: for good. */
  minutes: number | null;
  reason: string;
  askedAt: string;
  waitsUntil: string;
  state: RoleRequestState;
  decidedBy: string | null;
  until: string | null;
}>;
export type RoleRequests = Readonly<{
  /** What may be asked for, one's own requests, and those that one decides on. */
  list: (actor: Actor) => Promise<Readonly<{ eligible: readonly string[]; requests: readonly RoleRequest[] }>>;
  /** @param minutes null: for good @throws ACCESS_SESSION_NEEDED, ACCESS_NOT_ELIGIBLE, ACCESS_GRANT_STATE */
  ask: (by: By, wanted: Readonly<{ role: string; minutes: number | null; reason: string }>) => Promise<RoleRequest>;
  /** @throws ACCESS_OWN_REQUEST, ACCESS_NOT_APPROVER, ACCESS_PERSON_NEEDED, ACCESS_SEPARATED, ACCESS_GRANT_STATE, ACCESS_GRANT_NOT_FOUND */
  decide: (by: By, id: string, decision: 'approve' | 'deny') => Promise<RoleRequest>;
  /** What waits is taken back by who asked; what was lent ends, by them or by who answers for it. */
  end: (by: By, id: string) => Promise<RoleRequest>;
  sweep: () => Promise<void>;
}>;
export type RoleRequestNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  policies: PolicyVersions;
  decide: Decide;
  notTogether: (by: Actor, roles: readonly string[]) => string | null;
}>;

const WAIT_SECONDS = 86_400;

export function createRoleRequests(needs: RoleRequestNeeds): RoleRequests {
  const { db, audit, policies, decide, notTogether } = needs;
  const documentNow = async (): Promise<PolicyDocument> => (await policies.get('active')).document;
  /** Roles that the actor answers for, as far as it may approve at all. */
  const answersFor = async (actor: Actor): Promise<string[]> => {
    const { allow, stepUpSeconds } = decide({ actor, action: 'grants.approve' });
    if (!allow && stepUpSeconds === null) return [];
    const { roles } = await documentNow();
    return Object.keys(roles).filter((role) => roles[role]?.owner === actor.role);
  };
  const logged = async (tx: Statements, { actor, requestId }: By, verb: string, id: Uuid): Promise<RoleRequest> => {
    const view = asView((await findRoleRequest(tx, id)) as RoleRequestRow);
    const { person, role, state, until, minutes } = view;
    await audit.appendIn(tx, {
      action: `access.role.${verb}`,
      actor: { kind: actor.kind, id: actor.id, role: actor.role },
      outcome: 'done',
      detail: { request: view.id, person, role, state, minutes: minutes ?? 0, ...(until === null ? {} : { until }) },
      requestId,
    });
    return view;
  };
  /** Locked. @throws ACCESS_GRANT_NOT_FOUND with one text, whatever the reason */
  const held = async (
    tx: Statements,
    actor: Actor,
    id: string,
    answers: readonly string[],
  ): Promise<RoleRequestRow> => {
    const uuid = parsePublicId('rrq', id);
    const row = uuid === null ? null : await holdRoleRequest(tx, uuid);
    if (row === null || (row.asked_by !== whoActs(actor) && !answers.includes(row.role)))
      throw accessFailure('GRANT_NOT_FOUND');
    return row;
  };
  const inState = (row: RoleRequestRow, ...states: readonly RoleRequestState[]): void => {
    if (!states.includes(row.state)) throw accessFailure('GRANT_STATE', { detail: `it is ${row.state}` });
  };

  return {
    list: async (actor) => {
      const person = personOf(actor);
      const [own, roles] = [person === null ? null : await findPerson(db, person), await answersFor(actor)];
      if (person === null && roles.length === 0) throw accessFailure('SESSION_NEEDED');
      const requests = await listRoleRequests(db, { person, roles });
      return { eligible: own?.eligible_roles ?? [], requests: requests.map(asView) };
    },
    ask: async (by, { role, minutes, reason }) => {
      const person = personOf(by.actor);
      if (person === null) throw accessFailure('SESSION_NEEDED');
      if (reason.trim() === '') throw accessFailure('REQUEST_INVALID', { detail: 'a reason is needed' });
      const request = uuidv7();
      return transact(db, async (tx) => {
        const { eligible_roles: eligible, state } = (await holdPerson(tx, person)) as PersonRow;
        if (state !== 'active' || !eligible.includes(role))
          throw accessFailure('NOT_ELIGIBLE', { detail: 'this is no role that you may ask for' });
        await sweepRoleRequests(tx);
        const seconds = minutes === null ? null : minutes * 60;
        const row = { request_id: request, person_id: person, asked_by: whoActs(by.actor), role, seconds, reason };
        if (!(await insertRoleRequest(tx, row, WAIT_SECONDS)))
          throw accessFailure('GRANT_STATE', { detail: 'a request for this role waits' });
        return logged(tx, by, 'request', request);
      });
    },
    decide: async (by, id, decision) => {
      // before a connection is held: it asks the database by another one
      const answers = await answersFor(by.actor);
      return transact(db, async (tx) => {
        await lockChangesBy(tx, by.actor);
        const row = await held(tx, by.actor, id, answers);
        const whyNot = await whyNotOneOfTwo(by.actor, row.asked_by, () => Promise.resolve(true));
        if (whyNot === 'same person') throw accessFailure('OWN_REQUEST');
        if (!answers.includes(row.role)) throw accessFailure('NOT_APPROVER');
        if (whyNot !== null) throw accessFailure('PERSON_NEEDED');
        inState(row, 'pending');
        if (decision === 'deny') {
          await decideRoleRequest(tx, row, { state: 'denied', by: whoActs(by.actor) });
          return logged(tx, by, 'deny', row.request_id);
        }
        const person = (await holdPerson(tx, row.person_id)) as PersonRow;
        // an administrator may have given them other roles meanwhile, and none of these
        if (person.state !== 'active' || !person.eligible_roles.includes(row.role)) throw accessFailure('NOT_ELIGIBLE');
        const made = await rolesMadeBy(tx, row.person_id, REMEMBERED_DAYS);
        const all = [...person.roles, ...(await lentRoles(tx, row.person_id)), row.role];
        const apart = notTogether(by.actor, all) ?? apartFrom(by.actor, [row.role], made, notTogether);
        if (apart !== null) throw accessFailure('SEPARATED', { detail: apart });
        const state = row.seconds === null ? 'given' : 'lent';
        await decideRoleRequest(tx, row, { state, by: whoActs(by.actor) });
        if (state === 'given') await giveBack(tx, row);
        return logged(tx, by, state === 'given' ? 'give' : 'lend', row.request_id);
      });
    },
    end: async (by, id) => {
      const answers = await answersFor(by.actor);
      if (personOf(by.actor) === null && answers.length === 0) throw accessFailure('SESSION_NEEDED');
      return transact(db, async (tx) => {
        const row = await held(tx, by.actor, id, answers);
        inState(row, ...(row.asked_by === whoActs(by.actor) ? (['pending', 'lent'] as const) : (['lent'] as const)));
        await endRoleRequest(tx, row.request_id);
        return logged(tx, by, 'end', row.request_id);
      });
    },
    sweep: () => sweepRoleRequests(db),
  };
}

const personOf = ({ person }: Actor): Uuid | null => (person === undefined ? null : parsePublicId('per', person));

const asView = (row: RoleRequestRow): RoleRequest => ({
  id: publicId('rrq', row.request_id),
  person: publicId('per', row.person_id),
  name: row.name,
  role: row.role,
  minutes: row.seconds === null ? null : row.seconds / 60,
  reason: row.reason,
  askedAt: row.asked_at.toISOString(),
  waitsUntil: row.waits_until.toISOString(),
  state: row.state,
  decidedBy: row.decided_by,
  until: row.until?.toISOString() ?? null,
});
