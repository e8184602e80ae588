/** A quiz: a pool of questions in YAML, each with why its answer is right. Format: docs/formats/education-texts.md. */
import Type, { type Static } from 'typebox';

import { collectFaults, readOr, type Read, type Report } from '../content/fault.ts';
import { Id, Locale, strict, Version, Words } from '../content/shapes.ts';
import { checkText, hashOf } from '../content/text.ts';
import { readYaml } from '../content/yaml.ts';

const asked = { id: Id, asks: Words };
const Answer = Type.Object({ says: Words, right: Type.Optional(Type.Boolean()), because: Words }, strict);
const few = { minItems: 2, maxItems: 12 } as const;

/** One kind's entries stand beside those of another: which ones belong together is checked below, in words. */
const QuestionShape = Type.Object(
  {
    ...asked,
    kind: Type.Unsafe<QuestionKind>(Type.Enum(['single', 'multi', 'order', 'match', 'cues'])),
    answers: Type.Optional(Type.Array(Answer, few)),
    /** For `order`: in the right order. For `cues`: the lines of a mail. */
    lines: Type.Optional(Type.Array(Words, { minItems: 2, maxItems: 30 })),
    pairs: Type.Optional(Type.Array(Type.Array(Words, { minItems: 2, maxItems: 2 }), few)),
    /** For `cues`: numbers of lines, from 1. */
    cues: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 30 }), { minItems: 1, maxItems: 30 })),
    because: Type.Optional(Words),
  },
  strict,
);

const QuizShape = Type.Object(
  {
    id: Id,
    version: Version,
    locale: Locale,
    title: Words,
    draw: Type.Integer({ minimum: 3, maximum: 20 }),
    mastery: Type.Number({ minimum: 0.5, maximum: 1 }),
    questions: Type.Array(QuestionShape, { minItems: 3, maxItems: 200 }),
  },
  strict,
);

type QuestionKind = 'single' | 'multi' | 'order' | 'match' | 'cues';
type AnswerOption = Readonly<{ says: string; right: boolean; because: string }>;

export type Question = Readonly<{ id: string; asks: string }> &
  (
    | Readonly<{ kind: 'single' | 'multi'; answers: readonly AnswerOption[] }>
    | Readonly<{ kind: 'order'; lines: readonly string[]; because: string }>
    | Readonly<{ kind: 'match'; pairs: readonly (readonly [left: string, right: string])[]; because: string }>
    /** `cues`: indexes into `lines`. */
    | Readonly<{ kind: 'cues'; lines: readonly string[]; cues: readonly number[]; because: string }>
  );

export type Quiz = Readonly<{
  id: string;
  version: number;
  hash: string;
  locale: string;
  title: string;
  /** How many of the pool are asked. */
  draw: number;
  /** The part of them that must be right, 0.5 to 1. */
  mastery: number;
  questions: readonly Question[];
}>;

export function readQuiz(source: string): Read<Quiz> {
  const { report, faults } = collectFaults();
  const text = checkText(source, report);
  const shaped = text === null ? null : readYaml(text, QuizShape, report);
  if (text === null || shaped === null) return { ok: false, faults };
  const { value, lineOf } = shaped;
  const ids = new Set<string>();
  const questions = value.questions.flatMap((written, at) => {
    const line = lineOf('questions', at, 'id');
    if (ids.has(written.id)) report(line, `two questions are called ${written.id}`, 'rename one: statistics go by the name');
    ids.add(written.id);
    return readQuestion(written, line, report) ?? [];
  });
  // who fails is asked others
  if (value.questions.length < value.draw + 3)
    report(lineOf('draw'), `${value.draw} are drawn from ${value.questions.length}`, 'the pool needs three more than are drawn'); // prettier-ignore
  return readOr(faults, () => ({ ...value, hash: hashOf(text), questions }));
} // prettier-ignore

function readQuestion(written: Static<typeof QuestionShape>, line: number, report: Report): Question | null {
  const { id, asks, kind, answers, lines, pairs, cues, because } = written;
  const has = { answers, lines, pairs, cues, because };
  const needs: Readonly<Record<QuestionKind, readonly (keyof typeof has)[]>> = {
    single: ['answers'],
    multi: ['answers'],
    order: ['lines', 'because'],
    match: ['pairs', 'because'],
    cues: ['lines', 'cues', 'because'],
  };
  const names = Object.keys(has) as (keyof typeof has)[];
  const wrong = names.find((name) => (has[name] !== undefined) !== needs[kind].includes(name));
  const no = (says: string, hint: string): null => {
    report(line, says, hint, id);
    return null;
  };
  if (wrong !== undefined) return no(`a question of the kind ${kind} has ${needs[kind].join(', ')}`, `look at ${wrong}`);
  if (answers !== undefined) {
    const options = answers.map((each) => ({ ...each, right: each.right ?? false }));
    const right = options.filter((each) => each.right).length;
    if (kind === 'single' && right !== 1) return no(`${right} answers are right`, 'one is, in the kind single');
    if (right === 0 || right === options.length) return no('no answer is right, or each is', 'then nothing is asked');
    if (repeats(options.map(({ says }) => says))) return no('two answers say the same', 'change one');
    return { id, asks, kind: kind === 'multi' ? 'multi' : 'single', answers: options };
  }
  if (repeats(lines ?? []) || repeats((pairs ?? []).map(([left]) => left ?? '')) || repeats((pairs ?? []).map(([, right]) => right ?? ''))) // prettier-ignore
    return no('two lines say the same', 'then two orders would be right');
  if (pairs !== undefined) return { id, asks, kind: 'match', pairs: pairs as [string, string][], because: because ?? '' };
  if (cues === undefined) return { id, asks, kind: 'order', lines: lines ?? [], because: because ?? '' };
  if (repeats(cues.map(String)) || cues.some((each) => each > (lines ?? []).length))
    return no('a cue that is no line', 'cues are numbers of lines, from 1');
  if ((lines ?? []).length < cues.length + 2)
    return no('who marks all lines would be right', 'one too many is forgiven: two lines at least give nothing away');
  return { id, asks, kind: 'cues', lines: lines ?? [], cues: cues.map((each) => each - 1), because: because ?? '' };
} // prettier-ignore

const repeats = (texts: readonly string[]): boolean => new Set(texts).size !== texts.length;
