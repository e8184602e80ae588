/**
 * The condition of a rule: text → tree (Sigma rules specification 2.1, Condition). Binding from loose to tight: or, and,
 * not, «N of», brackets.
 */
export type Condition =
  | Readonly<{ op: 'and' | 'or'; of: readonly Condition[] }>
  | Readonly<{ op: 'not'; of: Condition }>
  | Readonly<{ op: 'is'; name: string }>
  /** At least `least` of these. */
  | Readonly<{ op: 'count'; least: number; names: readonly string[] }>;

export type ConditionFault = Readonly<{ says: string; hint: string }>;
export type ReadCondition = Readonly<{ condition: Condition }> | Readonly<{ fault: ConditionFault }>;

const MOST_LENGTH = 10_000;
const MOST_DEPTH = 50;

type Token = string;
type Parser = { tokens: readonly Token[]; at: number; depth: number; names: readonly string[] };

/** Ends the reading of one condition; caught by readCondition, and never seen outside. */
class Refused extends Error {
  readonly fault: ConditionFault;
  constructor(says: string, hint: string) {
    super(says);
    this.fault = { says, hint };
  }
}

/** @param names  of the rule's selections */
export function readCondition(text: string, names: readonly string[]): ReadCondition {
  try {
    if (text.length > MOST_LENGTH)
      throw new Refused(`the condition has ${text.length} characters`, `at most ${MOST_LENGTH} are read`);
    const parser: Parser = { tokens: tokensOf(text), at: 0, depth: 0, names };
    if (parser.tokens.length === 0)
      throw new Refused('the condition is empty', `name a selection: ${names[0] ?? 'selection'}`);
    const condition = either(parser);
    const left = parser.tokens[parser.at];
    if (left === ')')
      throw new Refused('the condition closes a bracket that was not opened', 'remove the ) or add a (');
    if (left !== undefined)
      throw new Refused(`after a whole condition stands ${shown(left)}`, 'join two parts with «and» or «or»');
    return { condition };
  } catch (fault) {
    if (fault instanceof Refused) return { fault: fault.fault };
    throw fault;
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let word = '';
  const end = (): void => {
    if (word !== '') tokens.push(word);
    word = '';
  };
  for (const unit of text) {
    if (unit === '(' || unit === ')') {
      end();
      tokens.push(unit);
    } else if (unit === ' ' || unit === '\t' || unit === '\n' || unit === '\r') end();
    else if (unit === '|')
      throw new Refused(
        'the condition aggregates with |',
        'this form is no longer part of Sigma: write a correlation (type: event_count or value_count)',
      );
    else if (isNameUnit(unit)) word += unit;
    else
      throw new Refused(
        `the condition has the character ${JSON.stringify(unit)}`,
        'it is made of selection names, and, or, not, «1 of», «all of», them and brackets',
      );
  }
  end();
  return tokens;
}

const isNameUnit = (unit: string): boolean =>
  (unit >= 'a' && unit <= 'z') ||
  (unit >= 'A' && unit <= 'Z') ||
  (unit >= '0' && unit <= '9') ||
  '_-*.$'.includes(unit);

const wordAt = (parser: Parser, ahead = 0): string => (parser.tokens[parser.at + ahead] ?? '').toLowerCase();

function either(parser: Parser): Condition {
  return joined(parser, 'or', () => joined(parser, 'and', () => negation(parser)));
}

function joined(parser: Parser, op: 'and' | 'or', part: () => Condition): Condition {
  const of = [part()];
  while (wordAt(parser) === op) {
    parser.at += 1;
    of.push(part());
  }
  return of.length === 1 ? (of[0] as Condition) : { op, of };
}

function negation(parser: Parser): Condition {
  let negated = false;
  while (wordAt(parser) === 'not') {
    parser.at += 1;
    negated = !negated;
  }
  const of = single(parser);
  return negated ? { op: 'not', of } : of;
}

function single(parser: Parser): Condition {
  const token = parser.tokens[parser.at];
  if (token === undefined) throw new Refused('the condition ends too early', 'a selection is missing at its end');
  if (token === '(') return bracket(parser);
  if (wordAt(parser, 1) === 'of') return quantity(parser);
  if (token === ')' || ['and', 'or', 'of', 'them'].includes(token.toLowerCase())) {
    throw new Refused(
      `where a selection should be named stands ${shown(token)}`,
      `selections of this rule: ${list(parser.names)}`,
    );
  }
  if (token.includes('*'))
    throw new Refused(`${shown(token)} names several selections`, `say how many: 1 of ${token}, all of ${token}`);
  if (!parser.names.includes(token))
    throw new Refused(`there is no selection ${shown(token)}`, `selections of this rule: ${list(parser.names)}`);
  parser.at += 1;
  return { op: 'is', name: token };
}

function bracket(parser: Parser): Condition {
  parser.depth += 1;
  if (parser.depth > MOST_DEPTH)
    throw new Refused(`brackets are nested more than ${MOST_DEPTH} deep`, 'write it with fewer');
  parser.at += 1;
  const inside = either(parser);
  if (parser.tokens[parser.at] !== ')') throw new Refused('a bracket is not closed', 'add a )');
  parser.at += 1;
  parser.depth -= 1;
  return inside;
}

function quantity(parser: Parser): Condition {
  const [amount, of] = [wordAt(parser), parser.tokens[parser.at + 2]];
  if (of === undefined || of === '(' || of === ')')
    throw new Refused(`«${shown(amount)} of» is not followed by a name`, 'write them, or a pattern as selection_*');
  const pattern = of.toLowerCase() === 'them' ? null : of;
  const names = parser.names.filter((name) => (pattern === null ? !name.startsWith('_') : matchesStars(name, pattern)));
  if (names.length === 0)
    throw new Refused(`no selection is named like ${shown(of)}`, `selections of this rule: ${list(parser.names)}`);
  const least = amount === 'all' ? names.length : amount === 'any' ? 1 : Number(amount);
  if (!Number.isInteger(least) || least < 1)
    throw new Refused(`${shown(amount)} is not a number of selections`, 'write «1 of», another number, or «all of»');
  if (least > names.length)
    throw new Refused(`${least} of ${names.length} selections can never match`, `write «all of ${of}»`);
  parser.at += 3;
  return { op: 'count', least, names };
}

/** `*` in a pattern of selection names; names are short. */
function matchesStars(name: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const [head, tail] = [parts[0] as string, parts.at(-1) as string];
  if (parts.length === 1) return name === pattern;
  if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
  let at = head.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found === -1 || found + part.length > name.length - tail.length) return false;
    at = found + part.length;
  }
  return true;
}

const shown = (token: string): string => JSON.stringify(token.length > 60 ? `${token.slice(0, 60)}…` : token);
const list = (names: readonly string[]): string =>
  names.length > 12 ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more` : names.join(', ');

/** Names that a condition looks at. */
export function namesIn(condition: Condition): Set<string> {
  const names = new Set<string>();
  const walk = (node: Condition): void => {
    if (node.op === 'is') names.add(node.name);
    else if (node.op === 'count') for (const name of node.names) names.add(name);
    else if (node.op === 'not') walk(node.of);
    else for (const part of node.of) walk(part);
  };
  walk(condition);
  return names;
}
