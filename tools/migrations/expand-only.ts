/**
 * Migrations only add: a server of the version before goes on serving while the next one applies them, and after.
 *
 * What takes away, renames or narrows waits until no server asks for it, and says so in the line above:
 * `-- expand-only: allow, because …`. A file that was applied does not change any more, so those from before the rule are
 * counted below.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const NARROWS: readonly (readonly [RegExp, string])[] = [
  // all but what an older server is freed of by it
  [/\bdrop\s+(?!not\s+null\b|expression\b|identity\b)/gi, 'takes away what an older server may ask for'],
  [/\badd\s+(?:constraint\s+\S+\s+)?(?:check|unique|primary\s+key|foreign\s+key|exclude)\b/gi, 'refuses what an older server writes'],
  [/\brename\b/gi, 'renames what an older server asks for'],
  [/\balter\s+(column\s+)?\w+\s+(set\s+data\s+)?type\b/gi, 'changes a type, and writes the whole table anew'],
  [/\bset\s+not\s+null\b/gi, 'refuses what an older server writes'],
  [/\badd\s+(?:column\s+)?(?!constraint\b|check\b|unique\b|primary\b|foreign\b|exclude\b)(?:if\s+not\s+exists\s+)?\w+\s+(?:\([^)]*\)|(?!\bdefault\b|,|;)[\s\S])*?\bnot\s+null\b(?!(?:\([^)]*\)|[^,;])*\bdefault\b)/gi, 'refuses rows that an older server writes without it'],
  [/(?<=^|;)\s*truncate\s/gi, 'takes rows away'],
]; // prettier-ignore
const UNIQUE = /\bcreate\s+unique\s+index\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?\w+\s+on\s+([\w.]+)/gi;
const ALLOWED = /--\s*expand-only: allow, because \S.{8,}/;

/** Narrowing statements of files from before the rule; each is another version's by now. It never grows. */
export const BEFORE_THE_RULE: Readonly<Record<string, number>> = {
  'practices/access/sql/0011-provisioning.sql': 3,
  'practices/access/sql/0012-provider-logout.sql': 2,
  'practices/access/sql/0018-review-calendar.sql': 2,
  'practices/access/sql/0020-eligible.sql': 1,
  'practices/backups/sql/0002-every-store.sql': 2,
  'practices/backups/sql/0004-segments.sql': 2,
  'practices/backups/sql/0005-parts-in-ledger.sql': 2,
  'practices/backups/sql/0006-renewals-in-ledger.sql': 2,
  'practices/collection/sql/0004-gate-outcomes.sql': 4,
  'practices/privacy/sql/0005-bounded.sql': 1,
  'practices/privacy/sql/0010-state-machine.sql': 4,
  'practices/traffic/sql/0003-hot-paths.sql': 4,
  'practices/vault/sql/0002-index-epochs.sql': 5,
  'practices/vault/sql/0005-attachment-ids.sql': 2,
};

export type Narrowing = Readonly<{ path: string; line: number; says: string }>;

export const migrationFiles = (root: string): readonly string[] =>
  globSync('{platform,practices}/*/sql/*.sql', { cwd: root }).toSorted();

/** @param text of one migration @returns what it takes away without saying why */
export function narrowingsOf(path: string, text: string): readonly Narrowing[] {
  const lines = text.split('\n');
  const code = lines.map((line) => line.replace(/--.*$/, (comment) => ' '.repeat(comment.length))).join('\n');
  const lineAt = (index: number): number => code.slice(0, index).split('\n').length;
  // of a table that the same migration makes, no older server knows
  const isNew = (table: string): boolean =>
    new RegExp(`\\bcreate\\s+table\\s+(?:if\\s+not\\s+exists\\s+)?${table.replace('.', '\\.')}\\b`, 'i').test(code);
  const narrowed = NARROWS.flatMap(([pattern, says]) =>
    [...code.matchAll(pattern)].map(({ index }) => ({ line: lineAt(index), says })),
  );
  const unique = [...code.matchAll(UNIQUE)]
    .filter(([, table = '']) => !isNew(table))
    .map(({ index }) => ({ line: lineAt(index), says: 'refuses what an older server writes' }));
  return [...narrowed, ...unique]
    .filter(({ line }) => !ALLOWED.test(lines[line - 2] ?? '') && !ALLOWED.test(lines[line - 1] ?? ''))
    .map((each) => ({ path, ...each }))
    .toSorted((a, b) => a.line - b.line); // prettier-ignore
}

export const narrowings = (root: string): readonly Narrowing[] =>
  migrationFiles(root).flatMap((path) => narrowingsOf(path, readFileSync(join(root, path), 'utf8')));
