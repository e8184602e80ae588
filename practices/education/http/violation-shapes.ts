/** Shapes of violations as they cross the wire. */
import Type from 'typebox';

import { OUTCOMES, RUNGS } from '../violations/ladder.ts';
import { PERSON_ID, TEXT_ID } from './shapes.ts';

export const CLOSED = { additionalProperties: false } as const;
export const ID = Type.Object({ id: Type.String({ pattern: '^vio_[0-9a-z]{1,40}$' }) });
const orNull = <T extends Type.TSchema>(shape: T) => Type.Union([shape, Type.Null()]);
export const WORDS = Type.String({ minLength: 1, maxLength: 10_000 });
export const RUNG = Type.Enum([...RUNGS]);
export const OUTCOME = Type.Enum([...OUTCOMES]);
const LINE = {
  id: Type.String({ description: 'vio_…' }), policy: Type.String(), title: Type.String(), openedAt: Type.String(),
  state: Type.Enum(['hearing', 'review', 'settling', 'decided', 'appealed', 'closed'], { description: 'hearing: the person has time to say something; review: two decide; settling: they differ, and a third one decides; decided: an appeal is open' }),
  outcome: orNull(OUTCOME),
  part: Type.Enum(['person', 'opener', 'decides', 'reads'], { description: 'what it is to you' }),
  may: Type.Array(Type.Enum(['state', 'vote', 'appeal', 'answer']), { description: 'what is yours to do now' }),
}; // prettier-ignore
export const VIOLATION_LINE = Type.Object(LINE);
const SAID = {
  at: Type.String(),
  by: Type.String(),
  text: orNull(Type.String({ description: 'null: they chose to say nothing' })),
};
const CHOSEN = Type.Object({ ...SAID, choice: Type.String() });
export const VIOLATION = Type.Object({
  ...LINE, person: Type.String(), hash: Type.String({ description: 'of the very text of the policy' }), intent: Type.Boolean(),
  rungs: Type.Array(RUNG, { description: 'what the ladder of the policy has for it, mild to grave' }), touches: RUNG, course: orNull(Type.String()),
  earlier: Type.Integer({ description: 'of the same rule, confirmed before it happened' }),
  entry: Type.Object({ number: Type.Integer(), hash: Type.String(), at: Type.String(), says: orNull(Type.String({ description: 'null: the log has pruned it' })) }),
  about: Type.Array(Type.String()), opened: Type.Object(SAID), statement: orNull(Type.Object(SAID)), statementUntil: orNull(Type.String({ description: 'null: leave of theirs has no end' })),
  decidedBy: Type.Integer({ description: 'how many have said what they think' }), votes: Type.Array(CHOSEN, { description: 'when it is decided; before, to who settles it' }),
  own: orNull(Type.String()), choices: Type.Array(OUTCOME), decidedAt: orNull(Type.String()), follows: Type.Array(Type.String()), appealUntil: orNull(Type.String()),
  settleUntil: orNull(Type.String()), appeal: orNull(Type.Object(SAID)), answer: orNull(CHOSEN), forgottenAt: orNull(Type.String()), names: Type.Record(Type.String(), Type.String(), { description: 'what people who are named in it are called' }),
}); // prettier-ignore
export const TO_OPEN = Type.Object(
  {
    person: PERSON_ID, policy: TEXT_ID,
    entry: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'number of an entry of the log in which the person acted' }),
    hash: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'of its leaf, base64url' }),
    says: WORDS,
    intent: Type.Optional(Type.Boolean({ description: 'on purpose; left out: carelessness' })),
    rung: Type.Optional(RUNG), course: Type.Optional(TEXT_ID),
    about: Type.Optional(Type.Array(Type.String({ pattern: '^(inc|fnd|case)_[0-9a-z]{1,40}$' }), { maxItems: 10, description: 'incidents, findings and cases beside it' })),
    apart: Type.Optional(Type.Array(PERSON_ID, { maxItems: 50, description: 'who is too near to decide: whom it harmed, whose report they are' })),
  },
  CLOSED,
); // prettier-ignore
export const BECAUSE = Type.String({ minLength: 1, maxLength: 10_000, description: 'the person reads it' });
