/** What requests of customers look like over HTTP. */
import Type from 'typebox';

import { WAYS } from '../requests/desk.ts';
import { ASKERS, LEVELS, MEANS, SAW } from '../requests/proof.ts';
import { KINDS } from '../store/requests.ts';

const NULLABLE = Type.Union([Type.String(), Type.Null()]);
export const ID = Type.Object({ id: Type.String({ minLength: 4, maxLength: 64 }) });
const NOTED = Type.Object(
  { asker: Type.Enum([...ASKERS]), how: Type.Enum([...WAYS]), role: Type.String() },
  { description: 'said to staff: who it was, by which way, and the role of who noted it' },
);
const OUTCOME = Type.Enum(['asked', 'done', 'declined']);
export const REQUEST = {
  id: Type.String(),
  subject: Type.String(),
  kind: Type.Enum([...KINDS]),
  regime: Type.String(),
  state: Type.String({ description: 'received, review, extended, waiting (for the customer), appealed, fulfilled, partly, refused, withdrawn, duplicate' }),
  receivedAt: Type.String(),
  dueAt: Type.String(),
  overdue: Type.Boolean(),
  extended: Type.Boolean(),
  firstEyes: NULLABLE,
  duplicateOf: NULLABLE,
  entry: Type.Union([Type.Integer(), Type.Null()]),
  closedAt: NULLABLE,
  words: NULLABLE,
  answer: NULLABLE,
  corrections: Type.Union(
    [
      Type.Array(
        Type.Object({ record: Type.String(), collection: Type.String(), field: Type.String(), outcome: OUTCOME }),
      ),
      Type.Null(),
    ],
    { description: 'fields that are to be corrected, and what came of each; null where none are named, and in a list' },
  ),
  talk: Type.Union(
    [
      Type.Array(
        Type.Object({
          what: Type.Enum(['scope', 'identity', 'detail', 'again', 'reply', 'appeal', 'answer', 'withdrawn']),
          text: Type.String(),
          at: Type.String(),
          noted: Type.Optional(
            NOTED,
          ),
        }),
      ),
      Type.Null(),
    ],
    { description: 'what was asked and said since, and the answer that an appeal is against; null in a list' },
  ),
  paused: Type.Boolean({ description: 'the clock stands still until the customer answers' }),
  appealedAt: NULLABLE,
  appealBy: Type.Union([Type.String(), Type.Null()], { description: 'until when the answer can be appealed; null: not, or not any more' }),
  complainTo: Type.Union([Type.String(), Type.Null()], { description: 'who takes complaints; null: the data protection authority where they live' }),
  mail: Type.Union([Type.Enum(['queued', 'held', 'sent', 'refused', 'given-up']), Type.Null()], { description: 'what became of the mail that carries the answer: it has reached nobody before it is sent; null: no mail does' }),
  noted: Type.Union([NOTED, Type.Null()], { description: 'null: asked in the center' }),
  proof: Type.Object({
    asker: Type.Enum([...ASKERS]),
    needed: Type.Union([Type.Enum([...LEVELS]), Type.Null()], { description: 'how sure it has to be who asks, as it was when it was last looked at; null: it was not' }),
    reached: Type.Enum([...LEVELS]),
    shown: Type.Array(Type.Object({ means: Type.Enum([...MEANS]), at: Type.String(), factors: Type.Optional(Type.Integer()), resettableByMail: Type.Optional(Type.Integer()), saw: Type.Optional(Type.Enum([...SAW])) }), { description: 'by what; never a document or its number' }),
  }),
}; // prettier-ignore
export const LINK = Type.Object({
  code: Type.String({ description: 'shown this once: tell it by letter or telephone, never by mail' }),
  expiresAt: Type.String(),
});
export const STEP = Type.Object({
  step: Type.String(),
  actor: Type.String(),
  at: Type.String(),
  auditIndex: Type.Integer(),
});

const SHOWN = Type.Union([Type.Object({ value: Type.Optional(Type.Unknown()), masked: Type.Optional(Type.Unknown()) }), Type.Null()]); // prettier-ignore
/** Old beside new, as much of both as the reader's role shows. */
export const BESIDE = Type.Object({
  record: Type.String(),
  collection: Type.String(),
  field: Type.String(),
  outcome: OUTCOME,
  state: Type.String({
    description: 'clear, masked, denied; gone: it is not held any more; decided: it is not opened any more',
  }),
  held: SHOWN,
  asked: SHOWN,
});
export const CORRECTIONS = Type.Array(
  Type.Object(
    {
      record: Type.String({ minLength: 4, maxLength: 64 }),
      field: Type.String({ minLength: 1, maxLength: 63 }),
      value: Type.Unknown({ description: 'as the catalogue has it, or as text' }),
    },
    { additionalProperties: false },
  ),
  { minItems: 1, maxItems: 50 },
);
