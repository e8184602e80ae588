/**
 * Names that say nothing are not names (STYLE.md §1): banned for files, folders and whatever is exported.
 */
const NEVER_A_PART = new Set(['util', 'utils', 'helper', 'helpers', 'lib', 'common', 'misc', 'manager']);
const NEVER_ALONE = new Set(['base', 'info', 'data', 'impl']);

/** @returns the word at fault, or null */
export function bannedInPath(path: string): string | null {
  for (const part of path.split('/')) {
    const stem = part.replace(/\.[a-z.]+$/, '').toLowerCase();
    if (NEVER_ALONE.has(stem)) return stem;
    const word = stem.split(/[-_]/).find((piece) => NEVER_A_PART.has(piece));
    if (word !== undefined) return word;
  }
  return null;
}

/** @returns the word at fault in an exported name, or null */
export function bannedInName(name: string): string | null {
  if (/^I[A-Z][a-z]/.test(name)) return 'I…';
  const words = name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g)?.map((word) => word.toLowerCase()) ?? [];
  if (words.at(-1) === 'impl') return '…Impl';
  const word = words.find((piece) => NEVER_A_PART.has(piece));
  if (word !== undefined) return word;
  const only = words.length === 1 ? words[0] : undefined;
  return only !== undefined && NEVER_ALONE.has(only) ? only : null;
}
