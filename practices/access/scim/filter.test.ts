import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { code } from '../testing.ts';
import { matches, MAX_CHARS, OPERATORS, parseFilter, parsePath, type Filter, type Value } from './filter.ts';

const compare = (attribute: string, operator: (typeof OPERATORS)[number], value: Value): Filter => ({
  is: 'compare', attribute, operator, value,
}); // prettier-ignore

test('filters of RFC 7644 read as they are written, and as Entra writes them', () => {
  assert.deepEqual(parseFilter('userName Eq "bjensen"'), compare('username', 'eq', 'bjensen'));
  assert.deepEqual(
    parseFilter('urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"'),
    compare('username', 'sw', 'J'),
  );
  assert.deepEqual(parseFilter('title pr and userType eq "Employee" or active eq true'), {
    is: 'or',
    all: [
      { is: 'and', all: [compare('title', 'pr', null), compare('usertype', 'eq', 'Employee')] },
      compare('active', 'eq', true),
    ],
  });
  assert.deepEqual(parseFilter('not (emails co "a") AND (id eq "x")'), {
    is: 'and',
    all: [{ is: 'not', of: compare('emails', 'co', 'a') }, compare('id', 'eq', 'x')],
  });
  assert.deepEqual(parseFilter('emails[type eq "work"].value eq "a@b"'), {
    is: 'and',
    all: [compare('emails.type', 'eq', 'work'), compare('emails.value', 'eq', 'a@b')],
  });
  assert.deepEqual(parsePath('members[value eq "per_1"]'), {
    attribute: 'members', filter: compare('value', 'eq', 'per_1'), sub: null,
  }); // prettier-ignore
  assert.deepEqual(parsePath('name.familyName'), { attribute: 'name', filter: null, sub: 'familyname' });
});

test('what is no filter is refused, whatever its size and depth', () => {
  const bombs = [
    '(', ')', '', ' ', 'userName', 'userName eq', 'userName eq "a', 'userName eq "a" and', 'userName eq "\\x"', 'userName eq "a" x', 'eq "a"',
    'userName eq"a"', 'userName like "a"', 'userName eq "a" && active eq true', 'userName eq bare', '1 eq 1', 'a[b eq 1', 'a[b[c eq 1]]', 'not userName pr',
    '('.repeat(100_000), `${'('.repeat(9)}a pr${')'.repeat(9)}`, 'not ('.repeat(20_000), '"'.repeat(100_000), `a eq "${'\\'.repeat(99_999)}`,
    Array.from({ length: 51 }, () => 'a pr').join(' or '), 'a pr or '.repeat(12_000), `a eq "${'x'.repeat(100_000)}"`, 'a['.repeat(50_000), '.'.repeat(1999), `a${'.a'.repeat(990)} `,
  ]; // prettier-ignore
  const began = process.cpuUsage().user;
  for (const text of bombs) assert.throws(() => parseFilter(text), code('ACCESS_SCIM_FILTER'), text.slice(0, 40));
  for (const text of ['', '[', 'a[b eq 1', 'a[b eq 1]x', 'a.b.c', '1', 'a b', 'a['.repeat(50_000)])
    assert.throws(() => parsePath(text), code('ACCESS_SCIM_PATH'), text.slice(0, 40));
  assert.ok(process.cpuUsage().user - began < 500_000, 'none of them takes long');
});

const name = fc.constantFrom('userName', 'displayName', 'name.givenName', 'emails');
const value = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.integer({ min: -999, max: 999 }),
  fc.boolean(),
  fc.constant(null),
);
const leaf = fc
  .tuple(name, fc.constantFrom(...OPERATORS), value)
  .map(([attribute, operator, said]) => compare(attribute, operator, operator === 'pr' ? null : said));
const tree = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    leaf,
    tie('filter').map((of): Filter => ({ is: 'not', of })),
    fc.tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('filter'), { minLength: 2, maxLength: 3 })).map(([is, all]): Filter => ({ is, all })),
  ),
})).filter; // prettier-ignore
/** Every pair of brackets that could be there is there. */
const written = (filter: Filter): string => {
  if (filter.is === 'compare')
    return filter.operator === 'pr'
      ? `${filter.attribute} pr`
      : `${filter.attribute} ${filter.operator} ${JSON.stringify(filter.value)}`;
  if (filter.is === 'not') return `not (${written(filter.of)})`;
  return filter.all.map((each) => `(${written(each)})`).join(` ${filter.is} `);
};
const lower = (filter: Filter): Filter => {
  if (filter.is === 'compare') return { ...filter, attribute: filter.attribute.toLowerCase() };
  return filter.is === 'not' ? { is: 'not', of: lower(filter.of) } : { ...filter, all: filter.all.map(lower) };
};

test('whatever filter is written down is read again as itself', () => {
  fc.assert(
    fc.property(tree, (filter) => {
      const text = written(filter);
      fc.pre(
        text.length <= MAX_CHARS && Array.from(text.matchAll(/(?:eq|ne|co|sw|ew|pr|gt|ge|lt|le)\b/g)).length <= 50,
      );
      assert.deepEqual(parseFilter(text), lower(filter));
    }),
  );
});

test('any text is a filter or a refusal, never another fault', () => {
  const word = fc.constantFrom(
    'userName',
    'eq',
    'and',
    'or',
    'not',
    '(',
    ')',
    '[',
    ']',
    '"a"',
    ' ',
    '.',
    'true',
    '1',
    ':',
    'urn:',
  );
  const text = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.array(word, { maxLength: 60 }).map((each) => each.join('')),
  );
  fc.assert(
    fc.property(text, (each) => {
      for (const parse of [parseFilter, parsePath])
        try {
          parse(each);
        } catch (thrown) {
          assert.match((thrown as { code: string }).code, /^ACCESS_SCIM_(FILTER|PATH)$/);
        }
    }),
  );
});

test('a value of many is meant by what it says, whatever the case', () => {
  const item = { value: 'Ada@Example.org', type: 'work', primary: true };
  for (const [text, meant] of [
    ['type eq "WORK"', true], ['type ne "work"', false], ['value sw "ada@"', true], ['value ew ".com"', false], ['value co "EXAMPLE"', true],
    ['primary eq true', true], ['primary eq "True"', true], ['primary eq false', false], ['display pr', false], ['not (display pr)', true],
    ['type eq "home" or primary eq true', true],
  ] as const) assert.equal(matches(parseFilter(text), item), meant, text); // prettier-ignore
});
