/** What every step of a grant stands on: who sees it, who decides on it, and the log's entry in the same transaction. */
import type { Audit } from '#platform/audit';
import type { Db, Statements } from '#platform/db';
import { parsePublicId, type Uuid } from '#platform/ids';
import { whyNotOneOfTwo } from '#platform/two-people';
import type { Catalog } from '#practices/collection';

import { whoActs, type Actor, type Decide } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import type { PolicyDocument } from '../policy-document.ts';
import { countPeople } from '../store/people.ts';
import { findGrant, holdGrant, type GrantRow } from '../store/grants.ts';
import { grantEvent, type By } from './grant-event.ts';
import { asGrantView, type GrantView } from './grant-view.ts';
import { isOfAnotherExercise } from './made-up.ts';

export type GrantsNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  catalog: () => Catalog;
  audit: Pick<Audit, 'appendIn'>;
  decide: Decide;
  /** The policies that held when the actor was looked up. */
  documentOf: (actor: Actor) => PolicyDocument;
  /** How long a request waits for approvers, and an approved one for its activation. */
  waitSeconds?: number;
}>;

export type GrantSteps = Readonly<{
  needs: GrantsNeeds;
  logged: (tx: Statements, by: By | null, verb: string, id: Uuid) => Promise<GrantView>;
  /** Of a role that the document names for this. */
  approves: (actor: Actor, row: GrantRow) => boolean;
  isVisible: (actor: Actor, row: GrantRow) => boolean;
  /** Locked. @throws ACCESS_GRANT_NOT_FOUND with one text, whatever the reason */
  held: (tx: Statements, actor: Actor, id: string) => Promise<GrantRow>;
  /** @throws ACCESS_GRANT_NOT_FOUND for what others hold too */
  ownHeld: (tx: Statements, actor: Actor, id: string) => Promise<GrantRow>;
  /** Who decides on what another did: of a role that the document names. @throws ACCESS_OWN_REQUEST, ACCESS_NOT_APPROVER, ACCESS_PERSON_NEEDED */
  mustBeAnother: (tx: Statements, actor: Actor, row: GrantRow) => Promise<void>;
  /** @throws ACCESS_SUSPENDED where the database says so */
  unlessSuspended: <T>(work: () => Promise<T>) => Promise<T>;
}>;

/** What the database raises where broken glass was not looked at in time (sql/0006-break-glass.sql). */
const SUSPENDED = 'SR001';

export function grantSteps(needs: GrantsNeeds): GrantSteps {
  const { audit, decide, documentOf } = needs;
  const approves: GrantSteps['approves'] = (actor, row) =>
    documentOf(actor).roles[row.role]?.grants?.[row.kind]?.approvers.includes(actor.role) === true;
  const isVisible: GrantSteps['isVisible'] = (actor, row) =>
    !isOfAnotherExercise(actor, row) && isOfConcern(actor, row);
  const isOfConcern: GrantSteps['isVisible'] = (actor, row) =>
    row.requested_by === whoActs(actor) || approves(actor, row) || decide({ actor, action: 'grants.read' }).allow;
  const held: GrantSteps['held'] = async (tx, actor, id) => {
    const row = await holdGrant(tx, grantId(id));
    if (row === null || !isVisible(actor, row)) throw accessFailure('GRANT_NOT_FOUND');
    return row;
  };
  return {
    needs,
    approves,
    isVisible,
    held,
    ownHeld: async (tx, actor, id) => {
      const row = await held(tx, actor, id);
      if (row.holder !== holderId(actor)) throw accessFailure('GRANT_NOT_FOUND');
      return row;
    },
    mustBeAnother: async (tx, actor, row) => {
      const whyNot = await whyNotOneOfTwo(actor, row.requested_by, async () => (await countPeople(tx)) > 0);
      if (whyNot === 'same person') throw accessFailure('OWN_REQUEST');
      if (!approves(actor, row)) throw accessFailure('NOT_APPROVER');
      if (whyNot !== null) throw accessFailure('PERSON_NEEDED');
    },
    logged: async (tx, by, verb, id) => {
      const view = asGrantView((await findGrant(tx, id)) as GrantRow);
      await audit.appendIn(tx, grantEvent(by, verb, view));
      return view;
    },
    unlessSuspended: async (work) => {
      try {
        return await work();
      } catch (cause) {
        if ((cause as { code?: string }).code === SUSPENDED) throw accessFailure('SUSPENDED', { cause });
        throw cause;
      }
    },
  };
}

/** @throws ACCESS_GRANT_NOT_FOUND */
export function grantId(id: string): Uuid {
  const uuid = parsePublicId('grt', id);
  if (uuid === null) throw accessFailure('GRANT_NOT_FOUND');
  return uuid;
}

/** The key or person, whatever its ids begin with. @throws ACCESS_NOT_ELIGIBLE for what is neither */
export function holderId(actor: Actor): Uuid {
  const uuid = parsePublicId(actor.id.split('_')[0] ?? '', actor.id);
  if (uuid === null) throw accessFailure('NOT_ELIGIBLE', { detail: 'only a key or a person holds a grant' });
  return uuid;
}
