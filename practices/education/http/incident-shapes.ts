/** Shapes of incidents as they cross the wire. */
import Type from 'typebox';

import { BREACH_CLOCKS } from '../incidents/breach-clocks.ts';
import { PHASES } from '../incidents/phases.ts';
import { KINDS } from '../incidents/playbook.ts';
import type { Change } from '../incidents/changes.ts';

export const CLOSED = { additionalProperties: false } as const;
export const ID = Type.Object({ id: Type.String({ maxLength: 40, description: 'inc_…' }) });
export const SCOPE_ID = Type.Object({ id: Type.String({ maxLength: 40 }), scope: Type.String({ maxLength: 40, description: 'scp_…' }) }); // prettier-ignore
export const KIND = Type.Enum([...KINDS]);
export const TIME = Type.String({ format: 'date-time', maxLength: 40 });
export const WORDS = Type.String({ minLength: 1, maxLength: 10_000 });
const orNull = <T extends Type.TSchema>(shape: T) => Type.Union([shape, Type.Null()]);
const CLOCK_ID = Type.Enum(BREACH_CLOCKS.map(({ id }) => id));

const CLOCK = Type.Object({
  id: Type.String(), tells: Type.String(), what: Type.String(), source: Type.String(),
  number: Type.Enum(['law', 'ours'], { description: 'ours: the law says without undue delay' }),
  startedAt: orNull(Type.String()), assumed: Type.Boolean({ description: 'nobody noted when it was known: it is counted from the report on' }),
  dueAt: orNull(Type.String()), hoursLeft: orNull(Type.Integer({ description: 'whole hours, rounded down; below zero when it is late' })), doneAt: orNull(Type.String()),
  notedAt: orNull(Type.String({ description: 'when `doneAt` was written down' })), notedLate: Type.Boolean({ description: 'told in time by what was written down only after the time was over' }),
  state: Type.Enum(['waiting', 'running', 'late', 'told', 'told-late', 'not-needed']),
}); // prettier-ignore
const LINE = {
  id: Type.String(), receipt: Type.String(), kind: Type.String(), severity: Type.String(), phase: Type.String(), owner: orNull(Type.String()),
  version: Type.Integer({ description: 'sent back with a change, which is refused when somebody was faster' }), reportedAt: Type.String(), lastAt: Type.String(), clocks: Type.Array(CLOCK),
}; // prettier-ignore
const EVENT = Type.Object({
  seq: Type.Integer(), kind: Type.String(), happenedAt: Type.String(), knownAt: Type.String(), by: Type.String(), text: orNull(Type.String()),
  detail: Type.Record(Type.String(), Type.Unknown()),
}); // prettier-ignore
const DECISION = Type.Object({
  seq: Type.Integer(), clock: Type.String(), what: Type.Enum(['notify', 'not-notify']), state: Type.Enum(['proposed', 'approved', 'refused']), at: Type.String(),
  by: Type.String(), settledBy: orNull(Type.String()), scope: orNull(Type.String({ description: 'hash of the scope it was made on' })),
  outdated: Type.Boolean({ description: 'not to notify, decided before something that is known now: it holds no longer' }), reasons: orNull(Type.String()),
}); // prettier-ignore
const TASK = Type.Object({
  id: Type.String(), phase: Type.String(), owner: Type.String({ description: 'a role' }), minutes: Type.Integer(), says: Type.String(), how: Type.String(),
  dueAt: Type.String(), doneAt: orNull(Type.String()), doneBy: orNull(Type.String()), late: Type.Boolean(),
}); // prettier-ignore
export const INCIDENT_LINE = Type.Object(LINE);
export const INCIDENT = Type.Object({
  ...LINE, timeline: Type.Array(EVENT), decisions: Type.Array(DECISION), tasks: Type.Array(TASK),
  next: Type.Array(Type.Object({ to: Type.String(), needs: Type.Array(Type.String()) })),
}); // prettier-ignore
export const REGISTER_ROW = Type.Object({
  ...LINE, decisions: Type.Array(DECISION), facts: Type.Array(EVENT), effects: Type.Unknown(), measures: Type.Array(Type.String()),
}); // prettier-ignore

// ids alone: what is asked stands in the log and in what is never changed, where nobody's name belongs
const asked = (pattern: string) => Type.Optional(Type.Array(Type.String({ pattern }), { maxItems: 100 }));
export const CRITERIA = Type.Object(
  {
    actors: asked('^(key|per|wkl)_[0-9a-z]{26}$'), grants: asked('^grt_[0-9a-z]{26}$'), requests: asked('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'), from: TIME, to: TIME,
  },
  CLOSED,
); // prettier-ignore
const TOTALS = Type.Object({
  classes: Type.Array(Type.String()), subjects: Type.Integer(),
  byClass: Type.Optional(Type.Array(Type.Object({ class: Type.String(), clear: Type.Integer(), masked: Type.Integer({ description: 'masked, and nothing of that class in clear' }) }), { description: 'how many people lost something of a class; scopes that were asked before it was counted have none' })),
  inClear: Type.Integer(), maskedOnly: Type.Integer(),
  knownOnly: Type.Integer({ description: 'no value left, but that they are known here' }), entries: Type.Integer(), firstAt: orNull(Type.String()), lastAt: orNull(Type.String()),
}); // prettier-ignore
const UNKNOWN = Type.Object({
  unnamed: Type.Object({ entries: Type.Array(Type.Integer()), subjectsAtMost: Type.Integer() }), missing: Type.Integer(), unreadable: Type.Integer(),
  unpublished: Type.Integer(), tampered: Type.Boolean(), unlogged: Type.Integer(),
  unseen: Type.Array(Type.String({ description: 'asked for, and in no entry of that time at all' })), uncounted: Type.Array(Type.Integer(), { description: 'entries that name nobody and have no number' }),
  madeUp: Type.Integer({ description: 'who was made up for exercises stood in these entries too: they are nobody, and not among those found' }),
  disordered: Type.Integer({ description: 'places of the log where its times go back: a clock was wrong, and entries may be of another time' }),
  notAsked: Type.Array(Type.String({ description: 'keys that these people made and that were not asked for' })),
  notYet: orNull(Type.String({ description: 'the time asked for was not over: what came after this moment is not in it' })),
}); // prettier-ignore
export const SCOPE = Type.Object({
  id: Type.String(), criteria: Type.Object({ actors: Type.Array(Type.String()), grants: Type.Array(Type.String()), requests: Type.Array(Type.String()), from: Type.String(), to: Type.String() }),
  logSize: Type.Integer(), askedBy: Type.String(), askedAt: Type.String(), hash: Type.String(), totals: TOTALS, unknown: UNKNOWN,
  says: Type.Array(Type.String(), { description: 'the unknown part in words' }),
}); // prettier-ignore
const NAMES = Type.Array(Type.String());
export const CONCERNED = Type.Object({
  pseudonym: Type.String(), subject: orNull(Type.String({ description: 'null: erased since' })), clear: NAMES, masked: NAMES,
  classes: Type.Object({ clear: NAMES, masked: NAMES }), actions: NAMES, purposes: NAMES, firstAt: Type.String(), lastAt: Type.String(), entries: Type.Array(Type.Integer()),
}); // prettier-ignore
export const PAGE = {
  after: Type.Optional(Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', description: '`next` of the page before' })),
  limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '500' }),
}; // prettier-ignore
export const AUTHORITY = Type.Object({
  stage: Type.String(), law: Type.String(), controller: orNull(Type.String()), contact: orNull(Type.String()), reference: Type.String(),
  nature: Type.Object({ kind: Type.String(), reportedAt: Type.String(), firstAt: orNull(Type.String()), lastAt: orNull(Type.String()), classes: NAMES }),
  subjects: Type.Object({ approximately: Type.Integer(), inClear: Type.Integer(), maskedOnly: Type.Integer(), upToMore: Type.Integer() }),
  entries: Type.Integer(), consequences: NAMES, measures: NAMES, unknown: NAMES, late: Type.Boolean(), scope: orNull(Type.String({ description: 'hash of the newest' })), scopes: Type.Array(Type.String(), { description: 'hashes of all it was put together from' }),
}); // prettier-ignore

const common = { version: Type.Integer({ minimum: 1 }), happenedAt: Type.Optional(TIME) };
const text = { text: Type.Optional(WORDS) };
const change = <T extends Record<string, Type.TSchema>>(kind: string, more: T) =>
  Type.Object({ kind: Type.Literal(kind), ...common, ...text, ...more }, CLOSED);
export const CHANGE = Type.Union([
  change('note', { text: WORDS }),
  change('fact', { fact: Type.Enum(['aware', 'high-risk', 'notified']), clock: Type.Optional(CLOCK_ID) }),
  change('phase', { to: Type.Enum([...PHASES]) }),
  change('owner', { owner: Type.String({ pattern: '^per_[0-9a-z]{26}$', description: 'a person: per_…' }) }),
  change('severity', { severity: Type.Enum(['low', 'medium', 'high', 'critical']) }),
  change('kind', { is: KIND }),
  change('clocks', { clocks: Type.Array(CLOCK_ID, { maxItems: 20 }) }),
  change('task', { task: Type.String({ maxLength: 61 }) }),
  change('proposed', { clock: CLOCK_ID, what: Type.Enum(['notify', 'not-notify']), text: WORDS }),
  change('approved', { decision: Type.Integer({ minimum: 1 }) }),
  change('refused', { decision: Type.Integer({ minimum: 1 }) }),
]);

/** @returns null when a notification does not say whose it was */
export function changeIn({ happenedAt, ...body }: Type.Static<typeof CHANGE>): Change | null {
  const made = { ...body, ...(happenedAt === undefined ? {} : { happenedAt: new Date(happenedAt) }) } as Change;
  return made.kind === 'fact' && (made.fact === 'notified') !== 'clock' in made ? null : made;
}
