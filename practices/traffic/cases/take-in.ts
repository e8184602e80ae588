/**
 * Makes cases of alerts. Alerts about the same somebody join the case about them while it is open; what nobody wants to hear
 * of is counted and left out; a case that begins or becomes worse is in the audit log, and told to those outside.
 *
 * All of it in the transaction that moves the detections' place: an alert is there once, whatever breaks.
 */
import type { Audit, AuditEvent } from '#platform/audit';
import type { Tx } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type SubjectId, type Uuid } from '#platform/ids';

import { SEVERITIES, type Alert, type Entity } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import type { Sealing } from '../record/block.ts';
import { addCaseSubjects, countCaseSubjects, growCase, insertAlert, insertCase, knownAlerts, openCaseAbout } from '../store/cases.ts'; // prettier-ignore
import { isSuppressed } from '../store/rules.ts';
import { holdForgetting } from '../store/touches.ts';
import { plain, plainAlert } from './plain-alert.ts';

export type CaseNews = Readonly<{
  caseId: string;
  about: string;
  title: string;
  severity: number;
  entity: Entity;
  alert: Alert;
  customers: number;
  /** A new case, or one that this alert made worse. */
  what: 'opened' | 'worse' | 'more';
}>;
export type TakeInNeeds = Readonly<{
  audit: Pick<Audit, 'appendIn'>;
  sealing: Sealing;
  clock: () => Date;
  /** What follows from it, in the same transaction: messages to others, playbooks. */
  onNews: (tx: Tx, news: CaseNews) => Promise<void>;
  /** An alert that the database does not take: it keeps no other from being said. */
  onRefused: (rule: string, code: string) => void;
}>;

/** `entry`: what the log is to say of it. */
type Taken = Readonly<{ caseId: Uuid; subjects: readonly SubjectId[]; atLeast: number; entry: AuditEvent | null }>;

/** Alerts that one case keeps, with what shows them: those after them are counted, unless they are worse. */
const KEPT = 1000;
/** Events kept with an alert. */
const EVIDENCE = 100;
const SYSTEM = { kind: 'system', id: 'traffic' } as const;

/** Whom a case is about: who acts before where from; where neither is known the rule and its key. */
export function aboutOf({ entity, rule, key }: Pick<Alert, 'entity' | 'rule' | 'key'>): string {
  const { actor, key: apiKey, address, host, session } = entity;
  if (apiKey !== undefined) return `key ${cut(apiKey)}`;
  if (actor !== undefined) return `actor ${cut(actor)}`;
  if (address !== undefined) return `address ${cut(address)}`;
  if (host !== undefined) return `host ${cut(host)}`;
  return session === undefined ? `rule ${cut(rule)} ${cut(key)}` : `session ${cut(session)}`;
}

export function createTakeIn({ audit, sealing, clock, onNews, onRefused }: TakeInNeeds) {
  /** @returns the case and whom it concerns now; null: nobody wants to hear of it */
  const takeOne = async (tx: Tx, alert: Alert, evidence: readonly TrafficEvent[]): Promise<Taken | null> => {
    const about = aboutOf(alert);
    if (await isSuppressed(tx, alert.rule, about)) return null;
    const at = clock();
    const severity = SEVERITIES.indexOf(alert.severity) + 1;
    const known = await openCaseAbout(tx, about);
    const caseId = known?.case_id ?? uuidv7(at.getTime());
    if (known === null)
      await insertCase(tx, { case_id: caseId, about, title: alert.title, severity, entity: alert.entity, attack: [...alert.attack], rules: [alert.rule], at });
    const alertId = uuidv7(at.getTime());
    if (known === null || known.alerts < KEPT || severity > known.severity)
      await insertAlert(tx, {
        alert_uid: alert.uid, case_id: caseId, rule: alert.rule, title: alert.title, severity, key: alert.key, at: new Date(clamp(alert.time, at)),
        foundAt: at, reason: alert.reason, measure: alert.measure ?? null, attack: [...alert.attack],
        alertId, evidence: sealing.seal(alertId, evidence.slice(-EVIDENCE)),
      });
    await growCase(tx, caseId, { severity, title: alert.title, entity: alert.entity, attack: alert.attack, rule: alert.rule, at });
    const subjects = (alert.subjects ?? []).flatMap((id) => (parsePublicId('sub', id) as SubjectId | null) ?? []);
    const atLeast = subjects.length + (alert.subjectsLeftOut ?? 0);
    const customers = await countCaseSubjects(tx, caseId, subjects, atLeast);
    const what = known === null ? 'opened' : severity > known.severity ? 'worse' : 'more';
    const news: CaseNews = {
      caseId: publicId('case', caseId), about, title: alert.title, severity: Math.max(severity, known?.severity ?? 0), entity: alert.entity, alert, customers, what,
    };
    const entry: AuditEvent | null =
      what === 'more' ? null : {
        action: what === 'opened' ? 'traffic.case.open' : 'traffic.case.worse', actor: SYSTEM, outcome: 'done',
        detail: { case: news.caseId, title: alert.title, rule: alert.rule, severity: alert.severity, customers, alert: alert.uid },
      };
    await onNews(tx, news);
    return { caseId, subjects, atLeast, entry };
  }; // prettier-ignore
  const tryOne = async (tx: Tx, alert: Alert, evidence: readonly TrafficEvent[]): Promise<Taken | null> => {
    try {
      return await tx.savepoint<Taken | null>((part) => takeOne(part as Tx, alert, evidence));
    } catch (thrown) {
      const code = codeOf(thrown);
      // data_exception, integrity_constraint_violation: it would be refused each time
      if (!/^2[23]/.test(code)) throw thrown;
      onRefused(alert.rule, code);
      return null;
    }
  };
  return {
    /**
     * The last thing that its transaction does in the log: who is erased meanwhile is waited for then.
     * @param find events by uid, of those that are at hand
     * @param alsoLog what else the log is to say
     */
    take: async (tx: Tx, found: readonly Alert[], find: (uid: string) => TrafficEvent | undefined, alsoLog?: () => Promise<void>): Promise<void> => {
      if (found.length === 0) return alsoLog?.();
      const alerts = found.map((each) => plainAlert(each, sealing.termOf));
      const seen = await knownAlerts(tx, alerts.map(({ uid }) => uid)); // prettier-ignore
      const all: Taken[] = [];
      for (const alert of alerts) {
        if (seen.has(alert.uid)) continue;
        seen.add(alert.uid);
        const taken = await tryOne(
          tx,
          alert,
          alert.events.flatMap((uid) => find(uid) ?? []),
        );
        if (taken !== null) all.push(taken);
      }
      // only now: from the first of them on everybody who writes to the log waits, also who works on a case
      await alsoLog?.();
      for (const { entry } of all) if (entry !== null) await audit.appendIn(tx, entry);
      const concerned = all.filter(({ subjects }) => subjects.length > 0);
      if (concerned.length === 0) return;
      await holdForgetting(tx);
      for (const { caseId, subjects, atLeast } of concerned) await addCaseSubjects(tx, caseId, subjects, atLeast);
    },
  };
} // prettier-ignore

const cut = (text: string): string => plain(text, 120);
const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
/** What a foreign clock claims is kept within what a date can say. */
const clamp = (time: number, now: Date): number =>
  Number.isFinite(time) ? Math.min(Math.max(time, 0), now.getTime() + 86_400_000) : now.getTime();
