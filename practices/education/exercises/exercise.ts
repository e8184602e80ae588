/** An exercise: a task on synthetic customers, and which entries of the audit log show that it was done. YAML. */
import Type, { type Static } from 'typebox';

import { collectFaults, readOr, type Read } from '../content/fault.ts';
import { Audience, Id, Locale, strict, Version, Words } from '../content/shapes.ts';
import { checkText, hashOf } from '../content/text.ts';
import { readYaml } from '../content/yaml.ts';

const DATA_CLASSES = ['public', 'internal', 'personal', 'sensitive', 'special'] as const;
const Name = Type.String({ pattern: '^[a-z][a-z0-9_-]{0,40}$' });
const Purpose = Type.String({ pattern: '^[a-z][a-z-]*(\\.[a-z][a-z-]*){0,5}$', maxLength: 100 });
/** As in the log: `vault.search`, `access.grant.request`. */
const ActionName = Type.String({ pattern: '^[a-z]+(\\.[a-z-]+){1,4}$', maxLength: 80 });

/** All that is written must hold. */
const Matcher = Type.Object(
  {
    action: ActionName,
    outcome: Type.Optional(Type.Enum(['done', 'denied', 'failed'])),
    /** This purpose or one below it. */
    purpose: Type.Optional(Purpose),
    /** The entry is about exactly these customers of the exercise. */
    subjects: Type.Optional(Type.Array(Name, { minItems: 1, maxItems: 16 })),
    /** No more customers than these, whoever they are. */
    subjectsAtMost: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
    classAtMost: Type.Optional(Type.Enum([...DATA_CLASSES])),
    /** A report that was said to be about this very exercise; with a line, about that one of what was planted. */
    reports: Type.Optional(Type.Union([Type.Literal('exercise'), Type.Object({ planted: Name }, strict)])),
    /** The entry's detail: a text, number or boolean as it is; a list holds all of these; or at most a number. */
    detail: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[a-zA-Z]{1,40}$' }),
        Type.Union([
          Type.String({ maxLength: 200 }),
          Type.Number(),
          Type.Boolean(),
          Type.Array(Type.String({ maxLength: 200 }), { maxItems: 20 }),
          Type.Object({ atMost: Type.Number() }, strict),
          Type.Object({ none: Type.Literal(true) }, strict),
        ]),
      ),
    ),
  },
  strict,
);

const ExerciseShape = Type.Object(
  {
    id: Id,
    version: Version,
    locale: Locale,
    title: Words,
    audience: Audience,
    minutes: Type.Integer({ minimum: 1, maximum: 30 }),
    brief: Words,
    learned: Words,
    /**
     * Customers that are made up for it: names by which the steps speak of them, and what is held of each. `###` is three
     * digits, others for each learner; texts name a value as `{caller.phone}`.
     */
    customers: Type.Record(Name, Type.Record(Name, Type.String({ maxLength: 200 }))),
    /** Lines that stand in the log and in front of the learner, as if somebody had done that: their action says that it was planted. */
    planted: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Name,
            as: ActionName,
            at: Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' }),
            who: Words,
            what: Words,
            records: Type.Integer({ minimum: 0 }),
          },
          strict,
        ),
        { minItems: 1, maxItems: 12 },
      ),
    ),
    /** What one of the customers has asked for, before it begins. */
    requests: Type.Optional(
      Type.Array(
        Type.Object(
          { customer: Name, kind: Type.Enum(['access', 'copy', 'objection', 'restriction']), words: Words },
          strict,
        ),
        { maxItems: 3 },
      ),
    ),
    /** What somebody asks for about one of the customers, and the learner decides on. */
    grants: Type.Optional(
      Type.Array(
        Type.Object(
          {
            customer: Name,
            role: Name,
            purpose: Purpose,
            classes: Type.Array(Type.Enum([...DATA_CLASSES]), { minItems: 1, maxItems: 5 }),
            minutes: Type.Integer({ minimum: 1, maximum: 480 }),
            reads: Type.Integer({ minimum: 1, maximum: 1000 }),
            reason: Words,
          },
          strict,
        ),
        { maxItems: 4 },
      ),
    ),
    steps: Type.Array(
      Type.Object({ id: Id, says: Words, hint: Words, after: Type.Optional(Id), done: Matcher }, strict),
      { minItems: 1, maxItems: 12 },
    ),
    /** What spoils it, whenever it is done. */
    never: Type.Optional(Type.Array(Type.Object({ says: Words, matches: Matcher }, strict), { maxItems: 12 })),
  },
  strict,
);

export type EntryMatcher = Static<typeof Matcher>;
export type Exercise = Static<typeof ExerciseShape> & Readonly<{ hash: string }>;
/** Of a text: `{caller.phone}`. */
export const NAMED_VALUE = /\{([a-z][a-z0-9_-]*)\.([a-z][a-z0-9_-]*)\}/g;
export const classRank = (name: string): number => DATA_CLASSES.findIndex((each) => each === name);

export function readExercise(source: string): Read<Exercise> {
  const { report, faults } = collectFaults();
  const text = checkText(source, report);
  const shaped = text === null ? null : readYaml(text, ExerciseShape, report);
  if (text === null || shaped === null) return { ok: false, faults };
  const { value, lineOf } = shaped;
  const known = (matcher: EntryMatcher, line: number): void => {
    for (const name of matcher.subjects ?? [])
      if (!Object.hasOwn(value.customers, name)) report(line, `no customer ${name} is made for it`, `there are ${Object.keys(value.customers).join(', ')}`); // prettier-ignore
  };
  const lines = new Set(value.planted?.map(({ name }) => name));
  const reports = ({ reports: of }: EntryMatcher, line: number): void => {
    if (typeof of === 'object' && !lines.has(of.planted)) report(line, `no line ${of.planted} is planted`, `there are ${[...lines].join(', ') || 'none'}`);
  };
  for (const [, customer = '', field = ''] of [value.brief, value.learned, ...value.steps.flatMap(({ says, hint }) => [says, hint])].flatMap((each) => [...each.matchAll(NAMED_VALUE)]))
    if (!Object.hasOwn(value.customers, customer) || !Object.hasOwn(value.customers[customer] ?? {}, field)) report(lineOf('brief'), `nothing is held as ${customer}.${field}`, 'name a customer and a field of it');
  for (const part of ['requests', 'grants'] as const) value[part]?.forEach(({ customer }, at) => {
    if (!Object.hasOwn(value.customers, customer)) report(lineOf(part, at, 'customer'), `no customer ${customer} is made for it`, `there are ${Object.keys(value.customers).join(', ')}`);
  });
  const before = new Set<string>();
  value.steps.forEach(({ id, after, done }, at) => {
    const line = lineOf('steps', at, 'id');
    if (before.has(id)) report(line, `two steps are called ${id}`, 'rename one');
    if (after !== undefined && !before.has(after)) report(line, `no step ${after} comes before`, 'a step follows one that stands above it'); // prettier-ignore
    before.add(id);
    known(done, line);
    reports(done, line);
  });
  value.never?.forEach(({ matches }, at) => {
    const line = lineOf('never', at, 'says');
    known(matches, line);
    reports(matches, line);
  });
  return readOr(faults, () => ({ ...value, hash: hashOf(text) }));
} // prettier-ignore
