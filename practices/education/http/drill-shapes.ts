/** Shapes of drills as they cross the wire. Each has the mark that says what it is. */
import Type from 'typebox';

import { MARK } from '../drills/needs.ts';
import { KINDS } from '../incidents/playbook.ts';

const orNull = <T extends Type.TSchema>(shape: T) => Type.Union([shape, Type.Null()]);
const PART = Type.Number({ description: '0 to 1' });
const LINE = {
  id: Type.String({ description: 'drl_…' }),
  mark: Type.Literal(MARK, { description: 'nothing of it has happened, and nobody outside is told' }),
  text: Type.String(), title: Type.String(), state: Type.Enum(['planned', 'running', 'passed', 'failed', 'stopped']), ledBy: Type.String(),
  beginsAt: Type.String(), endsAt: Type.String(), asked: Type.Integer({ description: 'people who were asked to take part' }), joined: Type.Integer(),
  total: orNull(PART), precision: orNull(PART), recall: orNull(PART), medianMinutes: orNull(Type.Number({ description: 'the middle one of the minutes to each decision' })),
}; // prettier-ignore
export const DRILL_LINE = Type.Object(LINE);
export const ABOUT = Type.Object({
  id: Type.String(), title: Type.String(), kind: Type.Enum([...KINDS]), audience: Type.Array(Type.String()), minutes: Type.Integer(), pace: Type.Integer({ description: 'one minute is so many of the story' }),
  validityDays: Type.Integer(), passes: PART, story: Type.String(), decisions: Type.Integer(), breach: Type.Boolean({ description: 'whom it concerned is to be found in a log' }),
}); // prettier-ignore
const INJECT = Type.Object({
  id: Type.String(), minute: Type.Integer(), at: Type.String({ description: 'in the story' }), from: Type.String(), says: Type.String(),
  decide: orNull(Type.Object({
    asks: Type.String(), clock: orNull(Type.String()), withinMinutes: Type.Integer({ description: 'later it counts half' }), options: Type.Array(Type.String()),
    decided: orNull(Type.Object({ option: Type.Integer(), by: Type.String(), at: Type.String() })),
  })),
}); // prettier-ignore
const ASKED = Type.Object({
  at: Type.String(), by: Type.String(), actors: Type.Array(Type.String()), from: Type.String(), to: Type.String(), subjects: Type.Integer(), entries: Type.Integer(), says: Type.Array(Type.String()),
}); // prettier-ignore
const CLOCK = Type.Object({
  id: Type.String(), what: Type.String(), source: Type.String(), startedAt: orNull(Type.String()), dueAt: orNull(Type.String()), hoursLeft: orNull(Type.Integer()),
  state: Type.Enum(['waiting', 'running', 'late', 'decided', 'decided-late']),
}); // prettier-ignore
const SCORE = Type.Object({
  passed: Type.Boolean(), total: PART,
  decisions: Type.Array(Type.Object({
    inject: Type.String(), asks: Type.String(), clock: orNull(Type.String()), chose: orNull(Type.String()), right: Type.Boolean(), late: Type.Boolean(),
    minutes: orNull(Type.Number()), storyMinutes: orNull(Type.Integer()), best: Type.String(), because: Type.String(),
  })),
  scope: orNull(Type.Object({
    precision: PART, recall: PART, found: Type.Integer(), concerned: Type.Integer(), hit: Type.Integer({ description: 'found, and concerned' }), late: Type.Boolean(), minutes: orNull(Type.Number()),
  })),
}); // prettier-ignore
export const DRILL = Type.Object({
  ...LINE, minutes: Type.Integer(), pace: Type.Integer(), passes: PART, story: Type.String(), storyAt: Type.String({ description: 'the time in the story' }),
  elapsedMinutes: Type.Integer(), nextMinute: orNull(Type.Integer()), isIn: Type.Boolean({ description: 'that you have said so' }),
  people: Type.Array(Type.Object({ id: Type.String(), joined: Type.Boolean(), verdict: orNull(Type.Enum(['passed', 'failed'])) })),
  injects: Type.Array(INJECT, { description: 'those that have come' }),
  breach: orNull(Type.Object({ asks: Type.String(), minute: Type.Integer(), withinMinutes: Type.Integer(), actors: Type.Array(Type.Object({ id: Type.String(), says: Type.String() })), asked: Type.Array(ASKED) })),
  clocks: Type.Array(CLOCK, { description: 'of the law, in the time of the story' }),
  tasks: Type.Array(Type.Object({ says: Type.String(), how: Type.String(), owner: Type.String(), minutes: Type.Integer() }), { description: 'the playbook for incidents of this kind' }),
  notes: Type.Array(Type.Object({ at: Type.String(), by: Type.String(), text: Type.String() })),
  score: orNull(SCORE), debrief: orNull(Type.String()),
}); // prettier-ignore
