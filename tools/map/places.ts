/**
 * Where a practice must be found under its one word: each place is a question with an answer of yes or no.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { PlaceName } from './practices.ts';

const README_LINES = 60;

export type Found = Readonly<{ ok: boolean; wanted: string }>;

/** @returns for each place whether it is there, and what was looked for; `e2e` counts as there until web/ exists */
export function placesOf(root: string, word: string): Readonly<Record<PlaceName, Found>> {
  const folder = `practices/${word}`;
  const has = (path: string): boolean => existsSync(join(root, path));
  const sources = (pattern: string): readonly string[] =>
    globSync(pattern, { cwd: root, exclude: (path) => /\.tests?\.ts$/.test(path) || path.endsWith('node_modules') });
  const anySays = (pattern: string, says: RegExp): boolean =>
    sources(pattern).some((path) => says.test(readFileSync(join(root, path), 'utf8')));
  const readme = `${folder}/README.md`;
  const upper = word.toUpperCase();
  return {
    door: { ok: has(`${folder}/index.ts`), wanted: `${folder}/index.ts` },
    readme: {
      ok: has(readme) && lineCount(join(root, readme)) <= README_LINES,
      wanted: `${readme} of at most ${README_LINES} lines`,
    },
    sql: {
      ok: anySays(
        `${folder}/sql/[0-9][0-9][0-9][0-9]-*.sql`,
        new RegExp(`create schema (if not exists )?${word}\\b`, 'i'),
      ),
      wanted: `${folder}/sql/0001-….sql with "create schema ${word}"`,
    },
    route: {
      ok: openApiPaths(root).some((path) => path === `/v1/${word}` || path.startsWith(`/v1/${word}/`)),
      wanted: `a route /v1/${word}/… in docs/openapi.json`,
    },
    failures: {
      ok: anySays(`${folder}/**/*failures.ts`, new RegExp(`failures\\('${upper}'`)),
      wanted: `${folder}/failures.ts with failures('${upper}', …)`,
    },
    events: {
      ok: anySays(`${folder}/**/*.ts`, new RegExp(`['"\`]${word}\\.[a-z]`)),
      wanted: `audit events '${word}.…' written by ${folder}`,
    },
    cli: {
      ok: globSync(`cli/**/${word}{.ts,/*.ts}`, { cwd: root }).length > 0 || anySays('cli/**/*.ts', commandOf(word)),
      wanted: `the noun \`strongroom ${word}\` in cli/`,
    },
    docs: { ok: has(`docs/practices/${word}.md`), wanted: `docs/practices/${word}.md` },
    bench: { ok: has(`bench/${word}.ts`) || has(`bench/${word}`), wanted: `bench/${word}.ts` },
    e2e: { ok: !has('web') || has(`e2e/${word}.spec.ts`), wanted: `e2e/${word}.spec.ts` },
  };
}

function commandOf(word: string): RegExp {
  return new RegExp(`command\\(\\s*['"]${word}['" ]`);
}

function lineCount(path: string): number {
  return readFileSync(path, 'utf8').trimEnd().split('\n').length;
}

function openApiPaths(root: string): readonly string[] {
  const path = join(root, 'docs/openapi.json');
  if (!existsSync(path)) return [];
  const document = JSON.parse(readFileSync(path, 'utf8')) as { paths?: Record<string, unknown> };
  return Object.keys(document.paths ?? {});
}
