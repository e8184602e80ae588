/** JSON Schema of what the vault's routes take and give. */
import Type from 'typebox';

export const Id = Type.String({ minLength: 5, maxLength: 64 });
export const Name = Type.String({ minLength: 1, maxLength: 63 });
export const FieldNames = Type.Array(Name, { maxItems: 500 });
/** Any JSON value: the catalogue says what each field takes. */
export const AnyValue = Type.Unknown();
export const FieldsIn = Type.Record(Type.String({ maxLength: 200 }), AnyValue);
export const Index = Type.Union([Type.Integer(), Type.Null()], { description: 'index of the entry in the audit log' });

export const SubjectRef = Type.Object(
  { externalId: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })), id: Type.Optional(Id) },
  { additionalProperties: false },
);
export const PutBody = {
  subject: Type.Optional(SubjectRef),
  fields: FieldsIn,
  expiresAt: Type.Optional(Type.String({ maxLength: 40 })),
};

export const ReadField = Type.Object({
  state: Type.Enum(['clear', 'masked', 'denied']),
  value: Type.Optional(AnyValue),
  masked: Type.Optional(AnyValue),
  may: Type.Optional(
    Type.Enum(['clear'], { description: 'shown masked because that was asked for; may be read in clear' }),
  ),
  requestable: Type.Optional(
    Type.Enum(['jit', 'breakGlass'], {
      description: 'would be clear under a grant of this kind, which can be asked for',
    }),
  ),
});
export const RecordOut = Type.Object({
  id: Type.String(),
  subjectId: Type.String(),
  collection: Type.String(),
  version: Type.Integer(),
  expiresAt: Type.Optional(Type.String()),
  fields: Type.Record(Type.String(), ReadField),
});
export const RecordRead = Type.Object({ ...RecordOut.properties, auditIndex: Index });
/** What was taken, and should be looked at: a collection whose gate is at `warn` says so. */
const Warnings = Type.Optional(Type.Array(Type.Object({ field: Type.String(), says: Type.String() })));
export const Stored = Type.Object({
  id: Type.String(),
  subjectId: Type.String(),
  version: Type.Integer(),
  auditIndex: Index,
  warnings: Warnings,
});
export const Outcome = Type.Object({
  index: Type.Integer(),
  status: Type.Enum(['created', 'skipped', 'updated', 'rejected', 'valid']),
  id: Type.Optional(Type.String()),
  subjectId: Type.Optional(Type.String()),
  version: Type.Optional(Type.Integer()),
  warnings: Warnings,
  problem: Type.Optional(
    Type.Object({
      code: Type.String(),
      detail: Type.String(),
      hint: Type.String(),
      field: Type.Optional(Type.String()),
    }),
  ),
});
export const Receipt = Type.Object({
  receipt: Type.String(),
  subjectId: Type.String(),
  erasedAt: Type.String(),
  records: Type.Integer(),
  lookups: Type.Integer(),
  tokens: Type.Integer(),
  attachments: Type.Integer(),
  keyEpoch: Type.Integer(),
  remains: Type.Integer(),
  auditIndex: Type.Integer(),
});
export const Work = Type.Object({
  id: Type.String(),
  what: Type.String(),
  state: Type.Enum(['running', 'done', 'failed']),
  done: Type.Integer(),
  total: Type.Integer(),
  startedAt: Type.String(),
  finishedAt: Type.Union([Type.String(), Type.Null()]),
  result: Type.Record(Type.String(), AnyValue),
});

/** Headers that every read may carry; Fastify lower-cases names. */
export const ReadHeaders = Type.Object({
  'strongroom-purpose': Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
});
export const Show = Type.Optional(
  Type.Enum(['masked'], { description: 'masks also what may be seen in clear, for a first look' }),
);
export const WriteHeaders = Type.Object({
  'strongroom-purpose': Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  'idempotency-key': Type.Optional(Type.String({ maxLength: 200 })),
});
