/** AuthZEN: evaluations, one and several, searches and metadata. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Json } from './testing.ts';
import type { Running } from './access.test.ts';

export function authzenAnswers(of: () => Running): void {
  test('AuthZEN: an evaluation says yes or no, how, by which policies, and is in the log', async () => {
    const { newKey, call, logged } = of();
    const security = await newKey('security');
    const ask = (body: object, key = security.key) => call(0, 'POST', '/access/v1/evaluation', key, body);
    const question = (id: string, field: string, purpose = 'service.support') => ({
      subject: { type: 'role', id },
      action: { name: 'records.read' },
      resource: { type: 'field', id: field },
      context: { purpose },
    });

    const masked = await ask(question('support', 'customer.email'));
    assert.deepEqual([masked.status, masked.body.decision, masked.body.context.state], [200, true, 'masked']);
    assert.deepEqual(
      masked.body.context.policies,
      ['support-actions', 'support-reveal', 'support-mask'],
      'the forbid that masks is among them',
    );
    const [entry] = await logged(1);
    assert.deepEqual(
      [entry?.action, entry?.detail.asked, entry?.detail.allowed, entry?.detail.roles],
      ['access.evaluate', 1, 1, ['support']],
    );
    const denied = await ask(question('marketing', 'customer.email'));
    assert.equal(denied.body.decision, false);
    assert.match(denied.body.context.reason, /does not work for/);

    for (const odd of [
      question('nobody', 'customer.email'),
      question('support', 'customer.nothing'),
      question('support', 'nothing.email'),
      question('support', 'customer.email', 'a@example.org'),
    ]) {
      const { status, body } = await ask(odd);
      assert.deepEqual([status, body.decision, body.context.error.status], [200, false, 404]);
    }
    assert.doesNotMatch(JSON.stringify(await logged(4)), /example\.org|nobody/);
    assert.equal((await ask({ subject: { type: 'role', id: 'x' } })).status, 400);
  });

  test('AuthZEN: anybody may ask about itself, about others whose role includes it', async () => {
    const { newKey, call } = of();
    const support = await newKey('support');
    const about = (id: string) => ({
      subject: { type: 'key', id },
      action: { name: 'records.search' },
      resource: { type: 'collection', id: 'customer' },
      context: { purpose: 'service' },
    });

    assert.equal((await call(0, 'POST', '/access/v1/evaluation', support.key, about(support.id))).body.decision, true);
    assert.equal(
      (await call(0, 'POST', '/access/v1/evaluation', support.key, about((await newKey('dpo')).id))).status,
      403,
    );
  });

  test('AuthZEN: several evaluations, with defaults and the three semantics', async () => {
    const { newKey, call } = of();
    const { key } = await newKey('security');
    const resource = (id: string) => ({ resource: { type: 'class', id } });
    const ask = async (semantic?: string) =>
      (
        await call(0, 'POST', '/access/v1/evaluations', key, {
          subject: { type: 'role', id: 'support' },
          action: { name: 'records.read' },
          context: { purpose: 'service' },
          evaluations: [resource('internal'), resource('special'), resource('personal')],
          ...(semantic === undefined ? {} : { options: { evaluations_semantic: semantic } }),
        })
      ).body.evaluations.map(({ decision }: Json) => decision as boolean) as boolean[];

    assert.deepEqual(await ask(), [true, false, true]);
    assert.deepEqual(await ask('deny_on_first_deny'), [true, false]);
    assert.deepEqual(await ask('permit_on_first_permit'), [true]);
    const single = await call(0, 'POST', '/access/v1/evaluations', key, {
      subject: { type: 'role', id: 'support' },
      action: { name: 'records.read' },
      context: { purpose: 'service' },
      ...resource('special'),
    });
    assert.equal(single.body.decision, false);
  });

  test('AuthZEN: searches find what an evaluation would allow, page by page', async () => {
    const { newKey, call } = of();
    const { key } = await newKey('security');
    const context = { purpose: 'service.billing' };
    const whole = {
      subject: { type: 'role', id: 'billing' },
      action: { name: 'records.read' },
      resource: { type: 'class', id: 'sensitive' },
      context,
    };
    const search = async (what: string, body: object) =>
      (await call(0, 'POST', `/access/v1/search/${what}`, key, body)).body;

    const who = await search('subject', { ...whole, subject: { type: 'role' } });
    assert.deepEqual(who.results.map(({ id }: Json) => id).toSorted(), [
      'application',
      'billing',
      'dpo',
      'on-call',
      'support',
    ]);
    const what = await search('resource', { ...whole, resource: { type: 'class' } });
    assert.deepEqual(
      what.results.map(({ id }: Json) => id),
      ['public', 'internal', 'personal', 'sensitive'],
    );
    const first = await search('resource', { ...whole, resource: { type: 'class' }, page: { limit: 3 } });
    assert.deepEqual([first.results.length, first.page.count, first.page.total], [3, 3, 4]);
    const rest = await search('resource', {
      ...whole,
      resource: { type: 'class' },
      page: { token: first.page.next_token, limit: 3 },
    });
    assert.deepEqual([rest.results.map(({ id }: Json) => id), rest.page.next_token], [['sensitive'], '']);
    const how = await search('action', { subject: whole.subject, resource: whole.resource, context });
    assert.deepEqual(how.results, [{ name: 'records.read' }, { name: 'records.search' }, { name: 'tokens.open' }]);
    const keys = await search('subject', { ...whole, subject: { type: 'key' } });
    assert.ok(keys.results.length > 0);
  });

  test('AuthZEN: the metadata are there for anybody, and name this very server', async () => {
    const { urls } = of();
    const response = await fetch(`${urls[1]}/.well-known/authzen-configuration`);
    const metadata = (await response.json()) as Json;

    assert.equal(metadata.policy_decision_point, urls[1]);
    assert.equal(metadata.search_action_endpoint, `${urls[1]}/access/v1/search/action`);
  });
}
