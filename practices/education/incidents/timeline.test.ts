/** What follows from what was written down: clocks by the hour of the law, decisions that hold, tasks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Uuid } from '#platform/ids';

import type { EventRow, IncidentRow } from '../store/incidents.ts';
import { createZone } from '../standing/zone.ts';
import { readShelf } from '../starters/shelf.ts';
import { MOVES, PHASES, movesFrom } from './phases.ts';
import { KINDS } from './playbook.ts';
import { clocksOf, decidedOf, decisionsOf, tasksOf } from './timeline.ts';

const ID = '00000000-0000-7000-8000-000000000000' as Uuid;
const BERLIN = createZone('Europe/Berlin');
const incident = (reported: string, clocks: readonly string[] = ['gdpr-33', 'gdpr-34']): IncidentRow => ({
  incident_id: ID, receipt: 'INC-2026-1', kind: 'lost-device', severity: 'medium', phase: 'triage', owner: null, clocks, version: 1,
  reported_at: new Date(reported), last_at: new Date(reported),
}); // prettier-ignore
let seq = 1;
const event = (kind: string, at: string, detail: object, who = 'per_1'): EventRow => ({
  incident_id: ID, seq: (seq += 1), kind, happened_at: new Date(at), known_at: new Date(at), by: who, who, sealed: null, detail: detail as EventRow['detail'],
}); // prettier-ignore
const of = (row: IncidentRow, events: readonly EventRow[], now: string, id = 'gdpr-33') =>
  clocksOf(row, events, BERLIN, new Date(now)).find((each) => each.id === id);

test('the clock of an incident that is reported on Friday runs 72 hours over the change of summer time', () => {
  const row = incident('2026-03-27T12:00:00+01:00');
  const running = of(row, [], '2026-03-30T12:59:59+02:00');
  assert.deepEqual([running?.state, running?.dueAt, running?.hoursLeft, running?.assumed], ['running', '2026-03-30T11:00:00.000Z', 0, true]);
  assert.deepEqual([of(row, [], '2026-03-30T13:00:01+02:00')?.state, of(row, [], '2026-03-30T13:00:01+02:00')?.hoursLeft], ['late', -1]);
  // and in autumn at eleven, not at twelve
  assert.equal(of(incident('2026-10-23T12:00:00+02:00'), [], '2026-10-26T11:00:01+01:00')?.state, 'late');
}); // prettier-ignore

test('once it is noted when it was known, that counts, the earliest of several; told in time or late stays told', () => {
  const row = incident('2026-05-01T10:00:00Z', ['gdpr-33', 'gdpr-34', 'nis2-incident', 'nis2-final']);
  const aware = [event('fact', '2026-05-02T10:00:00Z', { fact: 'aware' }), event('fact', '2026-05-01T22:00:00Z', { fact: 'aware' })];
  assert.deepEqual([of(row, aware, '2026-05-03T00:00:00Z')?.dueAt, of(row, aware, '2026-05-03T00:00:00Z')?.assumed], ['2026-05-04T22:00:00.000Z', false]);
  const told = [...aware, event('fact', '2026-05-04T21:59:59Z', { fact: 'notified', clock: 'gdpr-33' })];
  assert.equal(of(row, told, '2027-01-01T00:00:00Z')?.state, 'told');
  const late = [...aware, event('fact', '2026-05-04T22:00:01Z', { fact: 'notified', clock: 'gdpr-33' })];
  assert.equal(of(row, late, '2026-05-04T22:00:02Z')?.state, 'told-late');
  // told of one is not told of another; a final report follows a notification of its own law
  assert.deepEqual([of(row, told, '2026-05-04T22:00:00Z', 'nis2-incident')?.state, of(row, told, '2026-05-05T00:00:00Z', 'nis2-incident')?.state], ['running', 'late']);
  assert.equal(of(row, told, '2026-05-05T00:00:00Z', 'nis2-final')?.state, 'waiting');
  assert.equal(of(row, told, '2026-05-05T00:00:00Z', 'gdpr-34')?.state, 'waiting');
}); // prettier-ignore

test('what was approved last holds, and what is proposed or refused does not', () => {
  const asked = event('proposed', '2026-05-01T10:00:00Z', { clock: 'gdpr-33', what: 'not-notify', scope: '' });
  const row = incident('2026-05-01T09:00:00Z');
  assert.equal(decidedOf(decisionsOf([asked]), 'gdpr-33'), null);
  assert.equal(of(row, [asked], '2026-05-09T00:00:00Z')?.state, 'late', 'a proposal stops no clock');
  const refused = event('refused', '2026-05-01T11:00:00Z', { decision: asked.seq }, 'per_2');
  assert.equal(decidedOf(decisionsOf([asked, refused]), 'gdpr-33'), null);
  const yes = event('approved', '2026-05-01T11:00:00Z', { decision: asked.seq }, 'per_2');
  assert.equal(of(row, [asked, yes], '2026-05-09T00:00:00Z')?.state, 'not-needed');
  const after = event('proposed', '2026-05-02T10:00:00Z', { clock: 'gdpr-33', what: 'notify', scope: '' });
  assert.equal(of(row, [asked, yes, after], '2026-05-09T00:00:00Z')?.state, 'late');
});

test('not to notify holds for what was known: another scope since, or a high risk, and the clock runs again', () => {
  const row = incident('2026-05-01T09:00:00Z');
  const scope = (hash: string, at: string) => event('scope', at, { hash });
  const first = scope('a', '2026-05-01T09:30:00Z');
  const asked = (clock: string) => event('proposed', '2026-05-01T10:00:00Z', { clock, what: 'not-notify', scope: 'a' });
  const both = [asked('gdpr-33'), asked('gdpr-34')];
  const yes = both.map(({ seq: decision }) => event('approved', '2026-05-01T11:00:00Z', { decision }, 'per_2'));
  const held = [first, ...both, ...yes];
  const state = (events: readonly EventRow[], id = 'gdpr-33') => of(row, events, '2026-05-09T00:00:00Z', id)?.state;
  assert.equal(state(held), 'not-needed');
  assert.equal(
    state([...held, scope('a', '2026-05-02T09:00:00Z')]),
    'not-needed',
    'asked again, and the same was found',
  );
  const found = [...held, scope('b', '2026-05-02T09:00:00Z')];
  assert.equal(state(found), 'late');
  assert.equal(decisionsOf(found)[0]?.outdated, true);
  assert.equal(
    state([...found, scope('a', '2026-05-03T09:00:00Z')]),
    'late',
    'what was found is not unfound by asking for less',
  );
  const risk = [...held, event('fact', '2026-05-02T09:00:00Z', { fact: 'high-risk' })];
  assert.deepEqual([state(risk), state(risk, 'gdpr-34')], ['late', 'late']);
  const anew = event('proposed', '2026-05-03T10:00:00Z', { clock: 'gdpr-33', what: 'not-notify', scope: 'b' });
  const again = [...found, anew, event('approved', '2026-05-03T11:00:00Z', { decision: anew.seq }, 'per_2')];
  assert.equal(state(again), 'not-needed');
  assert.equal(state(again, 'gdpr-34'), 'waiting', 'the other was not decided anew');
});

test('a notification that was noted when it was late already says so', () => {
  const row = incident('2026-05-01T09:00:00Z');
  const noted = (knownAt: string): EventRow => ({ ...event('fact', '2026-05-02T09:00:00Z', { fact: 'notified', clock: 'gdpr-33' }), known_at: new Date(knownAt) });
  const at = (knownAt: string) => of(row, [noted(knownAt)], '2026-06-01T00:00:00Z');
  assert.deepEqual([at('2026-05-02T09:01:00Z')?.notedLate, at('2026-05-20T09:01:00Z')?.notedLate], [false, true]);
  assert.deepEqual([at('2026-05-20T09:01:00Z')?.state, at('2026-05-20T09:01:00Z')?.notedAt], ['told', '2026-05-20T09:01:00.000Z']);
}); // prettier-ignore

test('each kind has a playbook, whose tasks are somebody’s, are due in time, and lead through the phases', () => {
  const { shelf, faults } = readShelf();
  assert.deepEqual(faults, []);
  assert.deepEqual(shelf.playbooks.map(({ id }) => id as string).toSorted(), [...KINDS].toSorted());
  for (const { id, tasks } of shelf.playbooks) {
    const decide = tasks.find(({ phase }) => phase === 'decide');
    assert.ok(decide !== undefined && decide.minutes < 72 * 60, `${id}: decided before the law's hours are over`);
    assert.ok(tasks.length >= 4 && tasks.every(({ owner }) => /^(security|dpo|admin|engineer|support|custodian)$/.test(owner)), id); // prettier-ignore
  }
  const done = event('task', '2026-05-01T09:10:00Z', { task: 'end-sessions' });
  const tasks = tasksOf(incident('2026-05-01T09:00:00Z'), [done], shelf.playbooks, new Date('2026-05-01T12:00:00Z'));
  const state = (id: string) => tasks.find((task) => task.id === id);
  assert.deepEqual([state('end-sessions')?.late, state('end-sessions')?.doneBy, state('remove-passkeys')?.late, state('decide')?.late], [false, 'per_1', true, false]); // prettier-ignore
});

test('every phase is left, closed is reached from each, and nothing is closed without words', () => {
  for (const phase of PHASES) {
    const reached = new Set<string>([phase]);
    for (const each of reached) for (const { to } of movesFrom(each as never)) reached.add(to);
    assert.ok(reached.has('closed'), phase);
  }
  assert.ok(MOVES.every(({ to, needs }) => to !== 'closed' || needs.includes('reason')));
});
