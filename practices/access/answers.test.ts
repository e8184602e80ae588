import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAnswers, standing } from './answers.ts';
import type { CedarAnswer } from './cedar.ts';
import { openEngine } from './engine.ts';
import { UNKNOWN } from './facts.ts';
import { starterDocument } from './starter.ts';

const YES: CedarAnswer = { allow: true, reasons: ['a'], errors: [] };

test('an answer is asked for once, one with errors again and again, and no more are kept than there may be', () => {
  const answers = createAnswers(2);
  let asked = 0;
  const ask = (key: string, answer = YES) => answers.once(key, () => ((asked += 1), answer));

  for (const key of ['one', 'one', 'two', 'two']) assert.equal(ask(key), YES);
  assert.equal(asked, 2);
  ask('broken', { allow: true, reasons: [], errors: ['p'] });
  ask('broken');
  assert.equal(asked, 4, 'what could not be answered is no answer');
  ask('one');
  assert.equal(asked, 5, 'the third made it forget the others');
});

test('a purpose stands to each that is named: the same, below, or neither; a beginning of its name is not above it', () => {
  const named = ['service', 'service.support', 'serv', 'legal'];
  assert.equal(standing('service', named), '=---');
  assert.equal(standing('service.support', named), '<=--');
  assert.equal(standing('service.support.mail', named), '<<--');
});

test('documents that share answers share none where a policy of the same name says another thing', () => {
  const [answers, starter] = [createAnswers(), starterDocument()];
  const facts = { ...UNKNOWN, purpose: 'service.support' };
  const says = (effect: string): boolean => {
    const policies = { ...starter.policies, mine: `${effect} (principal, action == Action::"keys.manage", resource);` };
    return openEngine({ ...starter, policies }, { answers }).ask('support', 'keys.manage', facts).allow;
  };
  assert.deepEqual(['permit', 'forbid', 'permit'].map(says), [true, false, true]);
});
