import assert from 'node:assert/strict';
import { test } from 'node:test';

import { policyChanges, roleChanges, type Role } from './role-changes.ts';

const support: Role = { says: 'helps', owner: 'security', clearUpTo: 'internal', includes: [] };
const jit = {
  clearUpTo: 'sensitive', purposes: ['service'], maxMinutes: 60, maxReads: 50, approvers: ['dpo'], needed: 1,
} as const; // prettier-ignore

test('every member of a role that differs is told, and the order of a list is no difference', () => {
  const before = { support: { ...support, includes: ['a', 'b'] } };
  const changes: readonly [Partial<Role>, string][] = [
    [{ says: 'helps more' }, 'description'],
    [{ owner: 'dpo' }, 'owner'],
    [{ clearUpTo: null }, 'highest class in clear'],
    [{ includes: ['a'] }, 'includes'],
    [{ grants: { jit } }, 'may ask for'],
    [{ grants: { breakGlass: jit } }, 'break-glass'],
  ];

  for (const [change, what] of changes) {
    const found = roleChanges(before, { support: { ...before.support, ...change } });
    assert.deepEqual(found.map((one) => one.what), [what]); // prettier-ignore
  }
  assert.deepEqual(roleChanges(before, { support: { ...support, includes: ['b', 'a'] } }), []);
  for (const more of [{ purposes: ['*'] }, { maxMinutes: 61 }, { maxReads: 51 }, { approvers: ['dpo', 'x'] }, { needed: 2 }, { clearUpTo: 'special' }] as const)
    assert.equal(roleChanges({ support: { ...support, grants: { jit } } }, { support: { ...support, grants: { jit: { ...jit, ...more } } } }).length, 1); // prettier-ignore
});

test('a role that is new or gone is told, also one that is called as something of every object', () => {
  assert.deepEqual(roleChanges({ support }, { constructor: support }), [
    { role: 'constructor', what: 'role', from: 'none', to: 'new' },
    { role: 'support', what: 'role', from: 'there', to: 'gone' },
  ]);
});

test('policies that were added, changed or taken out are told with both texts', () => {
  assert.deepEqual(policyChanges({ a: '1', b: '2', c: '3' }, { a: '1', b: '4', d: '5' }), [
    { id: 'b', from: '2', to: '4' },
    { id: 'c', from: '3', to: null },
    { id: 'd', from: null, to: '5' },
  ]);
});
