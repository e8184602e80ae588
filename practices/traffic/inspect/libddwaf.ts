/**
 * Datadog's engine, libddwaf (Apache-2.0), by its N-API module: RE2 for patterns, libinjection for SQL and markup.
 *
 * It says "no match" when it ran out of time, when a text has more than 4,096 bytes, and when a list has more than 256
 * elements; it does say each of the three beside that, and each of them means here that not everything was looked at.
 */
import { createRequire } from 'node:module';

import type { DDWAF } from '@datadog/native-appsec';

import { LATE, type Engine, type Searched } from './inspect.ts';
import type { Piece } from './parts.ts';
import { SIGNATURES, type Signature } from './signatures.ts';

/** Elements in one list: libddwaf looks at 256. */
const LIST = 250;
const OPERATORS = { pattern: 'match_regex', phrases: 'phrase_match', sql: 'is_sqli', markup: 'is_xss' } as const;

/** @throws where there is no build of the module for this platform, or a rule does not load */
export function openLibddwaf(budgetMs: number): Engine {
  const { DDWAF: Waf } = createRequire(import.meta.url)('@datadog/native-appsec') as { DDWAF: typeof DDWAF };
  const waf = new Waf(rulesetOf(SIGNATURES), 'strongroom');
  const loaded = waf.diagnostics.rules;
  if (loaded === undefined || !('loaded' in loaded) || loaded.loaded.length !== SIGNATURES.length)
    throw new Error(`rules did not load: ${JSON.stringify(loaded).slice(0, 500)}`);
  return {
    name: 'libddwaf',
    close: () => waf.dispose(),
    search: (pieces) => {
      const found: { rule: string; piece: number }[] = [];
      const until = performance.now() + budgetMs;
      for (let from = 0; from < pieces.length; from += LIST) {
        const left = until - performance.now();
        if (left <= 0) return { found, unfinished: LATE };
        const some = searchSome(waf, pieces.slice(from, from + LIST), left);
        found.push(...some.found.map(({ rule, piece }) => ({ rule, piece: piece + from })));
        if (some.unfinished !== null) return { found, unfinished: some.unfinished };
      }
      return { found, unfinished: null };
    },
  };
}

function searchSome(waf: DDWAF, pieces: readonly Piece[], budgetMs: number): Searched {
  const lists: Record<string, string[]> = {};
  const numbers: Record<string, number[]> = {};
  for (const [at, { place, text }] of pieces.entries()) {
    (lists[place] ??= []).push(text);
    (numbers[place] ??= []).push(at);
  }
  const context = waf.createContext();
  try {
    const result = context.run({ persistent: lists }, Math.ceil(budgetMs * 1000));
    const events = (result.events ?? []) as readonly Event[];
    const found = events.flatMap(({ rule, rule_matches: matches }) =>
      matches.flatMap(
        ({ parameters }) =>
        parameters.map(({ address, key_path: [index] }) => ({ rule: rule.id, piece: numbers[address]?.[Number(index)] ?? -1 })), // prettier-ignore
      ),
    );
    return { found, unfinished: unfinished(result) };
  } finally {
    context.dispose();
  }
}

type Event = Readonly<{
  rule: Readonly<{ id: string }>;
  rule_matches: readonly Readonly<{ parameters: readonly Readonly<{ address: string; key_path: readonly (string | number)[] }>[] }>[]; // prettier-ignore
}>;

function unfinished(result: ReturnType<ReturnType<DDWAF['createContext']>['run']>): string | null {
  if (result.timeout) return LATE;
  if (result.errorCode !== undefined) return `libddwaf failed with ${result.errorCode}`;
  const { maxTruncatedString, maxTruncatedContainerSize, maxTruncatedContainerDepth } = result.metrics ?? {};
  const cut = maxTruncatedString ?? maxTruncatedContainerSize ?? maxTruncatedContainerDepth;
  return cut === undefined ? null : 'libddwaf cut something off';
}

/** libddwaf's own format of rules, version 2.2. */
export const rulesetOf = (signatures: readonly Signature[]): object => ({
  version: '2.2',
  metadata: { rules_version: '1.0.0' },
  rules: signatures.map(({ id, title, on, by, pattern, phrases }) => ({
    id,
    name: title,
    // each its own type: of one type libddwaf tells only the first
    tags: { type: id, category: 'attack_attempt' },
    conditions: [
      {
        operator: OPERATORS[by],
        parameters: {
          inputs: on.map((address) => ({ address })),
          ...(pattern === undefined ? {} : { regex: pattern, options: { case_sensitive: false } }),
          ...(phrases === undefined ? {} : { list: phrases, options: { enforce_word_boundary: false } }),
        },
      },
    ],
    transformers: by === 'phrases' ? ['lowercase'] : by === 'markup' ? ['htmlEntityDecode'] : [],
  })),
});
