/** Rules and events that somebody wrote to break the engine, or by mistake. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';

import { eventOf } from '../event.ts';
import { readCondition, type Condition } from './condition.ts';
import { compileCondition } from './compile.ts';
import { createSigma, readRules } from './index.ts';
import { createLiterals } from './literals.ts';
import { compilePattern, fold, parsePattern, type Token } from './pattern.ts';

const head = 'title: T\nid: t-1\nlogsource: {category: webserver}\nlevel: low\n';
const read = (text: string) => readRules([{ name: 'r.yml', text }]);
const faultsOf = (text: string) =>
  read(text).faults.map(({ line, weight, says, hint }) => `${line} ${weight}: ${says} | ${hint}`);

test('each mistake is told with its line, what is wrong and what to do', () => {
  const detection = (body: string): string => `${head}detection:\n${body}`;
  const cases: [text: string, fault: string][] = [
    [detection('  s:\n    c-uri|containz: x\n  condition: s\n'), '7 error: there is no modifier "containz" | did you mean contains?'],
    [detection('  s:\n    c-uri|expand: "%x%"\n  condition: s\n'), '7 error: the modifier "expand" asks for a list that only the place it was written for has | write the values out in place of the %name%'],
    [detection('  s:\n    c-uri|re: "(a)\\\\1"\n  condition: s\n'), '7 error: RE2 does not take the regular expression: invalid escape sequence: `\\1` | look-around, back references and possessive repeats are not run, since their time has no bound: use two selections and «not»'],
    [detection('  s:\n    c-uri|re: "a(?=b)"\n  condition: s\n'), '7 error: RE2 does not take the regular expression: it looks ahead or behind | look-around, back references and possessive repeats are not run, since their time has no bound: use two selections and «not»'],
    [detection('  s:\n    src_ip|cidr: 10.0.0.0/33\n  condition: s\n'), '7 error: "10.0.0.0/33" is not a network | write it as 10.0.0.0/8 or 2001:db8::/32'],
    [detection('  s:\n    c-uri|contains|re: a\n    c-uri|cidr|contains: a\n  condition: s\n'), '8 error: the modifier "cidr" does not go with "contains" | use one of the two'],
    [detection('  s:\n    c-uri: x\n  condition: s and selektion\n'), '8 error: there is no selection "selektion" | selections of this rule: s'],
    [detection('  s:\n    c-uri: x\n  t:\n    c-uri: y\n  condition: s\n'), '8 warning: the selection "t" is not used | name it in the condition, or remove it'],
    [detection('  s:\n    c-uri: x\n  condition: s | count() > 5\n'), '8 error: the condition aggregates with | | this form is no longer part of Sigma: write a correlation (type: event_count or value_count)'],
    [detection('  s:\n    c-uri: x\n  condition: 2 of s*\n'), '8 error: 2 of 1 selections can never match | write «all of s*»'],
    [detection('  s:\n    http_request.htp_method: x\n  condition: s\n'), '7 warning: no sensor is known to fill "http_request.htp_method" | did you mean http_request.http_method?'],
    [detection('  s:\n    c-uri: *x\n  condition: s\n'), "7 error: an alias (*name) is used | write the entry out; a pattern that begins with * needs quotes: '*text'"],
    ['title: T\nlogsource: {category: webserver}\nlevel: low\ndetection: {s: {c-uri: x}, condition: s}\n', '1 error: the id is missing | give it a UUID of its own (uuidgen makes one), and keep it'],
    ['id: x\nlogsource: {category: webserver}\nlevel: hgih\ndetection: {s: {c-uri: x}, condition: s}\n', '3 error: there is no level "hgih" | did you mean high?'],
    ['title: T\nid: x\nlevel: low\ndetection: {s: {c-uri: x}, condition: s}\n', '1 error: the logsource is missing | say which events it is about: category: webserver'],
    [`${head}---\n${head}`, '1 error: the detection is missing | write detection: with one selection and a condition'],
    ['title: C\nid: c\nlevel: low\ncorrelation:\n  type: event_count\n  rules: [nothing]\n  timespan: 5m\n  condition: {gte: 3}\n', '6 error: there is no rule "nothing" that could be loaded | it stands in one of the files that are loaded together, under this id or name'],
    ['title: C\nid: c\nlevel: low\ncorrelation:\n  type: temporal\n  rules: [c]\n  timespan: 5 minutes\n', '7 error: "5 minutes" is not a time | write a number with s, m, h or d, as 10m; at most 31d'],
    ['title: C\nid: c\nlevel: low\ncorrelation:\n  type: temporal\n  rules: [c]\n  timespan: 5m\n', '6 error: the correlation stands on "c", which stands on itself, on a missing rule or more than 10 deep | follow the rules that it names'],
    ['title: C\nid: c\nlevel: low\ncorrelation:\n  type: event_count\n  rules: [c]\n  timespan: 5m\n  condition: {lt: 5}\n', '8 error: the condition is true of nothing at all | a stream knows only what came: say gt, gte or eq'],
    ['title: C\nid: c\nlevel: low\ncorrelation:\n  type: value_percentile\n  rules: [c]\n  timespan: 5m\n  condition: {field: a, gte: 5}\n', '5 error: value_percentile needs every value of the window, and memory for it has no bound | use value_count, value_sum or value_avg'],
  ]; // prettier-ignore
  for (const [text, fault] of cases)
    assert.ok(faultsOf(text).includes(fault), `${text}\nshould say ${fault}\nsays ${faultsOf(text).join('\n')}`);
});

test('bombs, megabytes and deep nesting are refused at once, and no text makes it throw', () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 9 }, (_, i) => `b${i}: &b${i} [${Array.from({ length: 9 }, () => (i === 0 ? '*a' : `*b${i - 1}`)).join(', ')}]`).join('\n')}\n`;
  // time of the processor: the machine may be busy
  const began = process.cpuUsage();
  for (const text of [
    bomb,
    'x'.repeat(1_000_000),
    '['.repeat(250_000),
    '{a: '.repeat(60_000),
    '- '.repeat(100_000),
    'a:\n'.repeat(60_000),
    '---\n'.repeat(50_000),
    '\u0000',
    '\uD800',
    '? '.repeat(100_000),
    `a: ${'"'.repeat(100_001)}`,
  ]) {
    const { rules, faults } = read(text);
    assert.equal(rules.length, 0);
    assert.ok(faults.length > 0, text.slice(0, 10));
  }
  const deep = read(`${head}detection:\n  s: {c-uri: x}\n  condition: ${'('.repeat(3000)}s${')'.repeat(3000)}\n`);
  assert.match(deep.faults[0]?.says ?? '', /nested more than/u);
  const nested = Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i % 100)}a${i}:\n`).join('');
  read(nested);
  for (const expression of [
    '(a+)+$',
    '((((a*)*)*)*)*b',
    '(x+x+)+y',
    '.*.*.*.*.*=.*',
    'a{1000}{1000}',
    '('.repeat(5000),
  ]) {
    const { rules } = read(`${head}detection:\n  s:\n    c-uri|re: '${expression}'\n  condition: s\n`);
    createSigma({ rules, most: 10 }).feed(
      eventOf(
        { log_name: 'l', product: 'p' },
        {
          class: 'http',
          uid: 'u',
          time: 1,
          http_request: { http_method: 'GET', url: { path: `${'a'.repeat(50_000)}!` } },
        },
        1,
      ),
    );
  }
  const { user } = process.cpuUsage(began);
  assert.ok(user < 15_000_000, `${user / 1000} ms`);
});

const word = fc.constantFrom(
  'title',
  'id',
  'name',
  'logsource',
  'detection',
  'condition',
  'correlation',
  'level',
  'strongroom',
  'rules',
  'type',
  'timespan',
  'tags',
  's',
  'c-uri|contains',
  'c-uri|re',
  '__proto__',
  'constructor',
  '|all',
);
const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.constant(null),
  fc.boolean(),
  fc.constantFrom('s', '1 of them', 'event_count', 'low', '5m', 'webserver', 'a*b?\\*', '(a+)+'),
);
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(word, tie('node'), { maxKeys: 6 }),
  ),
})).node;
const anyEvent = fc.record({
  class_uid: fc.constantFrom(4002, 4001, 6003),
  text: fc.string(),
  code: fc.integer(),
  time: fc.oneof(fc.integer(), fc.constantFrom(Number.NaN, Infinity, -1)),
});

test('whatever stands in a rule, and whatever in an event, nothing throws', () => {
  fc.assert(
    fc.property(tree, anyEvent, (value, { class_uid, text, code, time }) => {
      const whole = {
        title: 'T',
        id: 'x',
        level: 'low',
        logsource: { category: 'webserver' },
        detection: { s: value, condition: 's' },
      };
      const correlation = { title: 'T', id: 'y', level: 'low', correlation: value };
      const { rules } = readRules([{ name: 'a', text: JSON.stringify(value) }, { name: 'b', text: JSON.stringify(whole) }, { name: 'c', text: JSON.stringify(correlation) }]); // prettier-ignore
      const sigma = createSigma({ rules, most: 10 });
      const made = eventOf({ log_name: 'l', product: 'p' }, { class: 'http', uid: text, time, src_endpoint: { ip: text }, http_request: { http_method: text, url: { path: text } }, http_response: { code } }, 1000); // prettier-ignore
      for (let i = 0; i < 3; i += 1) sigma.feed({ ...made, class_uid });
      sigma.states();
    }),
    { numRuns: 400 },
  );
});

const name = fc.constantFrom('a', 'b', 'c1', 'c2');
const conditionTree: fc.Arbitrary<Condition> = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    name.map((each): Condition => ({ op: 'is', name: each })),
    fc.integer({ min: 1, max: 2 }).map((least): Condition => ({ op: 'count', least, names: ['c1', 'c2'] })),
    tie('node').map((of): Condition => ({ op: 'not', of })),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('node'), { minLength: 2, maxLength: 4 }))
      .map(([op, of]): Condition => ({ op, of })),
  ),
})).node;
const written = (node: Condition): string =>
  node.op === 'is'
    ? node.name
    : node.op === 'count'
      ? `${node.least} of c*`
      : node.op === 'not'
        ? `not (${written(node.of)})`
        : `(${node.of.map(written).join(` ${node.op} `)})`;
const naive = (node: Condition, on: ReadonlySet<string>): boolean =>
  node.op === 'is' ? on.has(node.name)
  : node.op === 'count' ? node.names.filter((each) => on.has(each)).length >= node.least
  : node.op === 'not' ? !naive(node.of, on)
  : node.op === 'and' ? node.of.every((each) => naive(each, on)) : node.of.some((each) => naive(each, on)); // prettier-ignore

test('a condition means what a slow reader of its tree says', () => {
  fc.assert(
    fc.property(conditionTree, fc.subarray(['a', 'b', 'c1', 'c2']), (node, on) => {
      const found = readCondition(written(node), ['a', 'b', 'c1', 'c2']);
      assert.ok('condition' in found);
      const set = new Set(on);
      assert.equal(
        compileCondition(found.condition, (each) => () => set.has(each))(undefined as never),
        naive(node, set),
      );
    }),
  );
});

test('wildcards match what RE2 matches', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.', '\\', '😀'), maxLength: 10 });
  fc.assert(
    fc.property(
      letters,
      fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '\\', '😀'), maxLength: 14 }),
      (pattern, text) => {
        const tokens = parsePattern(pattern);
        const expression = tokens
          .map((token: Token) => (typeof token === 'string' ? RE2JS.quote(token) : token === 0 ? '(?s:.*)' : '(?s:.)'))
          .join('');
        assert.equal(
          compilePattern(tokens)(text),
          RE2JS.compile(`^(?:${expression})$`).matches(text),
          `${pattern} of ${text}`,
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test('the literals of many rules are found in one pass as one by one, and a part folded is a part of the whole folded', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '€'), maxLength: 20 });
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é'), minLength: 1, maxLength: 8 }), { minLength: 1 }),
      texts,
      (literals, text) => {
        const found = new Set<number>();
        createLiterals(literals).findIn(text, (index) => found.add(index));
        for (const [index, literal] of literals.entries())
          if (text.includes(literal)) assert.ok(found.has(index), literal);
        for (const index of found)
          assert.ok(text.includes(literals[index] as string) || (literals[index] as string).includes('é'));
      },
    ),
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b, c) => fold(`${a}${b}${c}`) === `${fold(a)}${fold(b)}${fold(c)}`)); // prettier-ignore
});
