/** Shapes of what the routes of traffic take and answer. */
import Type from 'typebox';

import { SEVERITIES } from '../alert.ts';
import { ACTIONS } from '../cases/playbooks.ts';

export const NULLABLE = Type.Union([Type.String(), Type.Null()]);
export const SEVERITY = Type.Enum([...SEVERITIES]);
export const ACTION = Type.Enum([...ACTIONS]);
const FIGURE = Type.Number();

export const ENTITY = Type.Object({
  session: Type.Optional(Type.String()),
  key: Type.Optional(Type.String()),
  actor: Type.Optional(Type.String()),
  address: Type.Optional(Type.String()),
  host: Type.Optional(Type.String()),
});
export const ALERT = Type.Object({
  uid: Type.String(),
  case: Type.String({ description: 'case_…' }),
  rule: Type.String(),
  title: Type.String(),
  severity: SEVERITY,
  at: Type.String({ description: 'by the clock of who saw it' }),
  foundAt: Type.String(),
  reason: Type.String({ description: 'in words, with the figures' }),
  measure: Type.Union([Type.Object({ name: Type.String(), value: FIGURE, usual: FIGURE, limit: FIGURE }), Type.Null()]),
  attack: Type.Array(Type.String({ description: 'MITRE ATT&CK technique' })),
});
const CASE_MEMBERS = {
  id: Type.String({ description: 'case_…' }),
  about: Type.String({ description: 'whom it is about, as `key key_…` or `address 192.0.2.1`' }),
  title: Type.String(),
  severity: SEVERITY,
  state: Type.Enum(['open', 'working', 'closed']),
  verdict: Type.Union([Type.Enum(['true-positive', 'benign', 'false-positive']), Type.Null()]),
  owner: NULLABLE,
  entity: ENTITY,
  attack: Type.Array(Type.String()),
  rules: Type.Array(Type.String()),
  alerts: Type.Integer(),
  customers: Type.Integer({ description: 'different customers it concerns' }),
  openedAt: Type.String(),
  lastAt: Type.String(),
  closedAt: NULLABLE,
};
export const CASE = Type.Object(CASE_MEMBERS);
export const WHOLE_CASE = Type.Object({
  ...CASE_MEMBERS,
  newestAlerts: Type.Array(ALERT),
  steps: Type.Array(Type.Object({ at: Type.String(), by: Type.String(), kind: Type.String(), note: Type.String() })),
  subjects: Type.Array(Type.String({ description: 'sub_…' })),
  actions: Type.Array(ACTION),
});
export const SUPPRESSION = Type.Object({
  id: Type.String({ description: 'sup_…' }),
  rule: Type.String(),
  about: NULLABLE,
  until: Type.String(),
  reason: Type.String(),
  by: Type.String(),
  hits: Type.Integer(),
});
export const LIVE = Type.Object({
  at: Type.String(),
  minutes: Type.Array(
    Type.Object({
      minute: Type.String(),
      sensor: Type.String(),
      events: Type.Integer(),
      failed: Type.Integer(),
      subjects: Type.Integer({ description: 'customers touched, once for each request' }),
      bytes: Type.Integer(),
      dropped: Type.Integer(),
    }),
  ),
  busiest: Type.Array(
    Type.Object({ actor: Type.String(), purpose: Type.String(), customers: Type.Integer({ description: 'today' }) }),
  ),
  alerts: Type.Array(ALERT),
  inspection: Type.Object(
    {
      mode: Type.Enum(['off', 'monitor', 'refuse']),
      engine: Type.String({ description: 'libddwaf, or which other engine serves and why' }),
      looked: Type.Integer(), matched: Type.Integer(), unsure: Type.Integer({ description: 'not looked at as a whole: never clean' }), refused: Type.Integer(),
      spentMs: FIGURE, slowestMs: FIGURE,
    },
    { description: 'of requests that look like attacks: this server, since it began' },
  ),
}); // prettier-ignore
export const SENSOR = Type.Object({
  name: Type.String(),
  node: Type.String(),
  running: Type.Boolean(),
  events: Type.Integer(),
  malformed: Type.Integer(),
  dropped: Type.Integer(),
  gaps: Type.Integer(),
  problem: NULLABLE,
  seenAt: Type.String(),
  lastEventAt: NULLABLE,
});
export const ACTOR_DAY = Type.Object({
  day: Type.String({ description: 'as 2026-01-31, of UTC' }),
  purpose: Type.String({ description: '- where none was said' }),
  events: Type.Integer(),
  failed: Type.Integer(),
  customers: Type.Integer({ description: 'different ones, of those who are not erased' }),
});
/** OCSF 1.6: any of its members may be there. */
export const EVENT = Type.Object({}, { additionalProperties: true });
export const RULE = Type.Object({
  id: Type.String(),
  title: Type.String(),
  description: Type.String(),
  level: NULLABLE,
  attack: Type.Array(Type.String()),
  falsePositives: Type.Array(Type.String()),
  own: Type.Boolean({ description: 'of this installation; else shipped' }),
  state: Type.Enum(['on', 'off', 'suspended', 'idle', 'part'], {
    description: 'idle: no sensor makes such events; part: correlations stand on it',
  }),
  because: Type.String(),
  by: NULLABLE,
  alerts: Type.Integer({ description: 'within 30 days' }),
  lastAt: NULLABLE,
  text: Type.String(),
});
export const FAULT = Type.Object({
  file: Type.String(),
  line: Type.Union([Type.Integer(), Type.Null()]),
  rule: NULLABLE,
  weight: Type.Enum(['error', 'warning']),
  says: Type.String(),
  hint: Type.String(),
});
export const TRIAL = Type.Object({
  faults: Type.Array(FAULT),
  events: Type.Integer({ description: 'shown to the rule' }),
  alerts: Type.Array(Type.Object({ at: Type.String(), reason: Type.String(), severity: Type.String() })),
  more: Type.Integer(),
});
export const MEASURE = Type.Object({
  id: Type.String({ description: 'msr_…' }),
  kind: Type.Enum(['throttle', 'block-address']),
  target: Type.String(),
  until: Type.String(),
  case: NULLABLE,
  reason: Type.String(),
  by: Type.String(),
  madeAt: Type.String(),
});
export const HONEY = Type.Object({
  id: Type.String({ description: 'hny_…' }),
  kind: Type.Enum(['customer', 'token']),
  subjectId: NULLABLE,
  note: Type.String(),
  by: Type.String(),
  plantedAt: Type.String(),
});
/** Of addresses and queries: neither control characters nor what stands for bytes that are no UTF-8. */
export const LINE = String.raw`^[^\u0000-\u001f\u007f\ufffd]*$`;
/** Of a name in a query: a percent sign there is what was left of bytes that are no UTF-8. */
export const NAME = String.raw`^[^%\u0000-\u001f\u007f\ufffd]*$`;
/** A Sigma rule's id, or a behaviour's name. */
export const RULE_ID = '^(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[a-z]{2,20}\\.[a-z][a-z.-]{0,60})$';

export const PLAYBOOK = {
  rule: Type.Union([Type.String({ pattern: RULE_ID }), Type.Null()], { description: 'null: every alert from the severity on' }),
  severity: SEVERITY,
  action: ACTION,
  seconds: Type.Integer({ minimum: 60, maximum: 604_800 }),
  mode: Type.Enum(['shadow', 'on', 'off'], { description: 'shadow: the case says what would have been done' }),
  perHour: Type.Integer({ minimum: 1, maximum: 1000 }),
}; // prettier-ignore

export const CLOSED = { additionalProperties: false } as const;
export const reason = Type.String({ minLength: 1, maxLength: 2000 });
export const LONGEST_SECONDS = 604_800;
