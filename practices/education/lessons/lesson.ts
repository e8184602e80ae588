/** A lesson: a Markdown file of sections, scenes and choices. Format: docs/formats/education-texts.md. */
import Type from 'typebox';

import { readDocument, sectionsOf, type Section } from '../content/document.ts';
import { readOr, type Read, type Report } from '../content/fault.ts';
import { Audience, Id, Locale, Sources, strict, Version, Words } from '../content/shapes.ts';
import { plainText, wordsOf, WORDS_PER_MINUTE, type Block } from '../content/tree.ts';

const Front = Type.Object(
  {
    id: Id,
    version: Version,
    title: Words,
    audience: Audience,
    minutes: Type.Integer({ minimum: 1, maximum: 15 }),
    validityDays: Type.Integer({ minimum: 1, maximum: 1100 }),
    locale: Locale,
    quiz: Id,
    exercises: Type.Optional(Type.Array(Id, { maxItems: 10 })),
    requires: Type.Optional(Type.Array(Id, { maxItems: 10 })),
    practises: Type.Optional(Type.Array(Id, { maxItems: 10 })),
    sources: Sources,
  },
  strict,
);

export type Choice = Readonly<{
  line: number;
  asks: string;
  options: readonly Readonly<{ says: string; right: boolean; because: string }>[];
}>;

export type Lesson = Readonly<{
  id: string;
  version: number;
  /** Of the whole file: what an attempt is pinned to. */
  hash: string;
  title: string;
  audience: readonly string[];
  minutes: number;
  validityDays: number;
  locale: string;
  quiz: string;
  exercises: readonly string[];
  requires: readonly string[];
  /** Exercises without which the course is not passed. */
  practises: readonly string[];
  sources: readonly string[];
  sections: readonly Section[];
  choices: readonly Choice[];
  words: number;
}>;

const ASIDES = ['scenario', 'choice', 'note', 'exercise'];

export function readLesson(source: string): Read<Lesson> {
  const read = readDocument(source, Front, { links: 'text', asides: ASIDES });
  if (!('value' in read)) return { ok: false, faults: read };
  const { value: front, blocks, hash, report, faults, lineOf } = read;
  const sections = sectionsOf(blocks, report);
  if (sections.length < 2) report(1, 'a lesson of fewer than two sections', 'begin each part with ## and a title');
  const choices = blocks.flatMap((block) => (block.kind === 'aside' && block.name === 'choice' ? readChoice(block, report) : [])); // prettier-ignore
  const named = new Set([...(front.exercises ?? []), ...(front.practises ?? [])]);
  for (const block of blocks)
    if (block.kind === 'aside' && block.name === 'exercise') {
      const id = block.blocks.map((each) => (each.kind === 'paragraph' ? plainText(each.parts) : '')).join();
      if (!named.has(id)) report(block.line, 'an exercise that is not named above', 'write its id alone, and name it in exercises or practises'); // prettier-ignore
    }
  const words = wordsOf(blocks);
  const minutes = words / WORDS_PER_MINUTE;
  if (Math.abs(front.minutes - minutes) > 0.75)
    report(lineOf('minutes'), `${front.minutes} minutes are said, the ${words} words take ${minutes.toFixed(1)}`, `count ${WORDS_PER_MINUTE} words a minute`); // prettier-ignore
  return readOr(faults, () => ({
    ...front,
    exercises: front.exercises ?? [],
    requires: front.requires ?? [],
    practises: front.practises ?? [],
    hash,
    sections,
    choices,
    words,
  }));
}

/** Below the question a list: `- [x] what one does => what comes of it`. */
function readChoice(aside: Block & { kind: 'aside' }, report: Report): readonly Choice[] {
  const [question, list] = aside.blocks;
  const wrong = (says: string): readonly Choice[] => {
    report(aside.line, says, 'write a question, then a list: - [x] what one does => what comes of it');
    return [];
  };
  if (question?.kind !== 'paragraph' || list?.kind !== 'list' || aside.blocks.length !== 2)
    return wrong('a choice that is not a question and a list');
  const options = list.items.map((item) => {
    const text = plainText(item);
    const cut = text.indexOf('=>');
    const mark = text.slice(0, 4);
    const right = mark === '[x] ';
    return (right || mark === '[ ] ') && cut > 4
      ? { says: text.slice(4, cut).trim(), right, because: text.slice(cut + 2).trim() }
      : null;
  });
  if (options.includes(null)) return wrong('an answer without [ ] or [x], or without => and what comes of it');
  const known = options.filter((each) => each !== null);
  if (known.length < 2 || known.filter(({ right }) => right).length !== 1)
    return wrong('a choice needs two answers or more, and one that is right');
  return [{ line: aside.line, asks: plainText(question.parts), options: known }];
}
