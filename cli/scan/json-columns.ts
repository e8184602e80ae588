/** JSON inside the columns of a database or of CSV: beside the column stand the paths of what it holds. */
import type { SampledColumn } from './engine.ts';
import { createJsonPaths } from './json-paths.ts';

/** Share of a text column's values that begin like JSON. */
const LOOKS_LIKE_JSON = 0.8;

export function withJsonPaths(columns: readonly SampledColumn[], random: () => number): SampledColumn[] {
  return columns.flatMap((column) => {
    const texts = column.samples.filter((each) => typeof each === 'string' && each.trim() !== '') as string[];
    if (texts.length === 0 || !(column.sqlType?.startsWith('json') === true || looksLikeJson(texts))) return [column];
    const paths = createJsonPaths(random);
    for (const text of texts) {
      paths.push(text);
      paths.end();
    }
    const found = paths.columns(`${column.name} `);
    // what the paths hold is said of them; the column itself is but their envelope
    return found.length === 0 ? [column] : [{ ...column, samples: [] }, ...found];
  });
}

function looksLikeJson(texts: readonly string[]): boolean {
  const like = texts.filter((text) => /^\s{0,20}(\{\s{0,20}["}]|\[\s{0,20}[\]"{[\d])/.test(text.slice(0, 60))).length;
  return like / texts.length >= LOOKS_LIKE_JSON;
}
