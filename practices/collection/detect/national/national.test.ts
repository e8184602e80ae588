import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isWrittenAs, NATIONAL_RULES, packsOf, passing } from './packs.ts';

/** Numbers that the authorities, or validators in wide use, give as examples. */
const EXAMPLES: ReadonlyArray<readonly [country: string, scheme: string, written: string]> = [
  ['GB', 'nino', 'AB 12 34 56 C'],
  ['GB', 'nhs number', '943 476 5919'],
  ['IE', 'ppsn', '1234567T'],
  ['IE', 'ppsn', '1234567FA'],
  ['DE', 'steuer-id', '86 095 742 719'],
  ['FR', 'nir', '2 55 08 14 168 025 38'],
  ['FR', 'nir', '2 95 10 99 126 111 93'],
  ['ES', 'dni', '12345678-Z'],
  ['ES', 'nie', 'X1234567L'],
  ['IT', 'codice fiscale', 'RCCMNL83S18D969H'],
  ['PT', 'nif', '123456789'],
  ['NL', 'bsn', '111222333'],
  ['BE', 'rijksregisternummer', '85.07.30-033.28'],
  ['CH', 'ahv', '756.9217.0769.85'],
  ['AT', 'svnr', '1237 010180'],
  ['GR', 'amka', '01013099997'],
  ['SE', 'personnummer', '811218-9876'],
  ['NO', 'fødselsnummer', '15076500565'],
  ['DK', 'cpr', '211062-5629'],
  ['FI', 'henkilötunnus', '131052-308T'],
  ['PL', 'pesel', '44051401359'],
  ['CZ', 'rodné číslo', '710319/2745'],
  ['RO', 'cnp', '1630615123457'],
  ['BG', 'egn', '7523169263'],
  ['HR', 'oib', '33392005961'],
  ['EE', 'isikukood', '36805280109'],
  ['US', 'ssn', '536-90-4399'],
  ['CA', 'sin', '123-456-782'],
  ['BR', 'cpf', '390.533.447-05'],
  ['CL', 'rut', '12.531.909-2'],
  ['AR', 'cuil', '20-05536168-2'],
  ['MX', 'curp', 'BOXW310820HNERXN09'],
  ['IN', 'aadhaar', '2341 2341 2346'],
  ['IN', 'pan', 'ACUPA7085R'],
  ['CN', 'resident id', '11010519491231002X'],
  ['KR', 'rrn', '971013-9019902'],
  ['JP', 'my number', '1234 5678 9018'],
  ['TW', 'national id', 'A123456789'],
  ['SG', 'nric', 'S1234567D'],
  ['HK', 'hkid', 'A123456(3)'],
  ['TH', 'national id', '1-2345-45678-78-1'],
  ['TR', 'kimlik', '17291716060'],
  ['IL', 'teudat zehut', '039337423'],
  ['ZA', 'id number', '7503305044089'],
  ['AU', 'tfn', '123 456 782'],
  ['NZ', 'ird', '49-091-850'],
];

const signsOf = (written: string): string => written.replaceAll(/[ .()/+-]/g, '');

for (const [country, scheme, written] of EXAMPLES) {
  test(`${country} ${scheme}: the example passes, and with another check sign or digit it does not`, () => {
    const signs = signsOf(written);
    const passes = (text: string): boolean =>
      passing(packsOf([country]), text).some((rule) => rule.country === country && rule.scheme === scheme);

    assert.ok(passes(signs));

    // each sign by itself replaced by every other one of its kind: few changes may go unseen
    let [seen, all] = [0, 0];
    for (let at = 0; at < signs.length; at += 1) {
      for (const other of signs.charAt(at) <= '9' ? '0123456789' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
        if (other === signs.charAt(at)) continue;
        all += 1;
        if (!passes(signs.slice(0, at) + other + signs.slice(at + 1))) seen += 1;
      }
    }
    const checked = !['ssn', 'nino', 'pan', 'cpr', 'rrn'].includes(scheme);
    assert.ok(seen / all > (checked ? 0.8 : 0), `${seen} of ${all} changes are seen`);
  });
}

test('there are packs of more than 15 countries, and each rule says where it comes from', () => {
  const countries = new Set(NATIONAL_RULES.map(({ country }) => country));

  assert.ok(countries.size >= 35, String(countries.size));
  for (const { source, scheme, chance } of NATIONAL_RULES) assert.ok(source.length > 8 && chance > 0, scheme);
  for (const { country } of NATIONAL_RULES)
    assert.ok(
      EXAMPLES.some(([one]) => one === country),
      country,
    );
});

test('written forms are told from others of the same digits', () => {
  const [ssn] = passing(packsOf(['US']), '536904399');

  assert.ok(ssn !== undefined && isWrittenAs(ssn, 'x 536-90-4399', 2, 13));
  assert.ok(!isWrittenAs(ssn, '5369-04-399', 0, 11));
  assert.ok(!isWrittenAs(ssn, '536/90/4399', 0, 11));
});
