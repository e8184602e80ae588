/**
 * The same signatures without libddwaf, where it has no build: patterns and phrases only, by RE2 in JavaScript. Slower, and
 * blind to what libinjection alone recognizes.
 */
import { RE2JS } from 're2js';

import { LATE, type Engine } from './inspect.ts';
import { SIGNATURES } from './signatures.ts';

export function openOwn(budgetMs: number, now: () => number = performance.now.bind(performance)): Engine {
  const rules = SIGNATURES.flatMap(({ id, on, pattern, phrases }) => {
    if (phrases !== undefined)
      return [{ id, on, finds: (text: string) => phrases.some((each) => text.includes(each)) }];
    if (pattern === undefined) return [];
    const compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
    return [{ id, on, finds: (text: string) => compiled.matcher(text).find() }];
  });
  return {
    name: 'own',
    close: () => undefined,
    search: (pieces) => {
      const found: { rule: string; piece: number }[] = [];
      const until = now() + budgetMs;
      for (const [piece, { place, text }] of pieces.entries()) {
        if (now() > until) return { found, unfinished: LATE };
        const small = text.toLowerCase();
        for (const { id, on, finds } of rules) if (on.includes(place) && finds(small)) found.push({ rule: id, piece });
      }
      return { found, unfinished: null };
    },
  };
}
