/** Shapes of requests and grants on their way over HTTP. */
import Type from 'typebox';

export const NULLABLE = Type.Union([Type.String(), Type.Null()]);
const DATA_CLASS = Type.Enum(['public', 'internal', 'personal', 'sensitive', 'special']);
export const GRANT_STATES = ['pending', 'approved', 'denied', 'cancelled', 'activated', 'expired', 'used-up', 'revoked'] as const; // prettier-ignore
export const GRANT_ID = Type.Object({ id: Type.String({ maxLength: 40, description: 'grt_…' }) });
export const NOTE = Type.Object(
  { note: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false },
);

/** What is asked for: by request, and when glass is broken. */
export const ASKED = {
  purpose: Type.String({ minLength: 1, maxLength: 100 }),
  classes: Type.Array(DATA_CLASS, { minItems: 1, maxItems: 5 }),
  subjects: Type.Array(Type.String({ maxLength: 40 }), { minItems: 1, maxItems: 20, description: 'sub_…: whose data' }),
  case: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'number of a case or ticket elsewhere' }),
  ),
  reads: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'reads of a record' })),
  minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 480, description: 'from activation on' })),
  reason: Type.String({ minLength: 1, maxLength: 1000 }),
};

const GRANT_MEMBERS = {
  id: Type.String(),
  kind: Type.Enum(['jit', 'breakGlass']),
  state: Type.Enum([...GRANT_STATES]),
  requestedBy: Type.String(),
  role: Type.String(),
  scope: Type.Object({
    purpose: Type.String(),
    classes: Type.Array(DATA_CLASS),
    subjects: Type.Array(Type.String()),
    case: NULLABLE,
    reads: Type.Integer(),
    seconds: Type.Integer(),
  }),
  scopeHash: Type.String({ description: 'SHA-256 of the exact scope; approval names it' }),
  reason: Type.String(),
  incident: NULLABLE,
  extends: NULLABLE,
  needed: Type.Integer(),
  approvals: Type.Array(Type.Object({ approver: Type.String(), role: Type.String(), at: Type.String() })),
  requestedAt: Type.String(),
  waitsUntil: Type.String(),
  activatedAt: NULLABLE,
  until: NULLABLE,
  readsUsed: Type.Integer(),
  changedBy: Type.String(),
  changedAt: Type.String(),
  note: Type.String(),
};
export const GRANT = Type.Object(GRANT_MEMBERS);
export const GRANT_WITH_HISTORY = Type.Object({
  ...GRANT_MEMBERS,
  history: Type.Array(
    Type.Object({
      step: Type.Integer(),
      state: Type.Enum([...GRANT_STATES]),
      by: Type.String(),
      note: Type.String(),
      at: Type.String(),
    }),
  ),
});

const ELIGIBLE = Type.Object({
  clearUpTo: DATA_CLASS,
  purposes: Type.Array(Type.String()),
  maxMinutes: Type.Integer(),
  maxReads: Type.Integer(),
  approvers: Type.Array(Type.String()),
  needed: Type.Integer(),
});
export const ELIGIBILITY = Type.Object({
  role: Type.String(),
  jit: Type.Union([ELIGIBLE, Type.Null()]),
  breakGlass: Type.Union([ELIGIBLE, Type.Null()]),
});
