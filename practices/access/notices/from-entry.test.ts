import assert from 'node:assert/strict';
import { test } from 'node:test';

import { starterDocument } from '../starter.ts';
import { toldBy, type LogEntry } from './from-entry.ts';
import { wordsOf } from './notice-text.ts';

test('a case of traffic is told to those who may work on it: at once from high on, and as a new one when it became worse', () => {
  const entry = (action: string, severity: string): LogEntry => ({
    ts: '2026-11-26T12:00:00.000Z',
    action,
    actor: { kind: 'system', id: 'traffic' },
    outcome: 'done',
    detail: { case: 'case_1', title: 'A honey customer was touched', severity, customers: 3, rule: 'x', alert: 'y' },
  });
  const told = (action: string, severity: string) =>
    toldBy(entry(action, severity), { document: starterDocument(), notifies: () => undefined, answering: [], approving: [], caseWorkers: ['security'], incidentWorkers: ['security'], findingWorkers: ['engineer'], trainers: ['security'] });
  const [first] = told('traffic.case.open', 'medium');
  const [worse] = told('traffic.case.worse', 'critical');
  assert.deepEqual([first?.roles, first?.urgent, worse?.urgent], [['security'], false, true]);
  assert.notEqual(first?.topic, worse?.topic);
  assert.deepEqual(wordsOf('case', worse?.about ?? {}, { count: 1, customers: 3 }, (id) => id), {
    says: 'A honey customer was touched (critical): it concerns 3 customers',
    link: '/traffic/cases/case_1',
  });
  assert.deepEqual(toldBy({ ...entry('traffic.case.open', 'high'), outcome: 'failed' }, { document: starterDocument(), notifies: () => undefined, answering: [], approving: [], caseWorkers: ['security'], incidentWorkers: ['security'], findingWorkers: ['engineer'], trainers: ['security'] }), []);
}); // prettier-ignore

test('that a critical finding is overdue is told at once to those who work on findings, and to its owner', () => {
  const entry: LogEntry = {
    ts: '2026-11-26T12:00:00.000Z',
    action: 'assurance.finding.overdue',
    actor: { kind: 'system', id: 'assurance' },
    outcome: 'done',
    detail: { finding: 'fnd_1', severity: 'critical', due: '2026-11-26T11:00:00.000Z', owner: 'per_1' },
  };
  const [told] = toldBy(entry, { document: starterDocument(), notifies: () => undefined, answering: [], approving: [], caseWorkers: ['security'], incidentWorkers: ['security'], findingWorkers: ['engineer'], trainers: [] });
  assert.deepEqual([told?.kind, told?.roles, told?.people, told?.urgent], ['finding-overdue', ['engineer'], ['per_1'], true]);
  assert.equal(wordsOf('finding-overdue', told?.about ?? {}, { count: 1, customers: 0 }, (id) => id).link, '/assurance/findings/fnd_1');
}); // prettier-ignore

test('a drill that failed with a crowd in it is told as what it is: nothing was taken back', () => {
  const entry: LogEntry = {
    ts: '2026-11-26T12:00:00.000Z', action: 'education.drill.failed.many', actor: { kind: 'system', id: 'bulk guard' }, outcome: 'done', detail: { people: 5, of: 20, by: 'drl_1' },
  }; // prettier-ignore
  const [told] = toldBy(entry, { document: starterDocument(), notifies: () => undefined, answering: [], approving: [], caseWorkers: [], incidentWorkers: [], findingWorkers: [], trainers: ['security'] });
  assert.deepEqual([told?.kind, told?.roles, told?.urgent], ['training-crowd', ['security'], true]);
  const { says } = wordsOf('training-crowd', told?.about ?? {}, { count: 1, customers: 0 }, (id) => id);
  assert.match(says, /^A drill failed with 5 people in it who had passed it before: .* what they had passed holds/);
}); // prettier-ignore

test('what is due within 24 hours may be due tomorrow: it is not said to be due today', () => {
  const says = (count: number): string => wordsOf('request-due', { count, until: '2026-12-03T20:00:00Z' }, { count: 1, customers: 1 }, (id) => id).says; // prettier-ignore
  assert.match(says(0), /^A customer's request has to be answered within a day: it is due by /);
  assert.match(says(2), /within 2 days: it is due by /);
  assert.match(says(-1), /is overdue: an answer was due by /);
});
