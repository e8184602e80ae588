// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { alarmOf } from './alarms.ts';
import { appealClock, CLOCKS, clockOf, dueAt, type Clock } from './clocks.ts';
import { EVENTS, isClosed, MOVES, nextState, STATES, type RequestEvent, type RequestState } from './states.ts';

/** Said once more, by hand, the other way round: what each step leads to, and from where. */
const TWIN: Readonly<Record<RequestEvent, string>> = {
  add: 'received>received review>review extended>extended waiting>waiting appealed>appealed',
  copy: 'received>received review>review extended>extended waiting>waiting appealed>appealed fulfilled>fulfilled partly>partly',
  incomplete: 'received>review review>review extended>review waiting>waiting appealed>appealed',
  agree: 'received>review review>review extended>review appealed>appealed',
  prove: 'received>received review>review extended>extended waiting>waiting appealed>appealed',
  extend: 'received>extended review>extended appealed>appealed',
  clarify: 'received>waiting review>waiting extended>waiting',
  explain: 'waiting>review',
  resume: 'waiting>review',
  fulfil: 'received>fulfilled review>fulfilled extended>fulfilled waiting>fulfilled appealed>fulfilled',
  part: 'received>partly review>partly extended>partly waiting>partly appealed>partly',
  refuse: 'received>refused review>refused extended>refused waiting>refused appealed>refused',
  link: 'fulfilled>fulfilled',
  withdraw: 'received>withdrawn review>withdrawn extended>withdrawn waiting>withdrawn appealed>refused',
  stand: 'appealed>partly',
  appeal: 'partly>appealed refused>appealed',
}; // prettier-ignore

test('every pair of state and step leads where the twin of the table says, and nowhere else', () => {
  for (const event of EVENTS) {
    const twin = new Map(TWIN[event].split(' ').map((each) => each.split('>') as [RequestState, RequestState]));
    for (const state of STATES) assert.equal(nextState(state, event), twin.get(state) ?? null, `${state} ${event}`);
  }
  assert.equal(Object.keys(MOVES).length, STATES.length);
});

test('what is done is not undone: from an answer only an appeal leads back, from what is over nothing does', () => {
  for (const state of STATES.filter(isClosed))
    for (const event of EVENTS) {
      const to = nextState(state, event);
      assert.ok(to === null || isClosed(to) || event === 'appeal', `${state} ${event}`);
    }
  assert.deepEqual([MOVES.withdrawn, MOVES.duplicate], [{}, {}]);
  // every open one can be ended: nobody is stuck
  for (const state of STATES) if (!isClosed(state)) for (const event of ['withdraw', 'refuse', 'fulfil'] as const) assert.notEqual(nextState(state, event), null, state); // prettier-ignore
});

test('clocks stand still, and answers are appealed, only by a law that is named', () => {
  const stands = CLOCKS.filter(({ pauses }) => Object.keys(pauses).length > 0).map(({ regime }) => regime);
  assert.deepEqual(stands, ['eu-gdpr', 'uk-gdpr'], 'California: the period runs regardless of verification');
  for (const { regime, pauses, appeal } of CLOCKS) {
    for (const source of Object.values(pauses)) assert.match(source, /\d/, regime);
    if (appeal !== null) assert.match(appeal.source, /§/, regime);
  }
  const days = (regime: string, extended = false) => {
    const clock = appealClock(clockOf(regime) as Clock);
    return clock === null ? null : dueAt(clock, new Date('2026-06-01T12:00:00Z'), extended).toISOString().slice(0, 10);
  }; // prettier-ignore
  assert.deepEqual(
    ['us-va', 'us-co', 'us-ct', 'us-tx', 'eu-gdpr', 'us-ca'].map((regime) => days(regime)),
    ['2026-07-31', '2026-07-16', '2026-07-31', '2026-07-31', null, null],
  );
  assert.equal(days('us-co', true), '2026-09-14', '45 and 60 days');
});

test('days that a clock stood still come to it before a weekend moves it: never later than the law has it', () => {
  const due = (stood: number) => dueAt(clockOf('uk-gdpr') as Clock, new Date('2026-10-28T10:00:00Z'), false, stood).toISOString().slice(0, 10); // prettier-ignore
  assert.deepEqual([due(0), due(1), due(2), due(3)], ['2026-11-30', '2026-11-30', '2026-11-30', '2026-12-01']);
});

test('alarms: seven days before, two, on the last day, and when it is over', () => {
  const due = new Date('2026-11-30T23:59:59Z');
  const at = (day: string) => alarmOf(due, new Date(day));
  assert.deepEqual(
    ['2026-11-20T12:00:00Z', '2026-11-23T12:00:00Z', '2026-11-27T12:00:00Z', '2026-11-28T12:00:00Z', '2026-11-30T00:00:00Z', '2026-12-01T00:00:00Z'].map(at),
    [null, 7, 7, 2, 0, -1],
  ); // prettier-ignore
});
