/** Rule files → rules that can run, each with what is wrong with it; then what only the whole of them shows. */
import { readDocuments } from './documents.ts';
import { quoted, type Report, type RuleFault } from './fault.ts';
import { readRule, type CorrelationRule, type SigmaRule } from './rule.ts';

export type RuleText = Readonly<{ name: string; text: string }>;
export type ReadRules = Readonly<{
  /** A correlation stands after the rules it is made of. */
  rules: readonly SigmaRule[];
  faults: readonly RuleFault[];
}>;

/** Rules that are held at once; the community has about 4,000. */
const MOST_RULES = 10_000;
/** Correlations of correlations of … */
const MOST_STOREYS = 10;

type Read = Readonly<{ rule: SigmaRule; report: Report }>;

/** A faulty rule is left out and said; the others are read all the same. */
export function readRules(texts: readonly RuleText[]): ReadRules {
  const files = texts.map(({ name, text }) => ({ name, ...readDocuments(name, text) }));
  const read = files.flatMap(({ name, documents }) =>
    documents.flatMap(({ value, report }): Read[] => {
      const rule = readRule(name, value, report);
      return rule === null ? [] : [{ rule, report }];
    }),
  );
  const [first] = read.slice(MOST_RULES);
  first?.report(
    [],
    `more than ${MOST_RULES} rules are not held`,
    'this one and those after it are left out: load fewer',
  );
  const rules = joined(withOwnNames(read.slice(0, MOST_RULES)));
  // only now: joining finds faults too
  return { rules, faults: files.flatMap(({ faults }) => faults) };
}

function withOwnNames(read: readonly Read[]): ReadonlyMap<string, Read> {
  const byName = new Map<string, Read>();
  for (const each of read) {
    const names = namesOf(each.rule);
    const taken = names.find((name) => byName.has(name));
    if (taken === undefined) for (const name of names) byName.set(name, each);
    else
      each.report(
        ['id'],
        `${quoted(taken)} is already the id or name of a rule in ${byName.get(taken)?.rule.file ?? ''}`,
        'give each rule its own',
      );
  }
  return byName;
}

const namesOf = ({ id, name }: SigmaRule): string[] => (name === null || name === id ? [id] : [id, name]);

/** Storey by storey: what is left in the end stands on what is not there, or on itself. */
function joined(byName: ReadonlyMap<string, Read>): SigmaRule[] {
  const all = [...new Set(byName.values())];
  const rules = all.flatMap(({ rule }) => (rule.kind === 'rule' ? [rule as SigmaRule] : []));
  const standing = new Set(rules.flatMap(namesOf));
  let left = all.filter(({ rule }) => rule.kind === 'correlation');
  for (let storey = 0; storey < MOST_STOREYS && left.length > 0; storey += 1) {
    const ready = left.filter(({ rule }) =>
      (rule as CorrelationRule).correlation.rules.every((name) => standing.has(name)),
    );
    for (const { rule, report } of ready) {
      for (const name of namesOf(rule)) standing.add(name);
      rules.push(rule);
      reportStrangeAliases(rule as CorrelationRule, report);
    }
    left = left.filter((each) => !ready.includes(each));
  }
  for (const { rule, report } of left) {
    const missing = (rule as CorrelationRule).correlation.rules.find((name) => !standing.has(name)) as string;
    if (!byName.has(missing))
      report(
        ['correlation', 'rules'],
        `there is no rule ${quoted(missing)} that could be loaded`,
        'it stands in one of the files that are loaded together, under this id or name',
      );
    else
      report(
        ['correlation', 'rules'],
        `the correlation stands on ${quoted(missing)}, which stands on itself, on a missing rule or more than ${MOST_STOREYS} deep`,
        'follow the rules that it names',
      );
  }
  return rules;
}

function reportStrangeAliases({ correlation }: CorrelationRule, report: Report): void {
  for (const [alias, fields] of correlation.aliases) {
    const strange = [...fields.keys()].find((name) => !correlation.rules.includes(name));
    if (strange !== undefined)
      report(
        ['correlation', 'aliases', alias],
        `the alias ${quoted(alias)} speaks of ${quoted(strange)}, which is not one of its rules`,
        'write the name as it stands under rules',
        'warning',
      );
  }
}
