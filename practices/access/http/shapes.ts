/** Shapes of policies on their way over HTTP. */
import Type from 'typebox';

const NULLABLE = Type.Union([Type.String(), Type.Null()]);
const DATA_CLASS = Type.Enum(['public', 'internal', 'personal', 'sensitive', 'special']);

const ELIGIBLE = Type.Object(
  {
    clearUpTo: DATA_CLASS,
    purposes: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 50 }),
    maxMinutes: Type.Integer(),
    maxReads: Type.Integer(),
    approvers: Type.Array(Type.String({ maxLength: 50 }), { maxItems: 20 }),
    needed: Type.Integer(),
  },
  { additionalProperties: false },
);
const TEXTS = Type.Array(Type.String({ maxLength: 61 }), { maxItems: 50 });
export const DOCUMENT = Type.Object(
  {
    format: Type.Literal('strongroom/policies/1'),
    schema: Type.String({ maxLength: 100_000 }),
    roles: Type.Record(
      Type.String(),
      Type.Object(
        {
          says: Type.String({ maxLength: 500 }),
          owner: Type.String({ maxLength: 100 }),
          clearUpTo: Type.Union([DATA_CLASS, Type.Null()]),
          includes: Type.Array(Type.String({ maxLength: 50 }), { maxItems: 20 }),
          grants: Type.Optional(
            Type.Object(
              { jit: Type.Optional(ELIGIBLE), breakGlass: Type.Optional(ELIGIBLE) },
              { additionalProperties: false },
            ),
          ),
          requires: Type.Optional(
            Type.Object(
              { courses: TEXTS, policies: TEXTS, drills: Type.Optional(TEXTS) },
              { additionalProperties: false },
            ),
          ),
          programs: Type.Optional(Type.Literal(true)),
        },
        { additionalProperties: false },
      ),
      { maxProperties: 100 },
    ),
    policies: Type.Record(Type.String(), Type.String({ maxLength: 20_000 }), { maxProperties: 500 }),
  },
  { additionalProperties: false },
);

const VERSION_MEMBERS = {
  id: Type.String(),
  hash: Type.String(),
  state: Type.Enum(['draft', 'validated', 'approved', 'active', 'retired']),
  basedOn: NULLABLE,
  note: Type.String(),
  proposedBy: Type.String(),
  proposedAt: Type.String(),
  approvedBy: NULLABLE,
  approvedAt: NULLABLE,
  activatedBy: NULLABLE,
  activatedAt: NULLABLE,
  retiredAt: NULLABLE,
};
export const VERSION = Type.Object(VERSION_MEMBERS);
export const VERSION_WITH_DOCUMENT = Type.Object({ ...VERSION_MEMBERS, document: DOCUMENT });

const FAULT = Type.Object({ at: NULLABLE, says: Type.String(), hint: Type.String() });
const FACTS = Type.Record(Type.String(), Type.Union([Type.String(), Type.Boolean()]));
const CELL = {
  role: Type.String(),
  action: Type.String(),
  purpose: Type.String(),
  facts: FACTS,
  dataClass: NULLABLE,
};
const OUTCOME = Type.Enum(['allowed', 'clear', 'masked', 'denied']);

export const REVIEW = Type.Object({
  ok: Type.Boolean(),
  faults: Type.Array(FAULT),
  notes: Type.Array(FAULT),
  broken: Type.Array(
    Type.Object({
      rule: Type.String(),
      says: Type.String(),
      where: Type.Array(Type.String()),
      count: Type.Integer(),
    }),
  ),
  idle: Type.Array(Type.String()),
  diff: Type.Union([
    Type.Null(),
    Type.Object({
      wider: Type.Integer(),
      narrower: Type.Integer(),
      cells: Type.Array(Type.Object({ ...CELL, from: OUTCOME, to: OUTCOME })),
    }),
  ]),
});
export const MATRIX = Type.Object({
  cells: Type.Array(Type.Object({ ...CELL, outcome: OUTCOME })),
  idle: Type.Array(Type.String()),
  failing: Type.Array(Type.String()),
});
export const REPLAYED = Type.Object({
  from: Type.Integer(),
  to: Type.Integer(),
  questions: Type.Integer(),
  changes: Type.Array(
    Type.Object({
      role: Type.String(),
      action: Type.String(),
      purpose: Type.String(),
      dataClass: NULLABLE,
      from: Type.String(),
      to: Type.String(),
      count: Type.Integer(),
    }),
  ),
});
