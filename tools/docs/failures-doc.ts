/**
 * docs/failures.md from every failures table of the project: code, status, what it says, what to do.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export type FailureRow = Readonly<{ code: string; status: number; says: string; hint: string; declaredIn: string }>;

type Table = Readonly<{ prefix: string; table: Record<string, { status: number; says: string; hint: string }> }>;

/** Imports each `failures.ts` and `…-failures.ts`. @throws Error when one declares no table, or two declare one code */
export async function collectFailures(root: string): Promise<readonly FailureRow[]> {
  const paths = globSync('{platform,practices,server}/**/{failures,*-failures}.ts', { cwd: root }).toSorted();
  const rows: FailureRow[] = [];
  for (const path of paths) {
    const module = (await import(pathToFileURL(join(root, path)).href)) as Record<string, unknown>;
    const tables = Object.values(module).filter(isTable);
    if (tables.length === 0) throw new Error(`${path} declares no failures table`);
    for (const { prefix, table } of tables) {
      for (const [key, { status, says, hint }] of Object.entries(table)) {
        const code = `${prefix}_${key}`;
        const twin = rows.find((row) => row.code === code);
        if (twin !== undefined) throw new Error(`${code} is declared in ${twin.declaredIn} and in ${path}`);
        rows.push({ code, status, says, hint, declaredIn: path });
      }
    }
  }
  return rows.toSorted((one, other) => (one.code < other.code ? -1 : 1));
}

export function failuresDoc(rows: readonly FailureRow[]): string {
  const head = [
    '# Failures',
    '',
    'Every failure has a code that stays, a sentence and a hint. Over HTTP it is an RFC 9457 problem document with `code` and',
    '`hint`. Written by `npm run docs` from the `failures.ts` files; do not edit.',
    '',
    '| code | status | says | what to do |',
    '|---|---|---|---|',
  ];
  const lines = rows.map((row) => `| \`${row.code}\` | ${row.status} | ${cell(row.says)} | ${cell(row.hint)} |`);
  return `${[...head, ...lines].join('\n')}\n`;
}

function isTable(value: unknown): value is Table {
  return typeof value === 'function' && 'prefix' in value && 'table' in value;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
