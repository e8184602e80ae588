// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readConfig } from '#platform/config';

import { decideWith, type Actor } from './decide.ts';
import { openEngine } from './engine.ts';
import { enumerate } from './matrix.ts';
import { brokenRules } from './invariants.ts';
import type { PolicyDocument } from './policy-document.ts';
import { reviewDocument } from './review-document.ts';
import { starterDocument } from './starter.ts';
import { createSurroundings, reachOf, type Surroundings } from './surroundings.ts';

const NAMES = {
  purposes: ['service', 'service.billing', 'marketing', 'analytics', 'legal'],
  collections: ['customer'],
};
const settings = readConfig({
  STRONGROOM_HOME: '/nowhere',
  STRONGROOM_ZONES: 'office=10.0.0.0/8;vpn=10.8.0.0/16',
  STRONGROOM_BUSINESS_HOURS: 'Europe/Berlin Mon-Fri 08:00-18:00',
});
const withPolicies = (policies: Record<string, string>): PolicyDocument => {
  const starter = starterDocument();
  return { ...starter, policies: { ...starter.policies, ...policies } };
};
const AWAY =
  'forbid (principal in Role::"auditor", action == Action::"audit.read", resource) unless { context.zone == Zone::"office" && context.hours == Hours::"business" };';
const auditor = (surroundings?: Surroundings): Actor => ({
  kind: 'service',
  id: 'key_x',
  name: 'x',
  role: 'auditor',
  scope: { purposes: [], classes: [], collections: [] },
  expiresAt: null,
  surroundings,
});

test('the zone is that of the address, the hours are those of the place, over the change of its clocks', () => {
  let now = '2026-03-27T06:59:59Z';
  const around = createSurroundings({ ...settings, clock: () => new Date(now) });
  assert.deepEqual(['10.1.1.1', '10.8.0.1', '192.0.2.1', ''].map((at) => around.at(at).zone), ['office', 'vpn', 'internet', 'internet']); // prettier-ignore
  for (const [at, hours] of [
    // Friday in winter time, Monday in summer time: one hour apart by UTC
    ['2026-03-27T06:59:59.999Z', 'off'],
    ['2026-03-27T07:00:00Z', 'business'],
    ['2026-03-27T16:59:59Z', 'business'],
    ['2026-03-27T17:00:00Z', 'off'],
    ['2026-03-28T10:00:00Z', 'off'],
    ['2026-03-30T05:59:00Z', 'off'],
    ['2026-03-30T06:00:00Z', 'business'],
    // a clock that steps back
    ['2026-03-30T05:00:00Z', 'off'],
  ] as const) {
    now = at;
    assert.equal(around.at('').hours, hours, at);
  }
  now = '2026-03-30T06:00:00Z';
  // what goes on keeps its zone, and not its hours
  assert.deepEqual(around.again({ zone: 'vpn', hours: 'off' }), { zone: 'vpn', hours: 'business' });
});

test('a policy on zone and hours decides at every request, and what none looks at splits no memory', () => {
  const engine = openEngine(withPolicies({ away: AWAY }));
  const allow = (surroundings?: Surroundings) =>
    decideWith(engine, 'v', { actor: auditor(surroundings), action: 'audit.read' }).allow;
  for (const [zone, hours, expected] of [
    ['office', 'business', true],
    ['office', 'off', false],
    ['vpn', 'business', false],
    ['internet', 'business', false],
    // remembered by now, and still exact
    ['office', 'business', true],
    ['office', 'off', false],
  ] as const)
    assert.equal(allow({ zone, hours }), expected, `${zone} ${hours}`);
  assert.equal(allow(), false, 'who comes from nowhere is on the internet');

  const shipped = openEngine(starterDocument());
  for (const zone of ['office', 'vpn', 'internet'] as const)
    for (const hours of ['business', 'off'] as const)
      assert.equal(
        decideWith(shipped, 'v', { actor: auditor({ zone, hours }), action: 'audit.read' }).allow,
        true,
      ); // prettier-ignore
  assert.equal(shipped.counts().misses, 1);
});

test('policies on zone and hours are checked, compared cell by cell, and noted where nothing supplies them', async () => {
  const active = openEngine(starterDocument());
  const reviewed = async (reach: ReturnType<typeof reachOf>) =>
    reviewDocument(withPolicies({ away: AWAY }), active, NAMES, reach);
  const supplied = await reviewed(reachOf(settings));
  assert.deepEqual([supplied.ok, supplied.notes, supplied.idle], [true, [], []]);
  // all of six settings but one
  const lost = supplied.diff?.cells.map(({ role, action, facts }) => `${role} ${action} ${facts.zone} ${facts.hours}`);
  const settingsLost = ['internet off', 'internet business', 'vpn off', 'vpn business', 'office off'];
  assert.deepEqual([...new Set(lost)].toSorted(), settingsLost.map((each) => `auditor audit.read ${each}`).toSorted());
  const without = await reviewed({});
  assert.deepEqual(
    without.notes.map(({ says }) => says),
    ['nothing supplies zone without STRONGROOM_ZONES', 'nothing supplies hours without STRONGROOM_BUSINESS_HOURS'],
  );
});

test('administrators who are let in from the office only are locked out where there is no office', async () => {
  const document = withPolicies({
    office:
      'forbid (principal in Role::"admin", action == Action::"keys.manage", resource) unless { context.zone == Zone::"office" };',
  });
  const matrix = await enumerate(openEngine(document), NAMES);
  const rules = (reach: ReturnType<typeof reachOf>) => brokenRules(document, matrix, reach).map(({ rule }) => rule);
  assert.deepEqual(rules({}), ['no-lockout']);
  assert.deepEqual(rules({ zone: ['vpn'] }), ['no-lockout']);
  assert.deepEqual(rules(reachOf(settings)), []);
});
