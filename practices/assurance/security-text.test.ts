import assert from 'node:assert/strict';
import { test } from 'node:test';

import { securityText } from './security-text.ts';

const NOW = new Date('2026-11-27T00:00:00Z');
const whole = {
  contacts: ['mailto:security@shop.example', 'https://shop.example/report'],
  expires: new Date('2027-06-30T00:00:00Z'),
  policy: 'https://shop.example/policy',
  origin: 'https://data.shop.example',
};

test('security.txt has its contacts, one day on which it is over, and where it stands', () => {
  assert.equal(
    securityText(whole, NOW),
    `Contact: mailto:security@shop.example
Contact: https://shop.example/report
Expires: 2027-06-30T00:00:00.000Z
Preferred-Languages: en
Canonical: https://data.shop.example/.well-known/security.txt
Policy: https://shop.example/policy
`,
  );
});

test('without a contact, without a day, or past it, there is none', () => {
  assert.equal(securityText({ ...whole, contacts: null }, NOW), null);
  assert.equal(securityText({ ...whole, expires: null }, NOW), null);
  assert.equal(securityText({ ...whole, expires: NOW }, NOW), null);
  assert.doesNotMatch(securityText({ ...whole, origin: 'http://127.0.0.1:7700' }, NOW) ?? '', /Canonical/);
});
