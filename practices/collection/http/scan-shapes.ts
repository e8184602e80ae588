/** JSON Schema of scans that are handed in, and of how they differ from the catalogue. */
import Type from 'typebox';

import { DATA_CLASSES } from '../catalog.ts';
import { DETECTED_TYPES } from '../detect/finding.ts';
import { DRIFT_STATES } from '../discovery/drift-state.ts';
import { MAX_COLUMNS } from '../discovery/handed-in.ts';
import { DRIFT_KINDS } from '../scan/drift.ts';
import { LEVELS, SCAN_SCHEMA, SOURCE_KINDS, TABLE_KINDS } from '../scan/scan-report.ts';
import { Nullable, strict } from './retention-shapes.ts';

/** Of a report with as many columns as are taken, each with its reasons. */
export const MAX_REPORT_BYTES = 16 * 1024 * 1024;

const name = Type.String({ minLength: 1, maxLength: 300 });
const words = (maxLength: number) => Type.String({ maxLength });
const orNull = <T extends Type.TSchema>(type: T) => Type.Union([type, Type.Null()]);
const share = Type.Number({ minimum: 0, maximum: 1 });
const whole = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const Prevalence = Type.Object({ share, low: share, high: share, of: whole }, strict);
const Detected = Type.Enum([...DETECTED_TYPES]);
const Class = Type.Enum([...DATA_CLASSES]);
const Level = Type.Enum([...LEVELS]);
const Column = Type.Object(
  {
    name,
    sqlType: orNull(words(100)),
    key: orNull(Type.Enum(['primary', 'foreign'])),
    type: orNull(Detected),
    detail: orNull(words(200)),
    class: orNull(Class),
    level: Level,
    confidence: share,
    prevalence: orNull(Prevalence),
    reasons: Type.Array(Type.Object({ says: words(300), adds: Type.Number({ minimum: -100, maximum: 100 }) }, strict), {
      maxItems: 20,
      description: 'why: `adds` are log-odds in columns, points of confidence in text',
    }),
    inText: Type.Array(Type.Object({ type: Detected, prevalence: Prevalence }, strict), { maxItems: 20 }),
  },
  strict,
);
const Table = Type.Object(
  {
    name,
    kind: Type.Enum([...TABLE_KINDS]),
    rows: orNull(whole),
    sampled: whole,
    columns: Type.Array(Column, { maxItems: MAX_COLUMNS }),
  },
  strict,
);
const REPORT = {
  tables: Type.Array(Table, { maxItems: 5000 }),
  missing: Type.Array(Type.Object({ name, because: words(500) }, strict), { maxItems: 5000 }),
  warnings: Type.Array(words(500), { maxItems: 500 }),
};

export const ScanBody = Type.Object(
  {
    report: Type.Object(
      {
        schema: Type.Enum([SCAN_SCHEMA]),
        source: Type.String({ minLength: 1, maxLength: 300, description: 'without account, password and folder' }),
        kind: Type.Enum([...SOURCE_KINDS]),
        startedAt: Type.String({ maxLength: 40, description: 'RFC 3339' }),
        seconds: Type.Number({ minimum: 0, maximum: 1_000_000 }),
        ...REPORT,
      },
      strict,
    ),
    scope: Type.Optional(orNull(name)),
    binding: Type.Optional(
      orNull(
        Type.Object(
          {
            table: orNull(name),
            collection: Type.String({ minLength: 1, maxLength: 63 }),
            columns: orNull(Type.Record(Type.String({ maxLength: 300 }), Type.String({ maxLength: 63 }))),
            ignore: Type.Array(name, { maxItems: MAX_COLUMNS }),
          },
          strict,
        ),
      ),
    ),
  },
  strict,
);

const SUMMARY = {
  id: Type.String(),
  source: Type.String(),
  scope: Nullable,
  kind: Type.Enum([...SOURCE_KINDS]),
  startedAt: Type.String(),
  seconds: Type.Number(),
  receivedAt: Type.String(),
  receivedBy: Type.String(),
  tables: Type.Integer(),
  columns: Type.Integer(),
  missing: Type.Integer({ description: 'what could not be read: with any of it the scan is not whole' }),
  found: Type.Record(Type.String(), Type.Integer(), { description: 'columns with something personal, by class' }),
  certain: Type.Integer(),
  current: Type.Boolean({ description: 'the newest of its source' }),
};
export const DriftOut = Type.Object({
  id: Type.String(),
  kind: Type.Enum([...DRIFT_KINDS]),
  table: Type.String(),
  column: Nullable,
  collection: Nullable,
  field: Nullable,
  type: Nullable,
  class: Nullable,
  level: Level,
  says: Type.String(),
  state: Type.Enum([...DRIFT_STATES]),
  again: Type.Union([Type.Enum(['review', 'changed', 'found']), Type.Null()], {
    description:
      'why it is open though somebody had decided: its day has come, something else is there now, a later scan still finds it',
  }),
  decided: Type.Union([
    Type.Object({
      decision: Type.Enum(['ignored', 'resolved', 'reopened']),
      reason: Type.String(),
      by: Type.String(),
      at: Type.String(),
      reviewBy: Nullable,
    }),
    Type.Null(),
  ]),
});
export const ScanOut = Type.Object({
  scan: Type.Object(SUMMARY),
  report: Type.Object(REPORT),
  drifts: Type.Array(DriftOut),
});
export const ScansOut = Type.Object({
  scans: Type.Array(
    Type.Object({
      ...SUMMARY,
      drift: Type.Union(
        [Type.Object({ open: Type.Integer(), ignored: Type.Integer(), resolved: Type.Integer() }), Type.Null()],
        { description: 'of the newest of a source: how it differs from the catalogue that holds' },
      ),
    }),
  ),
});
export const DecideBody = Type.Object(
  {
    decision: Type.Enum(['ignored', 'resolved', 'reopened']),
    reason: Type.String({ minLength: 3, maxLength: 500 }),
    reviewBy: Type.Optional(
      Type.String({
        pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
        description: 'of what is ignored: the day it is looked at again',
      }),
    ),
  },
  strict,
);
