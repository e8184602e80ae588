/** JSON Schema of what the routes of exports take and give. */
import Type from 'typebox';

import { Nullable, strict } from './retention-shapes.ts';

export const Hash = Type.String({ minLength: 64, maxLength: 64 });
const Name = Type.String({ pattern: '^[a-z][a-z0-9._-]{0,62}$' });
const FieldName = Type.String({ pattern: '^(@subject|[a-z][a-z0-9_]{0,62})$' });
const Step = Type.String({ minLength: 4, maxLength: 20, description: 'month, year, decade, prefix:3, range:10' });

const whom = {
  name: Name,
  collection: Type.String({ minLength: 1, maxLength: 63 }),
  purpose: Type.String({ minLength: 1, maxLength: 100 }),
  recipient: Type.Object(
    { name: Name, where: Type.Enum(['inside', 'outside'], { description: 'outside: the catalogue must name it as a recipient' }) },
    strict,
  ),
}; // prettier-ignore
const Rule = Type.Object(
  {
    as: Type.Enum(['clear', 'mask', 'coarsen', 'pseudonym']),
    role: Type.Optional(Type.Enum(['quasi', 'sensitive'])),
    steps: Type.Optional(Type.Array(Step, { maxItems: 6, description: 'from the finest to the coarsest' })),
  },
  strict,
);
const RecordsProfile = Type.Object(
  {
    kind: Type.Literal('records'),
    ...whom,
    fields: Type.Record(FieldName, Rule, { minProperties: 1, maxProperties: 50 }),
    k: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    l: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    maxSuppressedPercent: Type.Optional(Type.Integer({ minimum: 0, maximum: 50 })),
  },
  strict,
);
const CountsProfile = Type.Object(
  {
    kind: Type.Literal('counts'),
    ...whom,
    dimensions: Type.Record(
      FieldName,
      Type.Object(
        {
          step: Type.Optional(Step),
          values: Type.Optional(
            Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 1, maxItems: 1000 }),
          ),
        },
        strict,
      ),
      { minProperties: 1, maxProperties: 10 },
    ),
    budgetMilli: Type.Integer({ minimum: 1, maximum: 100_000, description: 'ε in thousandths' }),
    maxEpsilonMilli: Type.Integer({ minimum: 1, maximum: 100_000 }),
  },
  strict,
);
export const ProfileBody = Type.Union([RecordsProfile, CountsProfile]);
export const ProfileOut = Type.Object({
  id: Type.String(),
  state: Type.Enum(['proposed', 'approved', 'retired']),
  hash: Type.String(),
  proposedBy: Type.String(),
  proposedAt: Type.String(),
  approvedBy: Nullable,
  approvedAt: Nullable,
  profile: ProfileBody,
});
const Measured = Type.Object({
  rows: Type.Integer(),
  groups: Type.Integer(),
  k: Type.Integer({ description: 'people in the smallest group' }),
  l: Type.Record(Type.String(), Type.Integer(), { description: 'fewest different values in a group, by sensitive field' }),
}); // prettier-ignore
export const RunView = Type.Object({
  id: Type.String(),
  profile: Type.String(),
  name: Type.String(),
  recipient: Type.String(),
  requestedBy: Type.String(),
  state: Type.Enum(['preparing', 'sending', 'sent', 'cut', 'refused']),
  report: Type.Union([
    Type.Object({
      records: Type.Integer(),
      suppressed: Type.Integer({ description: 'left out, because their group was too small' }),
      further: Type.Integer({ description: 'left out, because somebody has one row' }),
      generalised: Type.Record(Type.String(), Type.String(), { description: 'what left of each quasi-identifier' }),
      measured: Type.Union([Measured, Type.Null()]),
      sha256: Type.String(),
    }),
    Type.Null(),
  ]),
  refused: Nullable,
  begunAt: Type.String(),
  finishedAt: Nullable,
});
export const CountBody = Type.Object(
  {
    by: Type.Array(Type.String({ minLength: 1, maxLength: 63 }), { maxItems: 4 }),
    epsilonMilli: Type.Integer({ minimum: 1, maximum: 100_000 }),
    round: Type.Optional(Type.String({ pattern: '^[a-z0-9-]{1,20}$', description: 'asks anew, at a new price' })),
  },
  strict,
);
export const Answer = Type.Object({
  id: Type.String(),
  recipient: Type.String(),
  purpose: Type.String(),
  by: Type.Array(Type.String()),
  round: Nullable,
  epsilonMilli: Type.Integer(),
  spentMilli: Type.Integer({ description: 'of the budget, after this answer' }),
  cells: Type.Array(
    Type.Object({
      group: Type.Array(Type.Union([Type.String(), Type.Null()]), { description: 'in the order of `by`; null: all others' }),
      count: Type.Integer({ description: 'with noise: it can be below zero' }),
    }),
  ),
  at: Type.String(),
}); // prettier-ignore
export const Budgets = Type.Array(
  Type.Object({
    profile: Type.String(),
    recipient: Type.String(),
    purpose: Type.String(),
    budgetMilli: Type.Integer(),
    spentMilli: Type.Integer(),
  }),
);
