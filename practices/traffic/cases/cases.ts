/** Cases as people work on them: who has it, what they noted, what they did, and how it ended. Each step is in the log. */
import type { Audit, AuditEvent } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';
import { parsePublicId, publicId, subjectIdText, uuidv7, type Uuid } from '#platform/ids';

import { SEVERITIES, type Severity } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import { trafficFailure } from '../failures.ts';
import type { By } from '../guard/measures.ts';
import { isOneself, type OwnerOf } from '../guard/oneself.ts';
import { readTime } from '../read-time.ts';
import { isOwnActor, type Sealing } from '../record/block.ts';
import {
  addStep,
  alertsOf,
  evidenceOf,
  findCase,
  listCases,
  lockCase,
  setCase,
  stepsOf,
  subjectsOfCase,
  type AlertRow,
  type CasePlace,
  type CaseRow,
  type CaseState,
  type Verdict,
} from '../store/cases.ts';
import { countSuppressions, endSuppression, insertSuppression, listSuppressions } from '../store/rules.ts';
import { ACTIONS, targetOf, type ActionName, type Order } from './playbooks.ts';

export type CaseView = Readonly<{
  id: string;
  about: string;
  title: string;
  severity: Severity;
  state: CaseState;
  verdict: Verdict | null;
  owner: string | null;
  entity: Readonly<Record<string, string>>;
  attack: readonly string[];
  rules: readonly string[];
  alerts: number;
  customers: number;
  openedAt: string;
  lastAt: string;
  closedAt: string | null;
}>;
export type AlertView = Readonly<{
  uid: string;
  case: string;
  rule: string;
  title: string;
  severity: Severity;
  at: string;
  foundAt: string;
  reason: string;
  measure: Readonly<{ name: string; value: number; usual: number; limit: number }> | null;
  attack: readonly string[];
}>;
export type WholeCase = CaseView &
  Readonly<{
    newestAlerts: readonly AlertView[];
    steps: readonly Readonly<{ at: string; by: string; kind: string; note: string }>[];
    /** Customers by id, 1,000 at most; `customers` says how many there are. */
    subjects: readonly string[];
    /** What can be done to whom the case is about. */
    actions: readonly ActionName[];
  }>;
export type SuppressionView = Readonly<{
  id: string;
  rule: string;
  about: string | null;
  until: string;
  reason: string;
  by: string;
  hits: number;
}>;

export type Cases = Readonly<{
  /** @throws TRAFFIC_TIME_MALFORMED for a `before` that is no `next` */
  list: (ask: {
    states: readonly CaseState[];
    about?: string;
    least?: Severity;
    before?: string;
    most: number;
  }) => Promise<Readonly<{ cases: CaseView[]; next: string | null }>>;
  /** @throws TRAFFIC_NOT_FOUND */
  get: (id: string) => Promise<WholeCase>;
  /** Events that show an alert. @throws TRAFFIC_NOT_FOUND */
  evidence: (id: string, alertUid: string) => Promise<TrafficEvent[]>;
  /** @throws TRAFFIC_CASE_CLOSED, TRAFFIC_CASE_TAKEN, TRAFFIC_OWN_CASE as `close` does */
  take: (by: By, id: string, takeOver: boolean) => Promise<WholeCase>;
  note: (by: By, id: string, text: string) => Promise<WholeCase>;
  close: (by: By, id: string, verdict: Verdict, note: string) => Promise<WholeCase>;
  /** @throws TRAFFIC_ACTION_UNFIT and what the action itself throws */
  act: (by: By, id: string, action: ActionName, seconds: number, reason: string) => Promise<WholeCase>;
  /** @throws TRAFFIC_OWN_CASE, TRAFFIC_FULL */
  suppress: (
    by: By,
    wanted: { rule: string; about: string | null; days: number; reason: string },
  ) => Promise<SuppressionView>;
  suppressions: () => Promise<SuppressionView[]>;
  unsuppress: (by: By, id: string) => Promise<void>;
}>;
export type CasesNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn' | 'append'>;
  sealing: Sealing;
  clock: () => Date;
  carryOut: (by: By, order: Order) => Promise<void>;
  ownerOf: OwnerOf;
}>;

const ALERTS = 200;
const SUBJECTS = 1000;
/** That hold at once: all of them are listed. */
const SUPPRESSIONS = 500;

export function createCases({ db, audit, sealing, clock, carryOut, ownerOf }: CasesNeeds): Cases {
  const idOf = (id: string): Uuid => {
    const found = parsePublicId('case', id);
    if (found === null) throw trafficFailure('NOT_FOUND');
    return found;
  };
  const notOfOneself = async (tx: Tx, by: By, { about, entity }: CaseRow): Promise<void> => {
    if (await isOneself(by, [about, entity['actor'], entity['key']], (key) => ownerOf(tx, key))) throw trafficFailure('OWN_CASE');
  }; // prettier-ignore
  const whole = async (caseId: Uuid): Promise<WholeCase> => {
    const row = await findCase(db, caseId);
    if (row === null) throw trafficFailure('NOT_FOUND');
    const [alerts, steps, subjects] = await Promise.all([
      alertsOf(db, caseId, ALERTS),
      stepsOf(db, caseId),
      subjectsOfCase(db, caseId, SUBJECTS),
    ]);
    return {
      ...viewOf(row),
      newestAlerts: alerts.map(alertView),
      steps: steps.map(({ at, by, kind, note }) => ({ at: at.toISOString(), by, kind, note })),
      subjects: subjects.map(subjectIdText),
      actions: row.state === 'closed' ? [] : ACTIONS.filter((action) => targetOf(action, row.entity) !== null),
    };
  };
  /** One step of one case, with the case locked. */
  const step = async (
    by: By,
    id: string,
    kind: string,
    note: string,
    change: (row: CaseRow, tx: Tx) => Promise<void>,
    detail: NonNullable<AuditEvent['detail']> = {},
    alsoClosed = false,
  ): Promise<WholeCase> => {
    const caseId = idOf(id);
    await transact(db, async (tx) => {
      const row = await lockCase(tx, caseId);
      if (row === null) throw trafficFailure('NOT_FOUND');
      if (row.state === 'closed' && !alsoClosed) throw trafficFailure('CASE_CLOSED');
      await change(row, tx);
      await addStep(tx, caseId, { step_id: uuidv7(), at: clock(), by: by.actor.id, kind, note });
      await audit.appendIn(tx, { action: `traffic.case.${kind}`, actor: by.actor, outcome: 'done', detail: { case: id, ...detail }, requestId: by.requestId });
    }); // prettier-ignore
    return whole(caseId);
  };

  return {
    list: async ({ states, about, least = 'informational', before, most }) => {
      const ask = { states, about: about ?? null, least: SEVERITIES.indexOf(least) + 1, before: before === undefined ? null : placeOf(before) };
      // one more than is shown says whether there is a next page
      const rows = await listCases(db, { ...ask, most: most + 1 });
      const shown = rows.slice(0, most);
      const last = shown.at(-1);
      const next = rows.length <= most || last === undefined ? null : `${last.last_at.toISOString()}.${publicId('case', last.case_id)}`;
      return { cases: shown.map(viewOf), next };
    }, // prettier-ignore
    get: async (id) => whole(idOf(id)),
    evidence: async (id, alertUid) => {
      const found = await evidenceOf(db, alertUid);
      if (found === null || found.case_id !== idOf(id)) throw trafficFailure('NOT_FOUND');
      return sealing.open(found.alert_id, found.evidence);
    },
    take: (by, id, takeOver) =>
      step(by, id, 'take', '', async (row, tx) => {
        await notOfOneself(tx, by, row);
        if (row.owner !== null && row.owner !== by.actor.id && !takeOver) throw trafficFailure('CASE_TAKEN');
        await setCase(tx, row.case_id, { state: 'working', owner: by.actor.id, verdict: null, closedAt: null });
      }),
    note: (by, id, text) => step(by, id, 'note', text, async () => undefined),
    close: (by, id, verdict, note) =>
      step(
        by,
        id,
        'close',
        note,
        async (row, tx) => {
          await notOfOneself(tx, by, row);
          await setCase(tx, row.case_id, {
            state: 'closed',
            owner: row.owner ?? by.actor.id,
            verdict,
            closedAt: clock(),
          });
        },
        { verdict },
      ),
    act: async (by, id, action, seconds, reason) => {
      const row = await findCase(db, idOf(id));
      if (row === null) throw trafficFailure('NOT_FOUND');
      if (row.state === 'closed') throw trafficFailure('CASE_CLOSED');
      const target = targetOf(action, row.entity);
      if (target === null) throw trafficFailure('ACTION_UNFIT');
      // done before it is said to be done: what fails is no step of the case
      await carryOut(by, { action, target, seconds, caseId: id, by: by.actor.id, reason });
      // it is done, whoever closed the case meanwhile
      return step(by, id, 'action', `${action}: ${reason}`, async () => undefined, { did: action }, true);
    },
    suppress: async (by, { rule, about, days, reason }) => {
      const id = uuidv7();
      const until = new Date(clock().getTime() + days * 86_400_000);
      if (await isOneself(by, [about], (key) => ownerOf(db, key))) throw trafficFailure('OWN_CASE');
      // an id of this system is no secret; a name of a foreign log can be somebody's
      const whom = about === null ? 'everybody' : isOwnActor(about.split(' ').at(-1) ?? '') ? about : 'somebody';
      await transact(db, async (tx) => {
        if ((await countSuppressions(tx)) >= SUPPRESSIONS) throw trafficFailure('FULL', { detail: `${SUPPRESSIONS} hold now` });
        await insertSuppression(tx, { suppression_id: id, rule, about, until, reason, by: by.actor.id });
        await audit.appendIn(tx, { action: 'traffic.suppress', actor: by.actor, outcome: 'done', detail: { suppression: publicId('sup', id), rule, about: whom, days }, requestId: by.requestId });
      }); // prettier-ignore
      return { id: publicId('sup', id), rule, about, until: until.toISOString(), reason, by: by.actor.id, hits: 0 };
    },
    suppressions: async () =>
      (await listSuppressions(db)).map(({ suppression_id, rule, about, until, reason, by, hits }) => ({
        id: publicId('sup', suppression_id),
        rule,
        about,
        until: until.toISOString(),
        reason,
        by,
        hits: Number(hits),
      })),
    unsuppress: async (by, id) => {
      const found = parsePublicId('sup', id);
      await transact(db, async (tx) => {
        if (found === null || !(await endSuppression(tx, found))) throw trafficFailure('NOT_FOUND');
        await audit.appendIn(tx, { action: 'traffic.unsuppress', actor: by.actor, outcome: 'done', detail: { suppression: id }, requestId: by.requestId });
      }); // prettier-ignore
    },
  };
}

/** @throws TRAFFIC_TIME_MALFORMED for what is no `next` of a page */
function placeOf(before: string): CasePlace {
  const at = before.lastIndexOf('.');
  const caseId = parsePublicId('case', before.slice(at + 1));
  if (caseId === null) throw trafficFailure('TIME_MALFORMED', { detail: '`before` is the `next` of a page' });
  return { lastAt: readTime(before.slice(0, at)), caseId };
}

const severityOf = (n: number): Severity => SEVERITIES[n - 1] ?? 'informational';

const viewOf = (row: CaseRow): CaseView => ({
  id: publicId('case', row.case_id),
  about: row.about,
  title: row.title,
  severity: severityOf(row.severity),
  state: row.state,
  verdict: row.verdict,
  owner: row.owner,
  entity: row.entity,
  attack: row.attack,
  rules: row.rules,
  alerts: Number(row.alerts),
  customers: Number(row.customers),
  openedAt: row.opened_at.toISOString(),
  lastAt: row.last_at.toISOString(),
  closedAt: row.closed_at?.toISOString() ?? null,
});

export const alertView = (row: AlertRow): AlertView => ({
  uid: row.alert_uid,
  case: publicId('case', row.case_id),
  rule: row.rule,
  title: row.title,
  severity: severityOf(row.severity),
  at: row.at.toISOString(),
  foundAt: row.found_at.toISOString(),
  reason: row.reason,
  measure: row.measure as AlertView['measure'],
  attack: row.attack,
});
