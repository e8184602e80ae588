// kind: program
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { parseCatalog } from '#practices/collection';

import { diffNotices } from './diff.ts';
import { dpvOf } from './dpv.ts';
import { en, type MessageKey } from './en.ts';
import { catalogTexts, hashOf, noticeFacts, type Texts } from './facts.ts';
import { durationIn, LANGUAGES, languageFor, MESSAGES, sayIn } from './languages.ts';
import { noticeLayers } from './layers.ts';

const text = await readFile(new URL('../../../examples/catalog.yaml', import.meta.url), 'utf8');
const translated = JSON.parse(await readFile(new URL('../../../examples/notice-texts.json', import.meta.url), 'utf8')) as Record<string, Texts>; // prettier-ignore
const settings = { controller: 'A Shop', contact: 'privacy@shop.example', regions: ['DE'], epochDays: 90 };
const factsOf = (yaml: string) => noticeFacts(parseCatalog(yaml), settings);
const facts = factsOf(text);
const base = catalogTexts(parseCatalog(text));

test('every language has every message, with the same words to fill in, and no number of its own', () => {
  const slots = (message: string): string[] => [...message.matchAll(/\{\w+\}/g)].map(([slot]) => slot).toSorted();
  for (const language of LANGUAGES) {
    assert.deepEqual(Object.keys(MESSAGES[language]), Object.keys(en), language);
    for (const [key, message] of Object.entries(MESSAGES[language])) {
      assert.deepEqual(slots(message), slots(en[key as MessageKey]), `${language} ${key}`);
      // numbers of articles of law are no claim about this system; every other one has to come from a setting
      const claims = message.replaceAll(/(art\.|Art\.|Abs\.|bis|to|à|a|,) ?\d+(\(\d\))?(\([a-f]\))?/g, '');
      assert.doesNotMatch(claims, /\d/, `${language} ${key}: a number that no setting is bound to`);
    }
  }
});

test('no French line begins with the mark that ends what is before it', () => {
  const all = Object.values(MESSAGES.fr).join('\n');

  assert.doesNotMatch(all, / [:;?!»]|« /);
  assert.match(all, /\u{a0}:/u);
});

test('a message whose words nothing fills is no message: it throws', () => {
  assert.throws(() => sayIn('en')('erasureIs'), /epochDays/);
  assert.match(sayIn('de')('erasureIs', { epochDays: 7 }), /nach 7 Tagen/);
});

test('one is one and many are many, in every language', () => {
  for (const language of LANGUAGES)
    for (const key of ['unreadable', 'copyMissing', 'whatIs'] as const) {
      const [one, many] = [1, 2].map((count) => sayIn(language)(key, { count, collections: '' }).replace(/\d/, ''));
      assert.notEqual(one, many, `${language} ${key}`);
      assert.doesNotMatch(`${one}${many}`, /[{}?]/, `${language} ${key}`);
    }
  assert.match(sayIn('en')('unreadable', { count: 1 }), /^1 record or list of files could not be read and is/);
  assert.match(sayIn('fr')('unreadable', { count: 0 }), /^0 fiche/, 'as the language counts');
});

test('the example is translated whole, and its layers say what the catalogue says, in every language', () => {
  for (const language of LANGUAGES) {
    const texts = language === 'en' ? base : (translated[language] as Texts);
    assert.deepEqual(Object.keys(texts).toSorted(), Object.keys(base).toSorted(), language);
    const layers = noticeLayers(facts, texts, language);
    assert.equal(
      layers.fields.length,
      facts.collections.reduce((sum, { fields }) => sum + fields.length, 0),
    );
    assert.ok(
      layers.full.some(({ text: said }) => said.some((each) => each.includes('90'))),
      'the real setting',
    );
    assert.ok(!JSON.stringify(layers).match(/\{\w+\}|undefined/), language);
    const others = layers.card.map(({ type }) => type === sayIn(language)('type.other'));
    assert.equal(others.indexOf(true), others.length - 1, `${language}: what has no kind of its own comes last`);
    // a condition of art. 9 is said in words
    const bases = layers.purposes.map(({ basis }) => basis).join(' ');
    assert.ok(bases.includes(language === 'fr' ? '\u{a0}; ' : '; '), `${language}: ${bases}`);
    assert.ok(/9\(2\)\(f\)|9 Abs. 2 lit. f/.test(bases) && !/\b[a-z]+-[a-z]+ \(/.test(bases), `${language}: ${bases}`);
  }
  const keptIn = (language: 'de' | 'en' | 'fr' | 'es'): string =>
    noticeLayers(facts, language === 'en' ? base : (translated[language] as Texts), language).purposes.flatMap(({ kept }) => kept).join('\n'); // prettier-ignore
  assert.match(keptIn('en'), /^until you withdraw your consent, then used no more$/m);
  assert.match(keptIn('de'), /^2 Jahre, nachdem Sie das Konto geschlossen haben, dann gelöscht$/m);
  assert.match(keptIn('fr'), /^jusqu’au retrait du consentement, puis n’est plus utilisé$/m);
  assert.match(keptIn('es'), /^hasta la retirada del consentimiento, luego no se usa más$/m);
  const support = noticeLayers(facts, base, 'en').purposes.find(({ id }) => id === 'marketing.newsletter');
  assert.deepEqual(support?.recipients, ['mail provider (Email)']);
  const shipping = noticeLayers(facts, base, 'en').purposes.find(({ recipients }) =>
    recipients.some((each) => each.startsWith('parcel service')),
  );
  assert.ok(
    shipping !== undefined && shipping.data.length > 1 && shipping.recipients.includes('parcel service (Address)'),
    JSON.stringify(shipping),
  );
  assert.ok(
    noticeLayers(facts, base, 'en').fields.every(({ source }) => source !== 'subject'),
    'it speaks to them',
  );
  assert.match(support?.basis ?? '', /your consent/);
});

test('what changes in the catalogue changes the notice, and is told in words', () => {
  const changed = (from: string, to: string) => {
    assert.ok(text.includes(from), from);
    return diffNotices(facts, factsOf(text.replace(from, to)));
  };

  assert.deepEqual(diffNotices(facts, factsOf(`# a comment\n${text}`)), []);
  assert.deepEqual(changed('for: P2Y}', 'for: P3Y}').at(0)?.says, 'diff.retention');
  assert.deepEqual(changed('recipients: [parcel-service]', 'recipients: [parcel-service, data-broker]'), [{ says: 'diff.recipient', what: 'recipient.data-broker' }]); // prettier-ignore
  assert.ok(changed('      fax:\n', '      telex:\n').some(({ says, what }) => says === 'diff.field' && what === 'field.customer.telex')); // prettier-ignore
  assert.deepEqual(changed('    legalBasis: legitimate-interest', '    legalBasis: public-task').at(0), { says: 'diff.basis', what: 'purpose.analytics.product' }); // prettier-ignore
  assert.deepEqual(diffNotices(facts, noticeFacts(parseCatalog(text), { ...settings, regions: ['DE', 'US'], epochDays: 30 })), [
    { says: 'diff.setting', what: 'setting.regions' },
    { says: 'diff.setting', what: 'setting.epochDays' },
  ]); // prettier-ignore
});

test('languages by Accept-Language, durations in words, and DPV with every purpose', () => {
  assert.equal(languageFor('de-AT,de;q=0.9,en;q=0.8', undefined), 'de');
  assert.equal(languageFor('xx, fr;q=0.5, es;q=0.7', undefined), 'es');
  assert.equal(languageFor(undefined, 'fr'), 'fr');
  assert.equal(languageFor('fr', 'constructor', ['en', 'fr']), 'fr');
  assert.equal(languageFor('de', undefined, ['en']), 'en');
  assert.equal(durationIn('en', 'P2Y6M'), '2 years 6 months');
  assert.equal(durationIn('de', 'P30D'), '30 Tage');
  const dpv = dpvOf(facts, hashOf(facts)) as { 'dpv:hasProcess': object[] };
  assert.equal(dpv['dpv:hasProcess'].length, facts.purposes.length);
});
