import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openEngine } from '../engine.ts';
import { starterDocument } from '../starter.ts';
import { notTogether } from './separation.ts';

test('who keeps keys does not read customers, and who checks does not administer, under whatever name', () => {
  const starter = starterDocument();
  const engine = openEngine({
    ...starter,
    roles: {
      ...starter.roles,
      keeper: { says: 'keeps', owner: 'security', clearUpTo: null, includes: ['custodian'] },
      inspector: { says: 'checks', owner: 'security', clearUpTo: null, includes: ['auditor'] },
    },
  });

  assert.match(notTogether(engine, ['custodian', 'support']) ?? '', /does not read customers: custodian and support/);
  assert.match(notTogether(engine, ['dpo', 'keeper']) ?? '', /keeper and dpo/);
  assert.match(notTogether(engine, ['admin', 'inspector']) ?? '', /does not administer/);
  for (const roles of [['support', 'billing'], ['custodian', 'engineer'], ['security', 'dpo'], ['admin'], []])
    assert.equal(notTogether(engine, roles), null, roles.join());
});
