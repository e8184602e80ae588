import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';

import { needsIndex } from './diff-catalogs.ts';
import { diffCatalogs, lintCatalog, parseCatalog } from './index.ts';

const GOOD = `schema: strongroom/catalog/1
purposes:
  service: {title: Service, legalBasis: contract}
  service.support: {title: Support}
events: {account.closed: closed}
collections:
  customer:
    title: Customers
    owner: sales
    externalId: {name: CustomerId}
    retention: {after: account.closed, for: P2Y6M}
    fields:
      email: {type: email, class: personal, purposes: [service.support], search: {exact: {unique: true}}}
      born: {type: date, class: sensitive, purposes: [service.support], search: month}
      notes: {type: text, class: special, purposes: [{id: service.support, art9: health-care}]}
`;

test('defaults are explicit after parsing', () => {
  const customer = parseCatalog(GOOD).collections.get('customer');
  const email = customer?.fields.get('email');

  assert.equal(email?.mask, 'email');
  assert.equal(email?.maxLength, 254);
  assert.deepEqual(email?.search, [{ kind: 'exact', unique: true, bits: null }]);
  assert.deepEqual(email?.purposes[0]?.retention, {
    after: 'account.closed',
    for: 'P2Y6M',
    period: { years: 2, months: 6, days: 0 },
    action: 'erase',
  });
  assert.equal(email?.purposes[0]?.legalBasis, 'contract');
  assert.equal(customer?.fields.get('notes')?.mask, 'hide');
  assert.equal(customer?.externalId.normalise, 'exact');
});

test('each rule refuses its breach, with the line, and says the path', () => {
  const breaches: [string, string, RegExp][] = [
    ['purposes: [service.support], search: {', 'search: {', /:13: .*email: the field has no purpose/],
    [
      'purposes: [service.support], search: m',
      'purposes: [service.suport], search: m',
      /:14: .*service\.suport is not declared/,
    ],
    [', legalBasis: contract', '', /:4: .*service\.support"\]: the purpose has no legal basis/],
    ['{after: account.closed, for', '{for', /:11: .*retention has no event/],
    ['after: account.closed', 'after: account.opened', /:11: .*account\.opened is not declared/],
    ['    retention: {after: account.closed, for: P2Y6M}\n', '', /nothing says how long/],
    ['P2Y6M', 'P', /:11: .*not a duration/],
    [', art9: health-care', '', /:15: .*no Art. 9 condition/],
    ['class: special', 'class: special, search: exact', /:15: .*special is searchable/],
    ['class: special', 'class: special, mask: none', /:15: .*shown where it should be masked/],
    ['search: month', 'search: prefix', /:14: .*prefix search needs text/],
    ['search: {exact: {unique: true}}', 'search: month', /:13: .*month search needs a date/],
    ['unique: true', 'unique: true, bits: 12', /:13: .*cannot be a bucket/],
    ['unique: true', 'uniq: true', /:13: .*search: this is not what is expected/],
    ['      born:', '      email:', /:14: the same name is declared twice/],
    ['      born:', '      Born:', /:14: .*not a usable name/],
    ['      born:', '      constructor:', /:14: .*reserved/],
    ['      born:', '      __proto__:', /__proto__/],
    ['type: date', 'type: choice', /a choice has no values/],
    ['type: date', 'type: date, values: [a]', /has values/],
    ['type: date, class', 'type: date, pattern: "(a+)+$", class', /pattern: this entry is not known/],
    ['class: sensitive', 'class: secret', /:14: .*class: .*expected one of public/],
    ['catalog/1', 'catalog/9', /schema/],
    ['owner: sales', 'owner: &a sales\n    description: *a', /an alias/],
    ['    owner: sales\n', '', /:7: .*owner is missing/],
    ['  service: {title: Service, legalBasis: contract}\n', '', /the parent service is not declared/],
  ];
  for (const [from, to, expected] of breaches) {
    assert.ok(GOOD.includes(from), from);
    assert.throws(
      () => parseCatalog(GOOD.replace(from, to)),
      (thrown) =>
        isFailure(thrown, 'COLLECTION_CATALOG_INVALID') &&
        expected.test(thrown.message) &&
        Array.isArray(thrown.extra['problems']),
      `${to} → ${lintCatalog(GOOD.replace(from, to))
        .problems.map((p) => `${p.line} ${p.path} ${p.says}`)
        .join()}`,
    );
  }
});

test('what is not a catalogue at all is refused clearly', () => {
  for (const text of [
    '',
    'a: [',
    '[]',
    '42',
    '\u0000',
    'schema: strongroom/catalog/1',
    '!!js/function x',
    'a: 1\n---\nb: 2',
    '{'.repeat(50_000),
  ]) {
    assert.equal(lintCatalog(text).ok, false, text.slice(0, 20));
  }
});

test('search on class special passes when a human has acknowledged it', () => {
  assert.ok(
    lintCatalog(
      GOOD.replace('class: special', 'class: special, search: exact, acknowledged: "DPO, 2026-11-24: allergy desk"'),
    ).ok,
  );
});

test('the version depends on meaning, not on comments, order or spelled-out defaults', () => {
  const { version } = parseCatalog(GOOD);

  assert.equal(parseCatalog(`# hello\n${GOOD}`).version, version);
  assert.equal(
    parseCatalog(GOOD.replace('type: date, class: sensitive', 'class: sensitive, mask: date, type: date')).version,
    version,
  );
  assert.notEqual(parseCatalog(GOOD.replace('P2Y6M', 'P2Y')).version, version);
  // as it was before there were recipients, gates and all that came later: what is stored keeps its name
  assert.equal(version, 'cf9e550afffdf380531257298cc6f9e4824ebd49227ea3f135825e519f66ba3b');
});

test('a comparison says what breaks, what needs an index, and what subjects must be told', () => {
  const effects = (from: string, to: string): string[] =>
    diffCatalogs(parseCatalog(GOOD), parseCatalog(GOOD.replace(from, to))).changes.map((change) => change.effect);

  assert.deepEqual(effects('x', 'x'), []);
  assert.deepEqual(effects('type: date, class: sensitive', 'type: date, class: personal'), ['breaking']);
  assert.deepEqual(effects('search: month', 'search: [month, exact]'), ['rebuild']);
  assert.deepEqual(effects('P2Y6M', 'P3Y'), ['notice', 'notice', 'notice']);
  assert.deepEqual(effects('class: sensitive', 'class: sensitive, required: true'), ['breaking']);
  assert.deepEqual(effects('      born', '      birth'), ['breaking', 'notice', 'rebuild']);
});

test('a comparison names each kind of change', () => {
  const kinds = (from: string, to: string): string[] => {
    assert.ok(GOOD.includes(from), from);
    const { changes } = diffCatalogs(parseCatalog(GOOD), parseCatalog(GOOD.replace(from, to)));
    return [...new Set(changes.map(({ kind }) => kind))];
  };

  assert.deepEqual(kinds('P2Y6M', 'P3Y'), ['retention-longer']);
  assert.deepEqual(kinds('P2Y6M', 'P2Y'), ['retention-shorter']);
  assert.deepEqual(kinds('{after: account.closed, for: P2Y6M}', '{after: record.created, for: P2Y6M}'), ['retention']);
  assert.deepEqual(kinds('class: sensitive', 'class: sensitive, recipients: [bank]'), ['recipient-added']);
  // a law that comes or goes takes values away: whoever approves has to see it, beside whatever else changes
  assert.deepEqual(kinds('class: sensitive', 'title: Day, class: sensitive, floor: {after: account.closed, for: P10Y, law: HGB}'), ['floor']); // prettier-ignore
  assert.deepEqual(kinds('class: sensitive', 'class: sensitive, ceiling: {after: account.closed, for: P1D, law: X}, owner: legal'), ['owner', 'ceiling']); // prettier-ignore
  assert.deepEqual(kinds('class: sensitive', 'class: sensitive, portable: false'), ['portable']);
  assert.deepEqual(kinds('title: Support', 'title: Help'), ['changed']);
  assert.deepEqual(kinds('title: Customers', 'title: People'), ['wording']);
  assert.deepEqual(kinds('legalBasis: contract', 'legalBasis: consent'), ['legal-basis']);
  assert.deepEqual(
    kinds('      born:', '      note: {type: text, class: internal, purposes: [service]}\n      born:'),
    ['added'],
  );
});

test('the index is made anew when a field is searched otherwise, and not for anything else', () => {
  const needs = (from: string, to: string): boolean =>
    needsIndex(parseCatalog(GOOD), parseCatalog(GOOD.replace(from, to)));

  assert.equal(needs('search: month', 'search: [month, exact]'), true);
  assert.equal(needs(', search: month', ''), true, 'what nobody may search any more leaves the index');
  assert.equal(
    needs('      born:', '      nick: {type: text, class: internal, purposes: [service], search: exact}\n      born:'),
    true,
  );
  assert.equal(
    needs('      born:', '      nick: {type: text, class: internal, purposes: [service]}\n      born:'),
    false,
  );
  assert.equal(needs('P2Y6M', 'P3Y'), false);
});

test('the catalogue of the examples is valid', () => {
  const text = readFileSync(new URL('../../examples/catalog.yaml', import.meta.url), 'utf8');
  const catalog = parseCatalog(text);

  assert.deepEqual(lintCatalog(text).warnings, []);

  assert.equal(catalog.collections.get('customer')?.fields.get('care_notes')?.class, 'special');
});

test('attachments are declared like a field, never as special, and without them nothing changes', () => {
  const declared = '    attachments: {class: sensitive, purposes: [service.support]}\n    fields:\n';
  const more = GOOD.replace('    fields:\n', declared);
  const [before, after] = [parseCatalog(GOOD), parseCatalog(more)];

  assert.equal(before.collections.get('customer')?.attachments, null);
  const attachments = after.collections.get('customer')?.attachments;
  assert.deepEqual([attachments?.class, attachments?.mask], ['sensitive', 'hide']);
  assert.deepEqual(
    attachments?.purposes.map(({ id }) => id),
    ['service.support'],
  );
  assert.deepEqual(
    diffCatalogs(before, after).changes.map(({ effect }) => effect),
    ['notice'],
  );
  assert.equal(diffCatalogs(after, before).compatible, false);
  for (const [wrong, expected] of [
    [
      '{class: special, purposes: [{id: service.support, art9: health-care}]}',
      /attachments cannot be of class special/,
    ],
    ['{class: sensitive}', /has no purpose/],
    ['{class: sensitive, purposes: [service.suport]}', /is not declared/],
    ['{class: sensitive, purposes: [service.support], search: exact}', /search/],
  ] as const) {
    const { problems } = lintCatalog(GOOD.replace('    fields:\n', `    attachments: ${wrong}\n    fields:\n`));
    assert.match(JSON.stringify(problems), expected, wrong);
  }
});
