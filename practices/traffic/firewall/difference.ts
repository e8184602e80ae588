/** What loading the declared rules would change, in words. Order counts: a rule that moved is taken away and added. */
import type { LiveTable } from './live-table.ts';
import { BLOCK_SETS, type Chain, type Ruleset } from './ruleset.ts';
import { meaningText } from './nft-text.ts';

export type Change = Readonly<{ does: 'adds' | 'takes away' | 'sets'; chain: string; what: string; name: string }>;

/** @returns empty: what is there is what is declared */
export function differences(ruleset: Ruleset, live: LiveTable | null): readonly Change[] {
  const chains = ruleset.chains.flatMap((chain) => chainChanges(chain, live));
  const declared = ruleset.chains.map(({ name }) => name as string);
  const sets: readonly string[] = [...BLOCK_SETS, ...ruleset.rateSets].map(({ name }) => name);
  const foreign = (live?.chains ?? []).filter(({ name }) => !declared.includes(name));
  const change = (does: Change['does'], name: string, what: string): Change => ({ does, chain: '', what, name });
  return [
    ...chains,
    ...foreign.map(({ name, rules }) => change('takes away', name, `chain ${name} with ${rules.length} rules`)),
    ...(live?.sets ?? []).filter((each) => !sets.includes(each)).map((each) => change('takes away', each, `set ${each}`)), // prettier-ignore
    ...(live === null ? [] : sets.filter((each) => !live.sets.includes(each))).map((each) => change('adds', each, `set ${each}`)), // prettier-ignore
  ];
}

export const changeText = ({ does, chain, what, name }: Change): string =>
  chain === '' ? `${does} ${what}` : `${chain}: ${does} ${name === '' ? 'a rule without a name' : name}: ${what}`;

function chainChanges(chain: Chain, live: LiveTable | null): readonly Change[] {
  const there = live?.chains.find(({ name }) => name === chain.name);
  const wanted = chain.rules.map((rule) => ({ text: meaningText(rule), name: rule.name }));
  const found = there?.rules ?? [];
  const { added, removed } = compare(wanted, found);
  const policy: Change = { does: 'sets', chain: chain.name, name: 'all the rest', what: chain.otherwise };
  return [
    ...(there?.otherwise === chain.otherwise ? [] : [policy]),
    ...removed.map(({ text, name }): Change => ({ does: 'takes away', chain: chain.name, what: text, name })),
    ...added.map(({ text, name }): Change => ({ does: 'adds', chain: chain.name, what: text, name })),
  ];
}

type Line = Readonly<{ text: string; name: string }>;

/** The longest common subsequence stays; tables have at most some 2,000 rules. */
function compare(wanted: readonly Line[], found: readonly Line[]): Readonly<{ added: Line[]; removed: Line[] }> {
  const same = (a: number, b: number): boolean => wanted[a]?.text === found[b]?.text;
  const width = found.length + 1;
  const length = new Uint32Array((wanted.length + 1) * width);
  const at = (a: number, b: number): number => length[a * width + b] as number;
  for (let a = wanted.length - 1; a >= 0; a--)
    for (let b = found.length - 1; b >= 0; b--)
      length[a * width + b] = same(a, b) ? at(a + 1, b + 1) + 1 : Math.max(at(a + 1, b), at(a, b + 1));
  const [added, removed]: [Line[], Line[]] = [[], []];
  let [a, b] = [0, 0];
  while (a < wanted.length || b < found.length) {
    if (a < wanted.length && b < found.length && same(a, b)) [a, b] = [a + 1, b + 1];
    else if (b >= found.length || (a < wanted.length && at(a + 1, b) >= at(a, b + 1))) added.push(wanted[a++] as Line);
    else removed.push(found[b++] as Line);
  }
  return { added, removed };
}
