import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { CheckedValue } from '../check-value.ts';
import { lintCatalog, parseCatalog } from '../parse-catalog.ts';
import type { Finding } from './gate-counts.ts';
import { createGate } from './gate.ts';
import { truncateAddress } from './ip-address.ts';
import { coarsen, parseMinimise } from './minimise.ts';
import type { DetectText } from './text-gate.ts';

const CATALOG = (mode: string, fields: string): string => `schema: strongroom/catalog/1
purposes:
  service: {title: Service, legalBasis: contract}
  service.support: {title: Support}
  campaign: {title: Campaign, legalBasis: consent, until: "2026-06-30"}
  legal: {title: Law, legalBasis: legal-obligation}
collections:
  customer:
    title: Customers
    owner: sales
    externalId: {name: id}
    retention: {after: record.created, for: P2Y}
    gate: ${mode}
    fields:
${fields}`;
const NOTE = '      note: {type: text, class: internal, purposes: [service]}\n';
const TODAY = new Date('2026-11-26T12:00:00Z');

/** Finds `payment-card:…`, `person-name:…`, `health:…` as if they were what they say; a question mark is a guess. */
const detect: DetectText = (text) =>
  [...text.matchAll(/\b(payment-card|person-name|health):\w+(\?)?/g)].map((found) => ({
    type: found[1] as string, start: found.index, end: found.index + found[0].length, confidence: found[2] === '?' ? 0.4 : 0.95,
  })); // prettier-ignore

function gateOf(mode: string, fields: string) {
  const catalog = parseCatalog(CATALOG(mode, fields));
  const collection = catalog.collections.get('customer') as NonNullable<ReturnType<typeof catalog.collections.get>>;
  const counted: Finding[] = [];
  const gate = createGate({ catalog: () => catalog, detect, clock: () => TODAY, count: (one) => counted.push(one) });
  const spec = (name: string) => collection.fields.get(name) as NonNullable<ReturnType<typeof collection.fields.get>>;
  return {
    counted,
    put: (field: string, value: unknown, purpose: string | null = null): CheckedValue =>
      gate.checkValue(spec(field), value, { collection, purpose }),
    text: (field: string, value: string): CheckedValue =>
      gate.checkText(spec(field), value, { collection, purpose: null }),
  };
}
const value = (checked: CheckedValue): unknown => (checked.ok ? checked.value : `refused: ${checked.because}`);
const counts = (counted: readonly Finding[]): string[] =>
  counted.map((each) => `${each.field} ${each.finding} ${each.mode} ${each.outcome} ${each.would}`);

test('what is above the class of a text field is counted, told of, or refused, by the mode; values are never counted', () => {
  const secret = 'pay with payment-card:4111 please';
  for (const [mode, expected, outcome] of [
    ['off', secret, []],
    ['observe', secret, ['note payment-card observe passed refuse']],
    ['warn', secret, ['note payment-card warn passed refuse']],
    [
      'enforce',
      'refused: seems to contain what this field may not hold: payment-card',
      ['note payment-card enforce refused refuse'],
    ],
  ] as const) {
    const { put, counted } = gateOf(mode, NOTE);
    const checked = put('note', secret);
    assert.equal(value(checked), expected, mode);
    assert.deepEqual(counts(counted), outcome, mode);
    assert.equal((checked.ok ? checked.warns : undefined)?.length ?? 0, mode === 'warn' ? 1 : 0, mode);
    assert.doesNotMatch(JSON.stringify([counted, checked.ok ? checked.warns : checked.because]), /4111/);
  }
});

test('rules by type, class and for all: the nearest counts, the strictest wins, a guess is no finding', () => {
  const { put, counted } = gateOf('enforce', '      note: {type: text, class: internal, purposes: [service], gate: {personal: mask, payment-card: refuse, health: pass}}\n'); // prettier-ignore
  assert.equal(value(put('note', 'call person-name:ada, person-name:bea')), 'call [person-name], [person-name]');
  assert.equal(value(put('note', 'has health:flu')), 'has health:flu');
  assert.match(String(value(put('note', 'person-name:ada payment-card:1'))), /^refused: .*: payment-card$/);
  assert.equal(value(put('note', 'maybe payment-card:1?')), 'maybe payment-card:1?');
  assert.equal(value(put('note', 'nothing')), 'nothing');
  assert.deepEqual(counts(counted).slice(0, 2), [
    'note person-name enforce masked mask',
    'note health enforce passed pass',
  ]);

  const sensitive = gateOf('enforce', '      note: {type: text, class: sensitive, purposes: [service]}\n');
  assert.equal(value(sensitive.put('note', 'payment-card:1')), 'payment-card:1', 'a field of that class may hold it');
  assert.match(String(value(sensitive.put('note', 'health:flu'))), /health/);
  const explicit = gateOf('enforce', '      note: {type: text, class: sensitive, purposes: [service], gate: {payment-card: refuse}}\n'); // prettier-ignore
  assert.match(String(value(explicit.put('note', 'payment-card:1'))), /^refused/);
});

test('a text that masking makes too long is masked in short, and where that is too long refused: never cut', () => {
  const jo: DetectText = (text) => [...text.matchAll(/Jo/g)].map(({ index }) => ({ type: 'person-name', start: index, end: index + 2, confidence: 1 })); // prettier-ignore
  const catalog = parseCatalog(CATALOG('enforce', '      note: {type: text, class: internal, purposes: [service], gate: mask, maxLength: 20}\n')); // prettier-ignore
  const collection = catalog.collections.get('customer') as NonNullable<ReturnType<typeof catalog.collections.get>>;
  const counted: Finding[] = [];
  const gate = createGate({
    catalog: () => catalog,
    detect: jo,
    clock: () => TODAY,
    count: (one) => counted.push(one),
  });
  const put = (text: string): unknown => value(gate.checkValue(collection.fields.get('note') as never, text, { collection, purpose: null })); // prettier-ignore

  assert.equal(put('Jo rests'), '[person-name] rests');
  assert.equal(put('Jo rests and sleep'), '[*] rests and sleep');
  assert.equal(put('Jo rests and sleeps.'), 'refused: is too long once what it may not hold is masked: person-name');
  assert.deepEqual(counts(counted).map((each) => each.split(' ')[3]), ['masked', 'masked', 'refused']); // prettier-ignore
});

test('spans that overlap are masked as one, and nothing of them is left', () => {
  const both: DetectText = () => [
    { type: 'phone', start: 5, end: 12, confidence: 1 },
    { type: 'email', start: 0, end: 8, confidence: 1 },
    { type: 'name', start: 6, end: 7, confidence: 1 },
  ];
  const catalog = parseCatalog(CATALOG('enforce', '      note: {type: text, class: internal, purposes: [service], gate: mask}\n')); // prettier-ignore
  const collection = catalog.collections.get('customer') as never as Parameters<
    ReturnType<typeof createGate>['undeclared']
  >[0];
  const gate = createGate({ catalog: () => catalog, detect: both, clock: () => TODAY, count: () => undefined });
  const checked = gate.checkValue(collection.fields.get('note') as never, '0123456789AB rest', { collection, purpose: null }); // prettier-ignore

  assert.equal(value(checked), '[email] rest');
});

test('data is refused under a purpose that has ended, named or the only one of the field, whatever the mode', () => {
  const fields = `${NOTE}      prize: {type: text, class: internal, purposes: [campaign]}\n      both: {type: text, class: internal, purposes: [campaign, service]}\n`;
  const { put } = gateOf('off', fields);

  assert.match(String(value(put('prize', 'x'))), /the purpose campaign has ended/);
  assert.equal(value(put('both', 'x')), 'x');
  assert.match(String(value(put('both', 'x', 'campaign'))), /campaign has ended/);
});

test('a value for a purpose that its field is not collected for is refused once the gate enforces', () => {
  assert.equal(
    value(gateOf('enforce', NOTE).put('note', 'x', 'service.support')),
    'x',
    'the field is for what is above',
  );
  assert.equal(value(gateOf('enforce', NOTE).put('note', 'x', 'legal')), 'x');
  const { put, counted } = gateOf('enforce', NOTE);
  assert.match(String(value(put('note', 'x', 'servicex'))), /not collected for servicex/);
  assert.deepEqual(counts(counted), ['note purpose enforce refused refuse']);
  assert.equal(value(gateOf('observe', NOTE).put('note', 'x', 'servicex')), 'x');
});

test('what a subject said to the purposes that are left decides, by the mode; a duty, a contract and a right go on', () => {
  const fields = `      promo: {type: text, class: internal, purposes: [news]}
      both: {type: text, class: internal, purposes: [news, service]}
      looks: {type: text, class: internal, purposes: [study]}
      file: {type: text, class: internal, purposes: [news, legal]}
`;
  const more =
    '  news: {title: News, legalBasis: consent}\n  study: {title: Study, legalBasis: legitimate-interest}\n  legal:';
  const outcome = (mode: string, field: string, said: Record<string, 'given' | 'withdrawn'>, purpose: string | null = null): string => {
    const catalog = parseCatalog(CATALOG(mode, fields).replace('  legal:', more));
    const collection = catalog.collections.get('customer') as NonNullable<ReturnType<typeof catalog.collections.get>>;
    const counted: Finding[] = [];
    const gate = createGate({ catalog: () => catalog, detect, clock: () => TODAY, count: (one) => counted.push(one) });
    const checked = gate.checkConsent(collection.fields.get(field) as never, { collection, purpose }, (each) => said[each] ?? 'notAsked');
    return `${checked.ok ? (checked.warns ?? []).length : checked.because} ${counts(counted).join()}`.trim();
  }; // prettier-ignore
  const refused = 'is not collected: its subject does not agree to';

  assert.equal(outcome('enforce', 'promo', {}), `${refused} news promo consent enforce refused refuse`);
  assert.equal(outcome('warn', 'promo', {}), '1 promo consent warn passed refuse');
  assert.equal(outcome('observe', 'promo', { news: 'withdrawn' }), '0 promo consent observe passed refuse');
  assert.equal(outcome('off', 'promo', {}), '0');
  assert.equal(outcome('enforce', 'promo', { news: 'given' }), '0');
  assert.equal(outcome('enforce', 'both', { news: 'withdrawn' }), '0', 'a contract is left');
  assert.match(outcome('enforce', 'both', { news: 'withdrawn' }, 'news'), /agree to news/);
  assert.match(
    outcome('enforce', 'promo', { news: 'given' }, 'news.weekly'),
    /agree to news.weekly/,
    'a yes is for what was asked',
  );
  assert.equal(outcome('enforce', 'promo', { 'news.weekly': 'given' }, 'news.weekly'), '0');
  assert.equal(outcome('enforce', 'looks', {}), '0');
  assert.match(outcome('enforce', 'looks', { study: 'withdrawn' }), /agree to study/);
  assert.equal(outcome('enforce', 'file', {}), '0');
  assert.equal(outcome('enforce', 'promo', {}, 'legal'), '0');
});

test('values are made coarser before they are stored, from JSON and from text, and stay so', () => {
  const fields = `      born: {type: date, class: personal, purposes: [service], minimise: month}
      year: {type: integer, class: personal, purposes: [service], minimise: year}
      adult: {type: boolean, class: personal, purposes: [service], minimise: "age>=18"}
      area: {type: postcode, class: personal, purposes: [service], minimise: "prefix:3"}
      ip: {type: text, class: personal, purposes: [service], minimise: ip}
      income: {type: number, class: personal, purposes: [service], minimise: "round:1000"}
`;
  const { put, text, counted } = gateOf('observe', fields);
  for (const [field, given, stored] of [
    ['born', '1984-05-17', '1984-05-01'],
    ['year', '1984-05-17', 1984],
    ['adult', '2008-11-26', true],
    ['adult', '2008-11-27', false],
    ['area', 'SW1A 1AA', 'SW1'],
    ['ip', '203.0.113.77', '203.0.113.0'],
    ['ip', '2001:db8:85a3::8a2e:370:7334', '2001:db8:85a3::'],
    ['income', 51_499, 51_000],
  ] as const) {
    assert.equal(value(put(field, given)), stored, `${field} ${given}`);
    assert.equal(value(text(field, String(given))), stored, `${field} ${given} as text`);
    assert.equal(value(put(field, stored)), stored, `${field} ${String(stored)} again`);
  }
  assert.equal(value(text('adult', 'yes')), true);
  for (const [field, bad] of [
    ['born', '1984-13-01'],
    ['adult', '2030-01-01'],
    ['ip', 'localhost'],
    ['year', 'x'],
    ['adult', 'x'],
  ] as const)
    // prettier-ignore
    assert.match(String(value(put(field, bad))), /^refused/, `${field} ${bad}`);
  assert.ok(counts(counted).includes('born precision enforce coarsened coarsen'));
});

test('no way of writing a number gets past what makes it coarser', () => {
  const fields = `      year: {type: integer, class: internal, purposes: [service], minimise: year}
      income: {type: number, class: internal, purposes: [service], minimise: "round:1000"}
`;
  const { put, text } = gateOf('observe', fields);
  for (const given of [19_840_517, 19_840, -1, 1984.5])
    assert.match(String(value(put('year', given))), /^refused/, `${given} is no year`);
  assert.equal(value(put('year', 0)), 0);
  for (const given of ['51499.', '51499.00000000001', '051499', '0000000000051499', '51499.0000000000000'])
    assert.equal(value(text('income', given)), 51_000, given);
  assert.equal(value(text('income', '.5')), 0);
  assert.match(String(value(text('income', '51499.000000000000000001'))), /^refused: has more digits/);
  assert.equal(value(text('income', '1234567890123456')), 1_234_567_890_123_000);
});

test('born on a leap day one is of age on the first of March; before it not', () => {
  const adult = parseMinimise('age>=18') as NonNullable<ReturnType<typeof parseMinimise>>;
  const on = (day: string) => coarsen(adult, 'boolean', '2008-02-29', new Date(`${day}T00:00:00Z`));

  assert.deepEqual(on('2026-02-28'), { ok: true, value: false, changed: true });
  assert.deepEqual(on('2026-03-01'), { ok: true, value: true, changed: true });
});

test('addresses lose the part that tells households apart, in one spelling', () => {
  for (const [given, kept] of [
    ['10.1.2.3', '10.1.2.0'],
    ['::1', '::'],
    ['2001:0DB8:0000:1::', '2001:db8::'],
    ['::ffff:192.0.2.9', '::ffff:192.0.2.0'],
    ['fe80::1%eth0', null],
    ['1.2.3', null],
    ['1.2.3.4.5', null],
  ] as const)
    assert.equal(truncateAddress(given), kept, given);
});

test('lint: what minimise and gate cannot do, terms that nobody knows, and what should be justified', () => {
  const problems = (field: string) => lintCatalog(CATALOG('warn', `      x: {purposes: [service], ${field}}\n`));
  for (const [field, expected] of [
    ['type: date, class: personal, minimise: "age>=18"', /stores boolean, not date/],
    ['type: date, class: personal, minimise: decade', /makes nothing coarser/],
    ['type: email, class: personal, gate: mask', /no free text/],
    ['type: text, class: personal, gate: shred', /not what is expected/],
    ['type: text, class: personal, gate: {"a b": mask}', /names nothing that is found/],
    ['type: text, class: personal, ledger: hide', /has no reason/],
    ['type: text, class: personal, ledger: "delay:soon"', /show, delay/],
  ] as const) {
    const { ok, problems: found } = problems(field);
    assert.equal(ok, false, field);
    assert.match(JSON.stringify(found), expected, field);
    assert.equal(found[0]?.line, 15, field);
  }
  const { ok, warnings } = problems('type: text, class: sensitive, category: user.contact.emial, ledger: "delay:P30D"');
  assert.equal(ok, true);
  assert.deepEqual(
    warnings.map(({ hint }) => hint),
    ['the nearest is user.contact.email', 'add justification: why it is needed'],
  );
  assert.match(JSON.stringify(problems('type: text, class: personal, category: user.job_title').warnings), /user\.professional_information\.job_title/); // prettier-ignore
  assert.deepEqual(problems('type: text, class: personal, category: "pd:EmailAddress"').warnings, []);
});

test('twenty fields pass in far less than fifty microseconds, where no text is looked into', () => {
  const fields = Array.from({ length: 20 }, (_, n) => `      f${n}: {type: ${n % 2 === 0 ? 'email' : 'date'}, class: personal, purposes: [service]}\n`); // prettier-ignore
  const { put } = gateOf('enforce', fields.join(''));
  const record = (): void => {
    for (let n = 0; n < 20; n += 1) put(`f${n}`, n % 2 === 0 ? 'ada@example.org' : '1984-05-17', 'service.support');
  };
  for (let n = 0; n < 2000; n += 1) record();
  const began = process.threadCpuUsage();
  for (let n = 0; n < 500; n += 1) record();
  const { user } = process.threadCpuUsage(began);

  assert.ok(user / 500 <= 50, `${user / 500} µs`);
});
