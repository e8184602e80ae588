/** Words for health, faith, origin and the other special categories, as they stand in the text. */
import type { SpecialWords } from '../words/special-words.ts';
import { contextFor, put, type Page } from './page.ts';
import { SIGN } from './tokens.ts';

/** At a word. */
export function specialAt(page: Page, token: number, words: SpecialWords): void {
  const { tokens } = page;
  const phrases = words.get(tokens.hash[token] as number);
  if (phrases === undefined) return;
  for (const { category, vague, rest } of phrases) {
    let last = token;
    const fits = rest.every((hash) => {
      last += 1;
      // hiv-positive
      if (tokens.kind[last] === SIGN && tokens.hash[last] === 45) last += 1;
      return last < tokens.count && tokens.hash[last] === hash;
    });
    if (!fits) continue;
    const type = category === 'health' ? 'health' : 'special-category';
    put(page, type, tokens.start[token] as number, tokens.end[last] as number, [
      { says: `a word for ${category}`, adds: vague ? 0.4 : 0.6 },
      rest.length > 0 ? { says: 'of several words', adds: 0.15 } : null,
      contextFor(page, token, last, 'person', 0.15),
    ], category); // prettier-ignore
    return;
  }
}
