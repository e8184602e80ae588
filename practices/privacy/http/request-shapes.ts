/** What requests of customers look like over HTTP. */
import Type from 'typebox';

import { KINDS } from '../store/requests.ts';

const NULLABLE = Type.Union([Type.String(), Type.Null()]);
export const ID = Type.Object({ id: Type.String({ minLength: 4, maxLength: 64 }) });
const OUTCOME = Type.Enum(['asked', 'done', 'declined']);
export const REQUEST = {
  id: Type.String(),
  subject: Type.String(),
  kind: Type.Enum([...KINDS]),
  regime: Type.String(),
  state: Type.String({ description: 'received, review, extended, fulfilled, partly, refused, withdrawn, duplicate' }),
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
};
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
  state: Type.String({ description: 'clear, masked, denied; gone: it is not held any more' }),
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
