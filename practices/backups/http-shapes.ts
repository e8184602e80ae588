/** What the routes of backups take and give. */
import Type from 'typebox';

const TIME = Type.Union([Type.String(), Type.Null()]);
const COUNT = Type.Integer();

export const RUN = Type.Object({
  id: Type.String(),
  plane: Type.Enum(['data', 'key']),
  state: Type.Enum(['running', 'done', 'failed']),
  seq: COUNT,
  rows: COUNT,
  bytes: Type.Integer({ description: 'read so far, as text' }),
  totalBytes: Type.Integer({ description: 'what the tables have, roughly' }),
  sealedBytes: COUNT,
  objects: COUNT,
  startedBy: Type.String(),
  startedAt: Type.String(),
  finishedAt: TIME,
  because: Type.Union([Type.String(), Type.Null()], { description: 'code of the failure' }),
  sha256: Type.Union([Type.String(), Type.Null()], { description: 'of the manifest' }),
  pruned: Type.Boolean(),
});
const NEWEST = Type.Union([RUN, Type.Null()]);

export const RECIPIENT = Type.Object(
  {
    recipient: Type.String({ minLength: 1, maxLength: 2100, description: 'age1pq1…' }),
    kind: Type.Enum(['offline', 'drill'], { default: 'offline' }),
  },
  { additionalProperties: false },
);
export const DRILL = Type.Object(
  { signed: Type.String({ minLength: 1, maxLength: 65_536 }) },
  { additionalProperties: false },
);

export const STANDING = Type.Object({
  nags: Type.Array(Type.String(), { description: 'what is wrong, in words' }),
  signer: Type.Union([Type.String(), Type.Null()], {
    description: 'fingerprint of who signs manifests: it belongs on the ceremony sheet',
  }),
  rpoSeconds: Type.Object({
    data: Type.Union([COUNT, Type.Null()]),
    key: Type.Union([COUNT, Type.Null()]),
    ledger: Type.Union([COUNT, Type.Null()]),
  }),
  rtoSeconds: Type.Union([Type.Number(), Type.Null()], { description: 'of the last restore that was tried' }),
  newest: Type.Object({ data: NEWEST, key: NEWEST }),
  ledger: Type.Object({ entries: COUNT, sent: COUNT, beatAt: TIME }),
  objects: COUNT,
  sealedBytes: COUNT,
  lockedPercent: Type.Number(),
  scrubbedPercent: Type.Number(),
  pointInTime: Type.Object({
    available: Type.Boolean(),
    because: Type.String({ description: 'why not' }),
    from: TIME,
    to: Type.Union([Type.String(), Type.Null()], {
      description: 'any time from the one to the other can be restored to',
    }),
    segments: COUNT,
    bytes: COUNT,
    lagBytes: Type.Integer({ description: 'log that PostgreSQL keeps until it is read' }),
  }),
  recipients: Type.Array(
    Type.Object({
      fingerprint: Type.String(),
      kind: Type.Enum(['offline', 'drill']),
      addedBy: Type.String(),
      addedAt: Type.String(),
      provenAt: TIME,
      retiredAt: TIME,
    }),
  ),
  stores: Type.Array(
    Type.Object({
      plane: Type.String(),
      place: Type.String(),
      locks: Type.String(),
      nearby: Type.Boolean(),
      problem: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
  drills: Type.Array(
    Type.Object({
      at: Type.String(),
      seq: COUNT,
      passed: Type.Boolean(),
      seconds: Type.Number(),
      canaries: Type.String({
        description: 'persons who do not exist: how many that were erased are gone, how many others open',
      }),
      erased: COUNT,
      records: COUNT,
    }),
  ),
});

const GONE = Type.Object({ runs: COUNT, objects: COUNT, locked: COUNT });
export const PRUNED = Type.Object({ data: GONE, key: GONE });
export const SCRUBBED = Type.Object({
  read: COUNT,
  bytes: COUNT,
  faults: Type.Array(
    Type.Object({ name: Type.String(), store: Type.String(), fault: Type.Enum(['damaged', 'missing', 'unlocked']) }),
  ),
});

export const SEGMENT = Type.Object({
  seq: COUNT,
  timeline: Type.String(),
  fromLsn: Type.String(),
  toLsn: Type.String(),
  firstAt: Type.String(),
  lastAt: Type.String(),
  transactions: COUNT,
  changes: COUNT,
  sealedBytes: COUNT,
});
