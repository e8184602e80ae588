/**
 * catalog.yaml as text → a document of the right shape, or every problem with its line.
 *
 * YAML 1.2 core schema: no dates, no `yes` and `no`, no custom tags; aliases are refused, since review cannot see
 * through them, nor bound what they expand to.
 */
import { offsetAt } from '#platform/yaml';
import { Errors } from 'typebox/schema';
import { LineCounter, parseDocument, visit, type Document } from 'yaml';

import { pathText, type CatalogProblem, type Report, type Step } from './catalog-problem.ts';
import { CatalogShape, type CatalogFile } from './catalog-shape.ts';

/** Largest catalogue read, in UTF-16 code units. */
export const MAX_CATALOG_LENGTH = 4 * 1024 * 1024;
const MAX_PROBLEMS = 100;

export type ReadCatalog = Readonly<{
  file: CatalogFile | null;
  problems: CatalogProblem[];
  warnings: CatalogProblem[];
  report: Report;
  warn: Report;
}>;

/** @returns `file` only when the shape is right; `report` and `warn` add what is wrong with the meaning, with lines */
export function readCatalogYaml(source: string): ReadCatalog {
  const problems: CatalogProblem[] = [];
  const warnings: CatalogProblem[] = [];
  const nothing = { file: null, problems, warnings, report: () => undefined, warn: () => undefined };
  if (source.length > MAX_CATALOG_LENGTH) {
    problems.push({
      path: '',
      line: null,
      says: `the file has ${source.length} characters`,
      hint: `at most ${MAX_CATALOG_LENGTH} are read`,
    });
    return nothing;
  }
  // such text is kept by no database, and would come back as another
  if (source.includes('\0') || !source.isWellFormed()) {
    const says = 'the file has a character U+0000 or half of a surrogate pair';
    problems.push({ path: '', line: null, says, hint: 'save it as UTF-8 text' });
    return nothing;
  }
  const lines = new LineCounter();
  const document = parseDocument(source, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
    lineCounter: lines,
    strict: true,
  });
  const into =
    (list: CatalogProblem[]): Report =>
    (at, says, hint) => {
      if (list.length < MAX_PROBLEMS) list.push({ path: pathText(at), line: lineAt(document, lines, at), says, hint });
    };
  const [report, warn] = [into(problems), into(warnings)];

  for (const fault of [...document.errors, ...document.warnings]) {
    const says = fault.code === 'DUPLICATE_KEY' ? 'the same name is declared twice' : `not YAML: ${fault.code}`;
    const hint =
      fault.code === 'DUPLICATE_KEY'
        ? 'remove or rename one of the two'
        : 'check indentation, quotes and colons near this line';
    problems.push({ path: '', line: lines.linePos(fault.pos[0]).line, says, hint });
  }
  visit(document, {
    Alias: (_key, node) => {
      const line = node.range === null || node.range === undefined ? null : lines.linePos(node.range[0]).line;
      problems.push({
        path: '',
        line,
        says: 'an alias (*name) is used',
        hint: 'write the entry out, so that review sees what is declared',
      });
      return visit.BREAK;
    },
  });
  if (problems.length > 0) return nothing;

  const value: unknown = document.toJS();
  reportShape(value, report);
  return { file: problems.length === 0 ? (value as CatalogFile) : null, problems, warnings, report, warn };
}

type ShapeError = Readonly<{ keyword: string; schemaPath: string; instancePath: string; params: object }>;

function reportShape(value: unknown, report: Report): void {
  const errors = Errors(CatalogShape, value)[1] as readonly ShapeError[];
  const unions = new Map(
    errors
      .filter((error) => error.keyword === 'anyOf')
      .toReversed()
      .map((error) => [error.instancePath, error]),
  );
  for (const error of errors) {
    // a union's own error says what all its branches would take; the errors of each branch only confuse
    if ([...unions].some(([path, union]) => error !== union && `${error.instancePath}/`.startsWith(`${path}/`)))
      continue;
    const at = error.instancePath
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (error.keyword === 'additionalProperties') {
      for (const name of (error.params as { additionalProperties: string[] }).additionalProperties) {
        report([...at, name], 'this entry is not known', `here stands ${expected(error.schemaPath)}`);
      }
    } else if (error.keyword === 'required') {
      for (const name of (error.params as { requiredProperties: string[] }).requiredProperties) {
        report(at, `${name} is missing`, `here stands ${expected(error.schemaPath)}`);
      }
    } else if (error.keyword !== 'boolean') {
      report(at, 'this is not what is expected here', `expected ${expected(error.schemaPath)}`);
    }
  }
}

/** The description of the schema at a JSON pointer, or of the nearest one around it that has one. */
function expected(schemaPath: string): string {
  let node: unknown = CatalogShape;
  let description = 'another shape';
  for (const step of schemaPath.split('/').slice(1)) {
    const found = (node as { description?: string }).description;
    if (found !== undefined) description = found;
    node = (node as Record<string, unknown>)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
    if (typeof node !== 'object' || node === null) return description;
  }
  return (node as { description?: string }).description ?? description;
}

/** The line of the key at a path; where the path ends early, of the nearest entry around it. */
function lineAt(document: Document.Parsed, lines: LineCounter, at: readonly Step[]): number | null {
  const offset = offsetAt(document, at);
  return offset === null ? null : lines.linePos(offset).line;
}
