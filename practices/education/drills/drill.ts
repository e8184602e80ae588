/** A drill: a story that comes piece by piece, what is to be decided at each, and of some a breach whose scope is known. YAML. */
import Type, { type Static } from 'typebox';

import { collectFaults, readOr, type Read, type Report } from '../content/fault.ts';
import { Audience, Id, Locale, strict, Version, Words } from '../content/shapes.ts';
import { checkText, hashOf } from '../content/text.ts';
import { readYaml } from '../content/yaml.ts';
import { BREACH_CLOCKS } from '../incidents/breach-clocks.ts';
import { LEAVES } from '../incidents/leaves.ts';
import { KINDS } from '../incidents/playbook.ts';

const Name = Type.String({ pattern: '^[a-z][a-z0-9_]{0,40}$' });
const FieldName = Type.String({ pattern: '^[a-z][a-z0-9_]{0,60}$' });
const Minute = Type.Integer({ minimum: 0, maximum: 120 });
const Within = Type.Integer({ minimum: 1, maximum: 60 });

const Option = Type.Object({ says: Words, right: Type.Optional(Type.Literal(true)), because: Words }, strict);
const Inject = Type.Object(
  {
    id: Id,
    /** Of the clock on the wall, from the beginning on. */
    minute: Minute,
    /** Who says it, and how. */
    from: Words,
    says: Words,
    decide: Type.Optional(
      Type.Object(
        {
          asks: Words,
          /** Minutes of the wall. Later it counts half. */
          within: Within,
          /** It is the decision that this clock of the law asks for. */
          clock: Type.Optional(Type.Enum(BREACH_CLOCKS.map(({ id }) => id))),
          options: Type.Array(Option, { minItems: 2, maxItems: 5 }),
        },
        strict,
      ),
    ),
  },
  strict,
);
const PlantedLine = Type.Object(
  {
    actor: Name,
    /** Minutes of the story, from its beginning on; below zero before it. */
    at: Type.Integer({ minimum: -60 * 24 * 60, maximum: 60 * 24 * 60 }),
    /** As in the log: one of those by which data leaves. */
    action: Type.String({ pattern: '^[a-z]+(\\.[a-z-]+){1,4}$', maxLength: 80 }),
    /** The first and the last of them, by number from 1. */
    customers: Type.Tuple([Type.Integer({ minimum: 1 }), Type.Integer({ minimum: 1 })]),
    clear: Type.Optional(Type.Array(FieldName, { maxItems: 20 })),
    masked: Type.Optional(Type.Array(FieldName, { maxItems: 20 })),
    classes: Type.Array(Type.Enum(['internal', 'personal', 'sensitive', 'special']), { minItems: 1, maxItems: 4 }),
    purpose: Type.Optional(Type.String({ pattern: '^[a-z][a-z-]*(\\.[a-z][a-z-]*){0,5}$', maxLength: 100 })),
    /** It is part of the breach. */
    leaked: Type.Optional(Type.Literal(true)),
  },
  strict,
);
const Breach = Type.Object(
  {
    minute: Minute,
    asks: Words,
    within: Within,
    /** So many are made up for it. */
    customers: Type.Integer({ minimum: 1, maximum: 300 }),
    lines: Type.Array(PlantedLine, { minItems: 2, maxItems: 60 }),
  },
  strict,
);
const DrillShape = Type.Object(
  {
    id: Id,
    version: Version,
    locale: Locale,
    title: Words,
    /** Which playbook is at hand. */
    kind: Type.Enum([...KINDS]),
    audience: Audience,
    minutes: Type.Integer({ minimum: 2, maximum: 120 }),
    /** One minute of the wall is so many of the story. */
    pace: Type.Integer({ minimum: 1, maximum: 1440 }),
    /** How long having passed it holds. */
    validityDays: Type.Integer({ minimum: 30, maximum: 1000 }),
    /** From this part of all points on. */
    passes: Type.Number({ minimum: 0.5, maximum: 1 }),
    /** Clocks of the law that run in it, and the inject from which one knows. */
    clocks: Type.Optional(Type.Array(Type.Enum(BREACH_CLOCKS.map(({ id }) => id)), { maxItems: 7 })),
    aware: Type.Optional(Id),
    /** Keys and people of the story: texts name one's id as `{actor.name}`. */
    actors: Type.Optional(
      Type.Record(Name, Type.Object({ as: Type.Enum(['key', 'per', 'wkl']), says: Words }, strict)),
    ),
    /** Moments of the story, in its minutes: texts name one as `{time.name}`. */
    times: Type.Optional(Type.Record(Name, Type.Integer({ minimum: -60 * 24 * 60, maximum: 60 * 24 * 60 }))),
    story: Words,
    /** What is to be remembered, read together afterwards. */
    debrief: Words,
    injects: Type.Array(Inject, { minItems: 2, maxItems: 12 }),
    breach: Type.Optional(Breach),
  },
  strict,
);
export type Drill = Static<typeof DrillShape> & Readonly<{ hash: string }>;

/** Of a text: `{actor.thief}`, `{time.first}`. */
export const NAMED = /\{(actor|time)\.([a-z][a-z0-9_]*)\}/g;

export function readDrill(source: string): Read<Drill> {
  const { report, faults } = collectFaults();
  const text = checkText(source, report);
  const shaped = text === null ? null : readYaml(text, DrillShape, report);
  if (text === null || shaped === null) return { ok: false, faults };
  const { value, lineOf } = shaped;
  checkInjects(value, report, lineOf);
  if (value.breach !== undefined) checkBreach(value, value.breach, report, lineOf);
  const named = [value.story, value.debrief, value.breach?.asks ?? '', ...value.injects.flatMap(({ says, decide }) => [says, decide?.asks ?? '', ...(decide?.options ?? []).flatMap((each) => [each.says, each.because])])];
  for (const [whole, kind, name = ''] of named.flatMap((each) => [...each.matchAll(NAMED)]))
    if (!Object.hasOwn((kind === 'actor' ? value.actors : value.times) ?? {}, name)) report(lineOf('injects'), `nothing is called ${whole}`, 'name it under actors or times');
  return readOr(faults, () => ({ ...value, hash: hashOf(text) }));
} // prettier-ignore

type LineOf = (...at: readonly (string | number)[]) => number;

function checkInjects({ injects, minutes, aware, clocks = [], breach }: Static<typeof DrillShape>, report: Report, lineOf: LineOf): void {
  const seen = new Set<string>();
  let last = 0;
  injects.forEach(({ id, minute, decide }, at) => {
    const line = lineOf('injects', at, 'id');
    if (seen.has(id)) report(line, `two injects are called ${id}`, 'rename one');
    if (minute < last) report(line, `${id} comes before the one above it`, 'put them in the order of their minutes');
    if (minute >= minutes) report(line, `${id} comes when the drill is over`, 'give it an earlier minute, or the drill more minutes');
    if (decide !== undefined && decide.options.filter(({ right }) => right === true).length !== 1) report(line, `${id} has not one right answer`, 'mark one option with right: true');
    if (decide?.clock !== undefined && !clocks.includes(decide.clock)) report(line, `the clock ${decide.clock} does not run in it`, 'name it under clocks');
    seen.add(id);
    last = minute;
  });
  if (injects[0]?.minute !== 0) report(lineOf('injects', 0, 'id'), 'nothing happens at the beginning', 'give the first inject minute 0');
  if (!injects.some(({ decide }) => decide !== undefined)) report(lineOf('injects'), 'nothing is to be decided', 'give an inject a decision');
  if (breach !== undefined && breach.minute >= minutes) report(lineOf('breach', 'minute'), 'the scope is asked for when the drill is over', 'give it an earlier minute');
  if (clocks.length > 0 && (aware === undefined || !seen.has(aware))) report(lineOf('clocks'), 'nothing says from when the clocks run', 'name an inject under aware');
} // prettier-ignore

function checkBreach({ actors = {} }: Static<typeof DrillShape>, { customers, lines }: Static<typeof Breach>, report: Report, lineOf: LineOf): void {
  lines.forEach(({ actor, action, customers: [first, last] }, at) => {
    const line = lineOf('breach', 'lines', at, 'actor');
    if (!Object.hasOwn(actors, actor)) report(line, `there is no actor ${actor}`, 'name it under actors');
    if (!LEAVES.test(action)) report(line, `by ${action} no data leaves`, 'take an action such as vault.read or vault.export');
    if (first > last || last > customers) report(line, `there are no customers ${first} to ${last}`, `they are numbered from 1 to ${customers}`);
  });
  if (!lines.some(({ leaked }) => leaked === true)) report(lineOf('breach'), 'nothing has leaked', 'mark lines with leaked: true');
} // prettier-ignore

/** Numbers of those who were concerned: what the team is to find. */
export const truthOf = ({ lines }: NonNullable<Drill['breach']>): ReadonlySet<number> =>
  new Set(lines.flatMap(({ leaked, customers: [first, last] }) => (leaked === true ? Array.from({ length: last - first + 1 }, (_, at) => first + at) : []))); // prettier-ignore
