// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { consentTo, type Consents } from './consents.ts';

const NOW = new Date(1000);
const to = (consents: Consents | null, purpose = 'marketing.newsletter') => consentTo(consents, purpose, NOW);

test('the last word holds; a no covers all below it, a yes only the very purpose', () => {
  const [yes, no] = [['given', 5, null] as const, ['withdrawn', 5, null] as const];

  assert.equal(to(null), 'notAsked');
  assert.equal(to({}), 'notAsked');
  assert.equal(to({ 'marketing.newsletter': yes }), 'given');
  assert.equal(to({ marketing: yes }), 'notAsked');
  assert.equal(to({ marketing: no }), 'withdrawn');
  assert.equal(to({ marketing: ['withdrawn', 4, null], 'marketing.newsletter': yes }), 'given', 'asked again');
  assert.equal(to({ marketing: ['withdrawn', 6, null], 'marketing.newsletter': yes }), 'withdrawn');
  assert.equal(to({ marketing: no, 'marketing.newsletter': yes }), 'withdrawn', 'at the same moment');
  assert.equal(to({ market: no, 'marketing.newsletters': no }), 'notAsked');
  assert.equal(to({}, '__proto__'), 'notAsked');
});

test('a yes ends with its time', () => {
  assert.equal(to({ 'marketing.newsletter': ['given', 5, 1001] }), 'given');
  assert.equal(to({ 'marketing.newsletter': ['given', 5, 1000] }), 'notAsked');
});
