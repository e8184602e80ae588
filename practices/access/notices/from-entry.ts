/** Who is to be told of an entry of the log, and what. What was typed as reason or incident stays where it is. */
import { hash } from 'node:crypto';

import type { PolicyDocument } from '../policy-document.ts';
import { byTraining } from './from-training.ts';
import { basis } from './told.ts';

export type NoticeKind =
  | 'policy'
  | 'glass'
  | 'request'
  | 'approved'
  | 'denied'
  | 'grant-ends'
  | 'key-ends'
  | 'review-open'
  | 'review-due'
  | 'review-overdue'
  | 'review-extended'
  | 'unused'
  | 'role-rests'
  | 'role-asked'
  | 'role-answered'
  | 'export-asked'
  | 'export-answered'
  | 'copy-incomplete'
  | 'request-due'
  | 'finding-overdue'
  | 'case'
  | 'nameless'
  | 'grant-ended'
  | 'training-lapsed'
  | 'training-restored'
  | 'training-crowd'
  | 'key-untaught'
  | 'violation';
export type About = Readonly<{
  /** Public ids of people, keys, grants, reviews; names of roles, purposes, classes, policies. */
  actor?: string;
  role?: string;
  purpose?: string;
  classes?: readonly string[];
  outcome?: string;
  policy?: string;
  grant?: string;
  key?: string;
  review?: string;
  case?: string;
  title?: string;
  severity?: string;
  until?: string;
  count?: number;
}>;
export type Told = Readonly<{
  kind: NoticeKind;
  topic: string;
  about: About;
  /** Whoever has one of these roles, and these people. */
  roles: readonly string[];
  people: readonly string[];
  /** Nobody is told of what they did. */
  except: string | null;
  urgent: boolean;
  customers: number;
  at: string;
}>;

export type LogEntry = Readonly<{
  ts: string;
  action: string;
  actor: Readonly<{ kind: string; id: string; role?: string }>;
  outcome: string;
  purpose?: string;
  classes?: readonly string[];
  subjects?: readonly string[];
  subjectSet?: Readonly<{ count: number }>;
  decision?: Readonly<{ policies: readonly string[]; policyVersion: string }>;
  detail?: Readonly<Record<string, unknown>>;
}>;
export type FromEntryNeeds = Readonly<{
  /** The policies that hold now say who approves. */
  document: PolicyDocument;
  /** The role that a policy of a version names by `@notify`. */
  notifies: (version: string, policy: string) => string | undefined;
  /** Roles that answer what customers ask for. */
  answering: readonly string[];
  /** Roles that may work on cases of traffic. */
  caseWorkers: readonly string[];
  /** Roles that work on incidents. */
  incidentWorkers: readonly string[];
  /** Who says yes or no to what others ask for. */
  approving: readonly string[];
  findingWorkers: readonly string[];
  /** Roles that keep the training. */
  trainers: readonly string[];
}>;

export function toldBy(entry: LogEntry, needs: FromEntryNeeds): Told[] {
  return [
    ...byPolicies(entry, needs),
    ...bySteps(entry, needs),
    ...byCopies(entry, needs),
    ...byTraining(entry, needs),
  ];
}

/** A customer's copy that could not be whole, a deadline that comes near or is over: whoever answers requests. */
function byCopies(entry: LogEntry, { answering }: FromEntryNeeds): Told[] {
  const { ts, subjects = [], detail = {} } = entry;
  if (entry.action === 'privacy.request.due') {
    const [request, days, until] = [String(detail.request), Number(detail.days), String(detail.due)];
    const topic = `${entry.action} ${request} ${days} ${until}`;
    return [{ ...basis(entry), except: null, kind: 'request-due', topic, about: { count: days, until }, roles: answering, urgent: days <= 0 }]; // prettier-ignore
  }
  if (entry.action !== 'privacy.copy.incomplete') return [];
  const count = typeof detail.missing === 'number' ? detail.missing : 1;
  // a customer who tries all day is one notice
  const topic = `${entry.action} ${subjects.join(' ')} ${ts.slice(0, 10)}`;
  return [{ ...basis(entry), except: null, kind: 'copy-incomplete', topic, about: { count }, roles: answering }];
}

/** `@notify`: an hour of the same is one notice, however many reads were in it. */
function byPolicies(entry: LogEntry, { notifies }: FromEntryNeeds): Told[] {
  const { policies = [], policyVersion = '' } = entry.decision ?? {};
  return policies.flatMap((policy) => {
    const role = notifies(policyVersion, policy);
    if (role === undefined) return [];
    const { ts, actor, purpose = '', outcome, action, classes = [] } = entry;
    return [
      {
        ...basis(entry),
        kind: 'policy' as const,
        // of bounded size, whatever names are in it
        topic: `policy ${hash('sha256', JSON.stringify([policy, actor.id, action, purpose, outcome]), 'base64url')} ${ts.slice(0, 13)}`,
        about: { ...aboutOf(entry), policy, outcome, classes },
        roles: [role],
      },
    ];
  });
}

function bySteps(
  entry: LogEntry,
  { document, caseWorkers, findingWorkers, approving, incidentWorkers }: FromEntryNeeds,
): Told[] {
  const { action, outcome, actor, detail = {} } = entry;
  if (outcome !== 'done') return [];
  const text = (name: string): string => (typeof detail[name] === 'string' ? detail[name] : '');
  const may = document.roles[actor.role ?? '']?.grants;
  const requester = [text('requestedBy')].filter((each) => each.startsWith('per_'));
  const about = { ...aboutOf(entry), grant: text('grant') };
  const base = basis(entry);
  const topic = `${action} ${text('grant')}`;
  switch (action) {
    case 'access.grant.break-glass':
      return [{ ...base, kind: 'glass', topic, about, roles: may?.breakGlass?.approvers ?? [], urgent: true }];
    case 'access.grant.request':
      return detail.exercise === true
        ? []
        : [{ ...base, kind: 'request', topic, about, roles: may?.jit?.approvers ?? [] }];
    case 'access.grant.approve':
      return text('state') === 'approved' ? [{ ...base, kind: 'approved', topic, about, people: requester }] : [];
    case 'access.grant.deny':
      return [{ ...base, kind: 'denied', topic, about, people: requester }];
    case 'access.review.begin': {
      const [review, role] = [text('review'), text('role')];
      const { owner } = document.roles[role] ?? {};
      const opened = { review, role, until: text('dueAt') };
      return [{ ...base, kind: 'review-open', topic: `${action} ${review}`, about: opened, roles: owner === undefined ? [] : [owner] }]; // prettier-ignore
    }
    case 'access.review.extend': {
      const [review, role] = [text('review'), text('role')];
      const extended = { actor: actor.id, role, review, until: text('dueAt') };
      return [
        { ...base, kind: 'review-extended', topic: `${action} ${review}`, about: extended, roles: [text('owner')] },
      ];
    }
    case 'access.role.rest':
    case 'access.role.request':
    case 'access.role.lend':
    case 'access.role.give':
    case 'access.role.deny':
      return byRoles(entry, document);
    case 'access.export.request':
      return [{ ...base, kind: 'export-asked', topic: `${action} ${text('request')}`, about, roles: approving }];
    case 'access.export.approve':
    case 'access.export.deny':
      return [{ ...base, kind: 'export-answered', topic: `${action} ${text('request')}`, about: { ...about, outcome: text('state'), until: text('until') }, people: [text('person')] }]; // prettier-ignore
    case 'assurance.finding.overdue': {
      const owner = [text('owner')].filter((each) => each.startsWith('per_'));
      const overdue = { case: text('finding'), severity: text('severity'), until: text('due') };
      return [{ ...base, kind: 'finding-overdue', topic: `${topic} ${text('finding')} ${text('due')}`, about: overdue, roles: findingWorkers, people: owner, urgent: true }]; // prettier-ignore
    }
    case 'traffic.case.open':
    case 'traffic.case.worse': {
      const [found, severity] = [text('case'), text('severity')];
      const told = { case: found, title: text('title'), severity };
      const urgent = severity === 'high' || severity === 'critical';
      return [{ ...base, kind: 'case', topic: `case ${found} ${severity}`, about: told, roles: caseWorkers, urgent, customers: Number(detail.customers ?? 0) }]; // prettier-ignore
    }
    // an hour of them is one mail, and says nothing of what is in them
    case 'education.intake.receive':
      return [{ ...base, except: null, kind: 'nameless', topic: `${action} ${entry.ts.slice(0, 13)}`, about: { outcome: 'new' }, roles: incidentWorkers, urgent: true }]; // prettier-ignore
    case 'education.intake.answer':
      return [{ ...base, except: null, kind: 'nameless', topic: `${action} ${text('report')} ${entry.ts.slice(0, 13)}`, about: { outcome: 'answer', case: text('report') }, roles: incidentWorkers }]; // prettier-ignore
    default:
      return [];
  }
}

/** A role that rests: its holder and its owner; that somebody asks for it: its owner; the answer: who asked. */
function byRoles({ action, detail = {}, ...entry }: LogEntry, { roles }: PolicyDocument): Told[] {
  const text = (name: string): string => (typeof detail[name] === 'string' ? detail[name] : '');
  const [person, role, request] = [text('person'), text('role'), text('request')];
  const owner = roles[role]?.owner;
  const owners = owner === undefined ? [] : [owner];
  const base = {
    ...basis({ action, ...entry }),
    about: { actor: person, role, until: text('until'), outcome: text('state') },
  };
  if (action === 'access.role.rest')
    return [
      {
        ...base,
        kind: 'role-rests',
        topic: `${action} ${person} ${role} ${entry.ts.slice(0, 10)}`,
        people: [person],
        roles: owners,
      },
    ];
  if (action === 'access.role.request')
    return [{ ...base, kind: 'role-asked', topic: `${action} ${request}`, roles: owners }];
  return [{ ...base, kind: 'role-answered', topic: `${action} ${request}`, people: [person] }];
}

const aboutOf = ({ actor, purpose, classes }: LogEntry): About => ({
  actor: actor.id,
  ...(actor.role === undefined ? {} : { role: actor.role }),
  ...(purpose === undefined ? {} : { purpose }),
  ...(classes === undefined ? {} : { classes }),
});
