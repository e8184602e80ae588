/** JSON Schema of what the routes of retention take and give. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';
import type { Action, Actor } from '#practices/access';

import type { Retention } from '../retention/index.ts';
import type { By } from '../retention/by.ts';

export type RetentionHttpNeeds = Readonly<{
  retention: Retention;
  /** Decides; a refusal is in the log before it is answered. */
  allowed: (request: object & { id: string }, action: Action) => Promise<Actor>;
  /** There is something to do. */
  onWork: () => void;
}>;
export type Server = HttpServer;

export const byOf = async (
  needs: Pick<RetentionHttpNeeds, 'allowed'>,
  request: object & { id: string },
  action: Action,
): Promise<By> => ({
  actor: await needs.allowed(request, action),
  requestId: request.id,
});

export const strict = { additionalProperties: false } as const;
export const tags = ['collection'];
export const Nullable = Type.Union([Type.String(), Type.Null()]);
export const Counts = Type.Record(Type.String(), Type.Integer());
export const Id = Type.Object({ id: Type.String({ minLength: 5, maxLength: 64 }) });
const text = (maxLength: number, description?: string) =>
  Type.String({ minLength: 1, maxLength, ...(description === undefined ? {} : { description }) });

export const EventsBody = Type.Object(
  {
    events: Type.Array(
      Type.Object(
        {
          subject: Type.Object(
            {
              id: Type.Optional(text(64)),
              collection: Type.Optional(text(63)),
              externalId: Type.Optional(text(256)),
            },
            strict,
          ),
          event: text(100, 'declared in the catalogue: account.closed'),
          at: Type.Optional(text(40, 'RFC 3339, with its zone; left out: now')),
          purpose: Type.Optional(text(100, 'of an event about one purpose, such as consent.withdrawn')),
          state: Type.Optional(
            Type.Enum(['happened', 'undone'], { description: 'undone: it has not happened after all' }),
          ),
        },
        strict,
      ),
      { minItems: 1, maxItems: 1000 },
    ),
  },
  strict,
);
export const EventsOut = Type.Object({
  results: Type.Array(
    Type.Object({
      index: Type.Integer(),
      status: Type.Enum(['recorded', 'known', 'rejected']),
      subjectId: Type.Optional(Type.String()),
      problem: Type.Optional(
        Type.Object({
          code: Type.String(),
          detail: Type.String(),
          hint: Type.String(),
          field: Type.Optional(Type.String()),
        }),
      ),
    }),
  ),
});

export const HoldBody = Type.Object(
  {
    matter: text(100, 'the case that needs it, by its number'),
    subject: Type.Optional(text(64)),
    record: Type.Optional(text(64)),
    collection: Type.Optional(text(63)),
    field: Type.Optional(text(63)),
    reason: text(500),
    authority: text(200, 'who says so: a court, a law, counsel'),
    role: Type.Optional(text(50, 'who may still see what nothing but the hold keeps')),
    reviewBy: text(10, 'YYYY-MM-DD'),
  },
  strict,
);
export const HoldOut = Type.Object({
  id: Type.String(),
  matter: Type.String(),
  scope: Type.Enum(['subject', 'record', 'collection', 'field']),
  subject: Nullable,
  record: Nullable,
  collection: Nullable,
  field: Nullable,
  reason: Type.String(),
  authority: Type.String(),
  role: Nullable,
  from: Type.String(),
  reviewBy: Type.String(),
  overdue: Type.Boolean(),
  state: Type.Enum(['requested', 'active', 'lifting', 'released', 'refused']),
  requestedBy: Type.String(),
  approvedBy: Nullable,
  liftReason: Nullable,
  liftBy: Nullable,
  releasedBy: Nullable,
  releasedAt: Nullable,
});

export const RunOut = Type.Object({
  id: Type.String(),
  state: Type.Enum(['planning', 'planned', 'approved', 'running', 'done', 'cancelled', 'refused']),
  requestedBy: Type.String(),
  asOf: Type.String(),
  ruleHash: Type.String(),
  planHash: Type.String(),
  plan: Type.Object({
    subjects: Type.Integer(),
    records: Type.Integer(),
    counts: Counts,
    held: Type.Integer(),
    restricted: Type.Integer(),
    samples: Type.Array(Type.String()),
  }),
  needed: Type.Integer({ description: 'different people who have to approve' }),
  approvedBy: Type.Array(Type.String()),
  because: Type.Array(Type.String(), { description: 'why: many, clock, ordered, not-enforced, asked-for' }),
  done: Counts,
  refused: Type.Union([Type.String(), Type.Null()], {
    description: 'rules: they changed; clock: it went back, or the plan is older than 48 hours',
  }),
  createdAt: Type.String(),
  finishedAt: Nullable,
  certificate: Type.Boolean(),
});
export const SettingsIn = Type.Object(
  {
    enforce: Type.Boolean({ description: 'scheduled plans are done without being asked' }),
    twoPeopleAbove: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    perSecond: Type.Integer({ minimum: 1, maximum: 10_000 }),
    everyHours: Type.Integer({ minimum: 1, maximum: 47 }),
  },
  strict,
);
const SettingsOut = Type.Object({ ...SettingsIn.properties });
export const SettingsView = Type.Object({
  settings: SettingsOut,
  proposed: Type.Union([
    Type.Object({ settings: SettingsOut, hash: Type.String(), by: Type.String(), at: Type.String() }),
    Type.Null(),
  ]),
});
export const ProofOut = Type.Object({
  at: Type.String(),
  ok: Type.Boolean(),
  subjects: Type.Integer(),
  records: Type.Integer(),
  overdue: Counts,
  held: Type.Integer(),
  restricted: Type.Integer(),
  lookups: Type.Integer(),
  tokens: Type.Integer(),
  attachments: Type.Integer(),
  chunks: Type.Integer(),
  stops: Type.Integer(),
  notes: Type.Integer(),
  samples: Type.Array(Type.String()),
});
export const StatusOut = Type.Object({
  ...SettingsView.properties,
  run: Type.Union([RunOut, Type.Null()]),
  plannedAt: Nullable,
  upcoming: Type.Record(Type.String(), Type.Integer(), { description: 'values that fall due in a month' }),
  awaiting: Type.Record(Type.String(), Type.Integer(), {
    description: 'values without a date, by `collection field event`: the event has not happened',
  }),
  proof: Type.Union([ProofOut, Type.Null()]),
});
export const ErasureOut = Type.Object({
  seq: Type.String(),
  auditIndex: Type.Integer(),
  scope: Type.Enum(['subject', 'record', 'fields']),
  subject: Type.String(),
  record: Nullable,
  collection: Nullable,
  fields: Type.Array(Type.String()),
  cause: Type.String(),
  run: Nullable,
  ruleHash: Nullable,
  at: Type.String(),
});
