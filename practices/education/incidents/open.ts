/** Incidents as one object: reported by anybody, worked on by those who may, told of to whom the law says. */
import { transact, type Tx } from '#platform/db';
import { publicId, uuidv7 } from '#platform/ids';

import type { By } from '../by.ts';
import { timeText } from '../standing/zone.ts';
import { educationFailure } from '../failures.ts';
import { placeOf } from '../page-place.ts';
import {
  countReportsOf,
  eventsOf,
  findIncident,
  isIncidentOpen,
  listIncidents,
  registerPage,
  type EventRow,
  type IncidentRow,
} from '../store/incidents.ts';
import { beginIncident, type ToBegin } from './begin.ts';
import { changeIncident, incidentId, incidentUuid, whoOf, type Change } from './changes.ts';
import { readEffects, type Effects } from './effects.ts';
import type { IncidentNeeds } from './needs.ts';
import {
  authorityNotice,
  subjectNotice,
  whatLeft,
  type AuthorityNotice,
  type Controller,
  type NoticeLanguage,
} from './notices.ts';
import { movesFrom, type Phase } from './phases.ts';
import type { Kind } from './playbook.ts';
import { createScopes, type Scopes } from './scopes.ts';
import { clocksOf, decisionsOf, tasksOf, type ClockView, type Decision, type TaskView } from './timeline.ts';
import { createWords } from './words.ts';

export type ToReport = Readonly<{ what: string; kind: Kind; happenedAt?: Date | undefined }>;
export type IncidentLine = Readonly<{
  id: string;
  receipt: string;
  kind: string;
  severity: string;
  phase: string;
  owner: string | null;
  version: number;
  reportedAt: string;
  lastAt: string;
  clocks: readonly ClockView[];
}>;
export type TimelineEntry = Readonly<{
  seq: number;
  kind: string;
  happenedAt: string;
  knownAt: string;
  by: string;
  text: string | null;
  detail: Readonly<Record<string, unknown>>;
}>;
export type DecisionView = Readonly<{
  seq: number;
  clock: string;
  what: Decision['what'];
  state: Decision['state'];
  at: string;
  by: string;
  settledBy: string | null;
  scope: string | null;
  outdated: boolean;
  reasons: string | null;
}>;
export type Incident = IncidentLine &
  Readonly<{
    timeline: readonly TimelineEntry[];
    decisions: readonly DecisionView[];
    tasks: readonly TaskView[];
    next: readonly Readonly<{ to: Phase; needs: readonly string[] }>[];
  }>;
export type RegisterRow = Omit<Incident, 'timeline' | 'next' | 'tasks'> &
  Readonly<{ facts: readonly TimelineEntry[]; effects: Effects | null; measures: readonly string[] }>;

export type Incidents = Readonly<{
  /** Thanked with a number to ask by; nothing is held against who reports. */
  report: (by: By, wanted: ToReport) => Promise<Readonly<{ id: string; receipt: string }>>;
  /** In the transaction of who makes one of something else. */
  beginIn: (tx: Tx, by: By, wanted: ToBegin) => ReturnType<typeof beginIncident>;
  list: (page: Readonly<{ before: string | null; limit: number }>) => Promise<Readonly<{ incidents: readonly IncidentLine[]; next: string | null }>>;
  /** @throws EDUCATION_INCIDENT_NOT_FOUND */
  get: (by: By, id: string) => Promise<Incident>;
  /** @throws EDUCATION_INCIDENT_CHANGED when somebody was faster, and what the change itself is refused for */
  change: (by: By, id: string, version: number, change: Change) => Promise<Incident>;
  /** Whether something is going on that is more than a small one: nobody tries this system out meanwhile. */
  isAnyOpen: () => Promise<boolean>;
  scopes: Scopes;
  authority: (by: By, id: string) => Promise<AuthorityNotice>;
  /** @throws EDUCATION_SCOPE_NOT_FOUND */
  drafts: (by: By, id: string, scope: string, page: Readonly<{ after: string | null; limit: number; language: NoticeLanguage }>) => Promise<Readonly<{ drafts: readonly Readonly<{ subject: string; text: string }>[]; next: string | null; controller: Controller }>>;
  /** GDPR art. 33(5): each breach, its effects and what was done, so that it can be checked. */
  register: (by: By, page: Readonly<{ before: string | null; limit: number }>) => Promise<Readonly<{ incidents: readonly RegisterRow[]; next: string | null }>>;
}>; // prettier-ignore

/** Of one person in an hour. */
const MOST_REPORTS = 30;
const HOUR_MS = 3_600_000;

export function openIncidents(given: IncidentNeeds): Incidents {
  const { db, clock, audit, zone, playbooks } = given;
  const words = createWords(given.wordsKey);
  const needs = { ...given, words };
  const scopes = createScopes(needs);

  const line = (row: IncidentRow, events: readonly EventRow[]): IncidentLine => ({
    id: incidentId(row.incident_id), receipt: row.receipt, kind: row.kind, severity: row.severity, phase: row.phase, owner: row.owner,
    version: row.version, reportedAt: row.reported_at.toISOString(), lastAt: row.last_at.toISOString(),
    clocks: clocksOf(row, events, zone, clock()),
  });
  const textOf = ({ incident_id, seq, sealed }: EventRow): string | null => (sealed === null ? null : words.open(incident_id, seq, sealed));
  const entry = (event: EventRow): TimelineEntry => ({
    seq: event.seq, kind: event.kind, happenedAt: event.happened_at.toISOString(), knownAt: event.known_at.toISOString(), by: event.by,
    text: textOf(event), detail: event.detail,
  });
  const decisions = (events: readonly EventRow[]): DecisionView[] =>
    decisionsOf(events).map(({ seq, clock: which, what, state, at, by, settledBy, scope, outdated }) => ({
      seq, clock: which, what, state, at: at.toISOString(), by, settledBy, scope, outdated, reasons: textOf(events.find((each) => each.seq === seq) as EventRow),
    }));
  const load = async (id: string): Promise<{ row: IncidentRow; events: readonly EventRow[] }> => {
    const uuid = incidentUuid(id);
    const row = await findIncident(db, uuid);
    if (row === null) throw educationFailure('INCIDENT_NOT_FOUND');
    return { row, events: await eventsOf(db, [uuid]) };
  };
  const whole = async (id: string): Promise<Incident> => {
    const { row, events } = await load(id);
    return {
      ...line(row, events), timeline: events.map(entry), decisions: decisions(events), tasks: tasksOf(row, events, playbooks, clock()),
      next: movesFrom(row.phase as Phase).map(({ to, needs: asked }) => ({ to, needs: asked })),
    };
  };
  // words may name customers: who reads them is in the log before they leave
  const noteRead = async (by: By, detail: Readonly<Record<string, string>>): Promise<void> => {
    await audit.append({ action: 'education.incident.read', actor: by.actor, outcome: 'done', requestId: by.requestId, detail });
  };
  const measuresOf = (row: IncidentRow, events: readonly EventRow[]): readonly string[] =>
    tasksOf(row, events, playbooks, clock()).filter(({ doneAt }) => doneAt !== null).map(({ says, doneAt }) => `${says} (${timeText(new Date(doneAt ?? 0))})`);

  return {
    report: (by, { what, kind, happenedAt }) =>
      transact(db, async (tx) => {
        const now = clock();
        const happened = happenedAt ?? now;
        if (happened > now) throw educationFailure('INCIDENT_INVALID', { detail: 'happenedAt is not in the future' });
        // what is written down stays for good
        if ((await countReportsOf(tx, whoOf(by), new Date(now.getTime() - HOUR_MS))) >= MOST_REPORTS) throw educationFailure('REPORTS_MANY');
        const { id, receipt } = await beginIncident(tx, words, by, { what, kind, happenedAt: happened, reportedAt: now, now });
        await audit.appendIn(tx, { action: 'education.report', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { about: 'incident', incident: id, kind } });
        return { id, receipt };
      }),
    beginIn: (tx, by, wanted) => beginIncident(tx, words, by, wanted),
    isAnyOpen: () => isIncidentOpen(db),
    list: async ({ before, limit }) => {
      const place = before === null ? null : placeOf(before, 'inc');
      if (before !== null && place === null) throw educationFailure('INCIDENT_INVALID', { detail: 'before is the `next` of a page' });
      const rows = await listIncidents(db, place, limit);
      const events = Map.groupBy(await eventsOf(db, rows.map(({ incident_id }) => incident_id)), ({ incident_id }) => incident_id);
      const last = rows.at(-1);
      return {
        incidents: rows.map((row) => line(row, events.get(row.incident_id) ?? [])),
        next: rows.length < limit || last === undefined ? null : `${last.last_at.toISOString()}~${incidentId(last.incident_id)}`,
      };
    },
    get: async (by, id) => {
      const found = await whole(id);
      await noteRead(by, { incident: id });
      return found;
    },
    change: async (by, id, version, change) => {
      await changeIncident(needs, by, id, version, change);
      // the answer has all that was ever said
      await noteRead(by, { incident: id });
      return whole(id);
    },
    scopes,
    authority: async (by, id) => {
      const { row, events } = await load(id);
      const effects = (await readEffects(db, [row.incident_id])).get(row.incident_id) ?? null;
      const { controller } = given;
      const draft = authorityNotice({ ...line(row, events), effects, measures: measuresOf(row, events), controller: controller() });
      await noteRead(by, { incident: id, draft: 'authority' });
      return draft;
    },
    drafts: async (by, id, scope, { language, ...page }) => {
      const { row } = await load(id);
      const { subjects, next } = await scopes.subjects(by, id, scope, page);
      // who was erased since is nobody who could be told
      const drafts = subjects.flatMap(({ subject, firstAt, lastAt, ...found }) =>
        subject === null ? [] : [{ subject, text: subjectNotice(language, { receipt: row.receipt, phase: row.phase, zone, controller: given.controller() }, { fields: whatLeft(found), firstAt, lastAt }) }]);
      return { drafts, next, controller: given.controller() };
    },
    register: async (by, { before, limit }) => {
      const uuid = before === null ? null : incidentUuid(before);
      const page = await registerPage(db, uuid, limit);
      const ids = page.map(({ incident_id }) => incident_id);
      const all = Map.groupBy(await eventsOf(db, ids), ({ incident_id }) => incident_id);
      const effects = await readEffects(db, ids);
      const incidents = page.map((row): RegisterRow => {
        const events = all.get(row.incident_id) ?? [];
        return {
          ...line(row, events), decisions: decisions(events), facts: events.filter(({ kind }) => kind === 'reported' || kind === 'fact').map(entry),
          effects: effects.get(row.incident_id) ?? null, measures: measuresOf(row, events),
        };
      });
      await noteRead(by, { register: publicId('reg', uuidv7(clock().getTime())) });
      const last = page.at(-1);
      return { incidents, next: page.length < limit || last === undefined ? null : incidentId(last.incident_id) };
    },
  };
} // prettier-ignore
