/** A policy: what holds, who does what by when, and what follows when it is broken. Markdown. */
import Type from 'typebox';

import { readDocument, sectionsOf, type Section } from '../content/document.ts';
import { readOr, type Read, type Report } from '../content/fault.ts';
import { Audience, Id, Locale, strict, Version, Words } from '../content/shapes.ts';
import { plainText, wordsOf } from '../content/tree.ts';

/** Mild to grave. People decide about people: no step of it happens by itself. */
const LADDER = ['coaching', 'course-again', 'access-removal', 'hr-referral'] as const;

const Check = Type.Object(
  {
    asks: Words,
    answers: Type.Array(Type.Object({ says: Words, right: Type.Optional(Type.Boolean()) }, strict), { minItems: 2, maxItems: 6 }), // prettier-ignore
  },
  strict,
);

const Front = Type.Object(
  {
    id: Id,
    version: Version,
    title: Words,
    locale: Locale,
    owner: Words,
    /** Who must sign it. */
    acknowledge: Audience,
    /** Whether this version changes what people do: then they sign anew. */
    material: Type.Boolean(),
    reviewMonths: Type.Integer({ minimum: 1, maximum: 36 }),
    ladder: Type.Array(Type.Unsafe<(typeof LADDER)[number]>(Type.Enum([...LADDER])), { minItems: 1, maxItems: 4 }),
    /** How long a confirmed violation counts for the next one. */
    ladderMonths: Type.Optional(Type.Integer({ minimum: 1, maximum: 36 })),
    /** After how many working days those who may decide on a violation are reminded, and again after as many. */
    ladderRemindDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 30 })),
    /** Asked before signing. */
    checks: Type.Array(Check, { minItems: 1, maxItems: 5 }),
  },
  strict,
);

const SECTIONS = ['Purpose', 'Who', 'Rules', 'Procedure', 'Consequences', 'Exceptions', 'Contact'] as const;
const STEP_COLUMNS = ['Step', 'Owner', 'Time'];

export type Policy = Readonly<{
  id: string;
  version: number;
  /** Of the whole text: what is signed. */
  hash: string;
  title: string;
  locale: string;
  owner: string;
  acknowledge: readonly string[];
  material: boolean;
  reviewMonths: number;
  ladder: readonly (typeof LADDER)[number][];
  ladderMonths?: number;
  ladderRemindDays?: number;
  checks: readonly Readonly<{ asks: string; answers: readonly Readonly<{ says: string; right: boolean }>[] }>[];
  sections: readonly Section[];
  procedure: readonly Readonly<{ step: string; owner: string; time: string }>[];
  words: number;
}>;

export function readPolicy(source: string): Read<Policy> {
  const read = readDocument(source, Front, { links: 'text', asides: ['note'] });
  if (!('value' in read)) return { ok: false, faults: read };
  const { value: front, blocks, hash, report, faults, lineOf } = read;
  const sections = sectionsOf(blocks, report);
  const titles = sections.map(({ title }) => title).join(', ');
  if (titles !== SECTIONS.join(', ')) report(sections[0]?.line ?? 1, `the sections are ${titles}`, `they are ${SECTIONS.join(', ')}`); // prettier-ignore
  const rules = sections.find(({ title }) => title === 'Rules');
  if (rules !== undefined && !rules.blocks.some(({ kind }) => kind === 'list'))
    report(rules.line, 'the rules are no list', 'write each rule as an item, so that it can be pointed at');
  const ranks = front.ladder.map((each) => LADDER.indexOf(each));
  if (ranks.some((rank, at) => at > 0 && rank <= (ranks[at - 1] as number)))
    report(lineOf('ladder'), 'the ladder goes down', `from mild to grave: ${LADDER.join(', ')}`);
  const checks = front.checks.map(({ asks, answers }, at) => {
    if (answers.filter(({ right }) => right === true).length !== 1) report(lineOf('checks', at), 'one answer is right, and only one', 'mark it by right: true'); // prettier-ignore
    return { asks, answers: answers.map(({ says, right }) => ({ says, right: right ?? false })) };
  });
  const procedure = procedureOf(sections, report);
  return readOr(faults, () => ({ ...front, checks, hash, sections, procedure, words: wordsOf(blocks) }));
}

function procedureOf(sections: readonly Section[], report: Report): Policy['procedure'] {
  const section = sections.find(({ title }) => title === 'Procedure');
  const table = section?.blocks.find((block) => block.kind === 'table');
  if (section === undefined) return [];
  if (table === undefined || table.head.map((cell) => plainText(cell)).join() !== STEP_COLUMNS.join()) {
    report(section.line, 'the procedure has no table of steps', `its columns are ${STEP_COLUMNS.join(', ')}`);
    return [];
  }
  return table.rows.map((row) => {
    const [step = '', owner = '', time = ''] = row.map((cell) => plainText(cell));
    if (step === '' || owner === '' || time === '') report(table.line, 'a step without owner or time', 'say who does it, and by when'); // prettier-ignore
    return { step, owner, time };
  });
}
