import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openCountries } from './addresses.ts';
import { createGap } from './countries.ts';

test('addresses of well-known networks have their country; what is no address or private has none', () => {
  const countryOf = openCountries();

  assert.equal(countryOf('8.8.8.8'), 'US');
  assert.equal(countryOf('8.8.8.8'), 'US');
  assert.equal(countryOf('194.25.0.60'), 'DE');
  assert.equal(countryOf('2001:4860:4860::8888'), 'US');
  for (const none of ['10.0.0.1', '127.0.0.1', '::1', 'bad', '', '1.2.3', '999.1.1.1', 'x'.repeat(1_000_000)])
    assert.equal(countryOf(none), undefined, none.slice(0, 20));
});

test('neighbours are no distance apart, and far countries far', () => {
  const gap = createGap();

  for (const [one, other] of [
    ['DE', 'FR'],
    ['DE', 'AT'],
    ['US', 'CA'],
    ['US', 'MX'],
    ['ES', 'PT'],
    ['CN', 'VN'],
    ['RU', 'FI'],
    ['NO', 'SE'],
    ['MY', 'SG'],
    ['GB', 'IE'],
    ['IN', 'NP'],
    ['AR', 'CL'],
  ] as const)
    assert.equal(gap(one, other), 0, `${one} ${other}`);
  const between = (one: string, other: string, from: number, to: number) => {
    const km = gap(one, other);
    assert.ok(km >= from && km <= to && km === gap(other, one), `${one} ${other}: ${km}`);
  };
  between('DE', 'AU', 9000, 13_000);
  between('GB', 'ZA', 6000, 9000);
  between('DE', 'BR', 4500, 7500);
  between('FR', 'JP', 6000, 9000);
  assert.equal(gap('DE', 'ZZ'), 0);
});
