/**
 * Makes cases of alerts. Alerts about the same somebody join the case about them while it is open; what nobody wants to hear
 * of is counted and left out; a case that begins or becomes worse is in the audit log, and told to those outside.
 *
 * All of it in the transaction that moves the detections' place: an alert is there once, whatever breaks.
 */
import type { Audit } from '#platform/audit';
import type { Tx } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type SubjectId } from '#platform/ids';

import { SEVERITIES, type Alert, type Entity } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import type { Sealing } from '../record/block.ts';
import { addCaseSubjects, growCase, insertAlert, insertCase, knownAlerts, openCaseAbout } from '../store/cases.ts';
import { isSuppressed } from '../store/rules.ts';

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
}>;

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

export function createTakeIn({ audit, sealing, clock, onNews }: TakeInNeeds) {
  const takeOne = async (tx: Tx, alert: Alert, evidence: readonly TrafficEvent[]): Promise<void> => {
    const about = aboutOf(alert);
    if (await isSuppressed(tx, alert.rule, about)) return;
    const at = clock();
    const severity = SEVERITIES.indexOf(alert.severity) + 1;
    const known = await openCaseAbout(tx, about);
    const caseId = known?.case_id ?? uuidv7(at.getTime());
    if (known === null)
      await insertCase(tx, { case_id: caseId, about, title: alert.title, severity, entity: alert.entity, attack: [...alert.attack], rules: [alert.rule], at });
    const alertId = uuidv7(at.getTime());
    await insertAlert(tx, {
      alert_uid: alert.uid, case_id: caseId, rule: alert.rule, title: alert.title, severity, key: cut(alert.key), at: new Date(clamp(alert.time, at)),
      foundAt: at, reason: alert.reason, measure: alert.measure ?? null, attack: [...alert.attack],
      alertId, evidence: sealing.seal(alertId, evidence.slice(-EVIDENCE)),
    });
    await growCase(tx, caseId, { severity, title: alert.title, entity: alert.entity, attack: alert.attack, rule: alert.rule, at });
    const subjects = (alert.subjects ?? []).flatMap((id) => (parsePublicId('sub', id) as SubjectId | null) ?? []);
    const customers = await addCaseSubjects(tx, caseId, subjects);
    const what = known === null ? 'opened' : severity > known.severity ? 'worse' : 'more';
    const news: CaseNews = {
      caseId: publicId('case', caseId), about, title: alert.title, severity: Math.max(severity, known?.severity ?? 0), entity: alert.entity, alert, customers, what,
    };
    if (what !== 'more')
      await audit.appendIn(tx, {
        action: what === 'opened' ? 'traffic.case.open' : 'traffic.case.worse', actor: SYSTEM, outcome: 'done',
        detail: { case: news.caseId, title: alert.title.slice(0, 200), rule: alert.rule, severity: alert.severity, customers, alert: alert.uid },
      });
    await onNews(tx, news);
  }; // prettier-ignore
  return {
    /** @param find events by uid, of those that are at hand */
    take: async (tx: Tx, alerts: readonly Alert[], find: (uid: string) => TrafficEvent | undefined): Promise<void> => {
      if (alerts.length === 0) return;
      const seen = await knownAlerts(tx, alerts.map(({ uid }) => uid)); // prettier-ignore
      for (const alert of alerts) {
        if (seen.has(alert.uid)) continue;
        seen.add(alert.uid);
        await takeOne(
          tx,
          alert,
          alert.events.flatMap((uid) => find(uid) ?? []),
        );
      }
    },
  };
}

/** Names of foreign logs have any length, and may hold what a terminal or a database does not take. */
const cut = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cs}]/gu, '·').slice(0, 120);
/** What a foreign clock claims is kept within what a date can say. */
const clamp = (time: number, now: Date): number =>
  Number.isFinite(time) ? Math.min(Math.max(time, 0), now.getTime() + 86_400_000) : now.getTime();
