/**
 * A rule file as text → its YAML documents as values, or what is wrong with its line.
 *
 * YAML 1.2 core schema. Aliases are refused: they are how a small text becomes a large value, and nobody who reviews a rule
 * sees through them. Maps stay Maps: a key named `__proto__` is a key.
 */
import { offsetAt } from '#platform/yaml';
import { isScalar, LineCounter, parseAllDocuments, visit, type Document } from 'yaml';

import type { Report, RuleFault, Step } from './fault.ts';

/** Largest rule file read, in UTF-16 code units. */
export const MOST_TEXT = 256 * 1024;
const MOST_DOCUMENTS = 200;
/** Deeper than any rule: a condition has its own brackets. */
const MOST_DEPTH = 32;
const MOST_FAULTS = 50;

export type RuleDocument = Readonly<{ value: unknown; report: Report }>;

export function readDocuments(file: string, text: string): { documents: RuleDocument[]; faults: RuleFault[] } {
  const faults: RuleFault[] = [];
  const fault = (line: number | null, says: string, hint: string): void => {
    if (faults.length < MOST_FAULTS) faults.push({ file, line, rule: null, weight: 'error', says, hint });
  };
  const nothing = { documents: [], faults };
  if (text.length > MOST_TEXT) {
    fault(null, `the file has ${text.length} characters`, `at most ${MOST_TEXT} are read: split it into several files`);
    return nothing;
  }
  if (text.includes('\0') || !text.isWellFormed()) {
    fault(null, 'the file has a character U+0000 or half of a surrogate pair', 'save it as UTF-8 text');
    return nothing;
  }
  const deep = tooDeep(text);
  if (deep !== null) {
    fault(
      deep,
      `lists and maps are nested more than ${MOST_DEPTH} deep`,
      'no rule needs it: check the brackets and indentation',
    );
    return nothing;
  }
  const separators = text.split('\n---').length;
  if (separators > MOST_DOCUMENTS) {
    fault(
      null,
      `the file has ${separators} documents`,
      `at most ${MOST_DOCUMENTS} are read: split it into several files`,
    );
    return nothing;
  }
  const lines = new LineCounter();
  let parsed: Document.Parsed[];
  try {
    parsed = [
      ...parseAllDocuments(text, {
        version: '1.2',
        schema: 'core',
        uniqueKeys: false,
        lineCounter: lines,
        strict: true,
        prettyErrors: false,
      }),
    ];
  } catch {
    // the parser recurses, and says so by an overflow where nesting escapes what is counted above
    fault(null, 'the file could not be parsed', 'check its nesting and indentation');
    return nothing;
  }
  const documents: RuleDocument[] = [];
  for (const document of parsed) {
    const before = faults.length;
    for (const { code, pos } of [...document.errors, ...document.warnings].slice(0, MOST_FAULTS)) {
      const hint = 'check indentation, quotes and colons near this line; put patterns in single quotes';
      fault(lines.linePos(pos[0]).line, `not YAML: ${code}`, hint);
    }
    visit(document, {
      // the parser's own way to find them takes time by the square of their number
      Map: (_key, { items }) => {
        const names = new Set<string>();
        for (const { key } of items) {
          const name = isScalar(key) ? String(key.value) : '';
          if (names.has(name) && isScalar(key)) {
            const line = key.range ? lines.linePos(key.range[0]).line : null;
            fault(line, 'the same name is used twice in one map', 'join the two, or rename one');
          }
          names.add(name);
        }
      },
      Alias: (_key, node) => {
        fault(
          node.range ? lines.linePos(node.range[0]).line : null,
          'an alias (*name) is used',
          "write the entry out; a pattern that begins with * needs quotes: '*text'",
        );
        return visit.BREAK;
      },
    });
    if (faults.length > before || document.contents === null) continue;
    const value: unknown = document.toJS({ mapAsMap: true });
    // what a last --- leaves over
    if (value === null) continue;
    const rule = nameOf(value);
    const report: Report = (at, says, hint, weight = 'error') => {
      if (faults.length < MOST_FAULTS)
        faults.push({ file, line: lineAt(document, lines, at), rule, weight, says, hint });
    };
    documents.push({ value, report });
  }
  return { documents, faults };
}

function nameOf(value: unknown): string | null {
  const name: unknown = value instanceof Map ? (value.get('id') ?? value.get('name')) : null;
  return typeof name === 'string' ? name.slice(0, 64) : null;
}

/** @returns the line where brackets or «- - -» go deeper than is read, null where none does; counts too much rather than too little */
function tooDeep(text: string): number | null {
  let [depth, line, compact] = [0, 1, 0];
  for (let i = 0; i < text.length; i += 1) {
    const unit = text[i];
    if (unit === '\n') [line, compact] = [line + 1, 0];
    else if (unit === '[' || unit === '{') depth += 1;
    else if (unit === ']' || unit === '}') depth = Math.max(0, depth - 1);
    else if ((unit === '-' || unit === '?' || unit === ':') && (text[i + 1] === ' ' || text[i + 1] === '\n'))
      compact += 1;
    // brackets also stand inside patterns and sentences, closed or not: only very many are a sign of something
    if (depth > MOST_DEPTH * 8 || compact > MOST_DEPTH * 2) return line;
  }
  return null;
}

/** The line of the key at a path; where the path ends early, of the nearest entry around it. */
function lineAt(document: Document.Parsed, lines: LineCounter, at: readonly Step[]): number | null {
  const offset = offsetAt(document, at);
  return offset === null ? null : lines.linePos(offset).line;
}
