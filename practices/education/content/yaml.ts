/**
 * YAML as a document of the right shape, or every fault with its line: YAML 1.2 core, no dates, no tags, no aliases.
 */
import { offsetAt } from '#platform/yaml';
import type { Static, TSchema } from 'typebox';
import { Check, Errors } from 'typebox/schema';
import { Lexer, LineCounter, parseDocument, visit } from 'yaml';

import type { Report } from './fault.ts';
import { hiddenIn } from './text.ts';

type Step = string | number;

/** `lineOf`: the line of the entry at a path, or of the nearest one around it. */
export type Shaped<T> = Readonly<{ value: T; lineOf: (...at: readonly Step[]) => number }>;

/** @param firstLine line of the file on which `source` begins */
export function readYaml<S extends TSchema>(
  source: string,
  schema: S,
  report: Report,
  firstLine = 1,
): Shaped<Static<S>> | null {
  const deep = tooDeep(source);
  if (deep !== null) {
    report(firstLine + deep, 'entries within entries within entries', `at most ${DEEPEST} brackets or dashes deep`);
    return null;
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { version: '1.2', schema: 'core', uniqueKeys: true, strict: true, lineCounter: lines });
  const shift = (offset: number): number => lines.linePos(offset).line + firstLine - 1;
  let fine = true;
  const refuse: Report = (...fault) => {
    fine = false;
    report(...fault);
  };
  for (const fault of [...document.errors, ...document.warnings])
    refuse(shift(fault.pos[0]), `not YAML: ${fault.code}`, 'check indentation, quotes and colons near this line');
  visit(document, {
    // checkText saw the file; what is written as an escape is a character only now
    Scalar: (_key, { value, range }) => {
      const hidden = typeof value === 'string' ? hiddenIn(value) : null;
      if (hidden !== null) refuse(shift(range?.[0] ?? 0), `a character that nobody sees (${hidden}), as an escape`, 'remove it');
    },
    Alias: (_key, node) => {
      refuse(shift(node.range?.[0] ?? 0), 'an alias (*name) is used', 'write the entry out');
      return visit.BREAK;
    },
  });
  if (!fine) return null;
  const lineOf = (...at: readonly Step[]): number => shift(offsetAt(document, at) ?? 0);
  const value: unknown = document.toJS();
  if (Check(schema, value)) return { value, lineOf };
  for (const error of Errors(schema, value)[1]) {
    const { keyword, instancePath, params } = error as { keyword: string; instancePath: string; params: object };
    const at = instancePath.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    // `anyOf` says it for all of its branches
    if (keyword === 'boolean' || keyword === 'const') continue;
    const unknown = keyword === 'additionalProperties' ? (params as { additionalProperties: readonly string[] }).additionalProperties : [];
    refuse(lineOf(...at, ...unknown.slice(0, 1)), ...wordsFor(keyword, params, error.message), at.join('.'));
  }
  if (fine) refuse(firstLine, 'this is not what is expected here', 'see docs/formats/education-texts.md');
  return null;
} // prettier-ignore

const DEEPEST = 20;

/**
 * What is nested too deep for any format here, before a parser spends its time on it: seconds for a file of brackets.
 * @returns the index of the line, or null
 */
function tooDeep(source: string): number | null {
  const at = source.split('\n').findIndex((line) => {
    let [dashes, place] = [0, 0];
    for (; '-?: '.includes(line[place] ?? 'x'); place += 1) if (line[place] !== ' ') dashes += 1;
    return dashes > DEEPEST || line.length - line.trimStart().length > DEEPEST * 4;
  });
  if (at >= 0) return at;
  // most files have fewer brackets in all than would be too deep
  if ((source.match(/[[{]/g)?.length ?? 0) <= DEEPEST) return null;
  let [open, line] = [0, 0];
  // by the parser's own lexer: a bracket within quotes or a comment opens and closes nothing
  for (const lexeme of new Lexer().lex(source)) {
    if (lexeme === '[' || lexeme === '{') open += 1;
    else if (lexeme === ']' || lexeme === '}') open = Math.max(0, open - 1);
    if (open > DEEPEST) return line;
    line += lexeme.split('\n').length - 1;
  }
  return null;
}

function wordsFor(keyword: string, params: object, message: string): [says: string, hint: string] {
  if (keyword === 'additionalProperties') {
    const { additionalProperties } = params as { additionalProperties: readonly string[] };
    return [`not known here: ${additionalProperties.join(', ')}`, 'remove it, or check how it is spelt'];
  }
  if (keyword === 'required') {
    const { requiredProperties } = params as { requiredProperties: readonly string[] };
    return [`missing: ${requiredProperties.join(', ')}`, 'add it'];
  }
  return [`this is not what is expected here: ${message}`, 'see the starters for how it is written'];
}
