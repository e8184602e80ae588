/** AuthZEN answers for people. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer, Sent } from './testing.ts';
import type { Running } from './identity.test.ts';

export function authzenAnswers(of: () => Running): void {
  test('AuthZEN: a person is answered for in each of the roles, about itself by anybody, and not once disabled', async () => {
    const { somebody, call, adminKey, ada } = of();
    const two = await somebody(['support', 'billing']);
    const one = await somebody(['support']);
    const security = await call('POST', '/v1/access/keys', {
      headers: { authorization: `Bearer ${adminKey}` },
      body: { name: 'decisions', role: 'security' },
    });
    const asSecurity = { headers: { authorization: `Bearer ${security.body.key}` } };
    const question = (id: string) => ({
      subject: { type: 'person', id },
      action: { name: 'records.read' },
      resource: { type: 'class', id: 'sensitive' },
      context: { purpose: 'service.billing', mfa: 'fresh' },
    });
    const ask = async (id: string, how: Sent): Promise<Answer> =>
      call('POST', '/access/v1/evaluation', { ...how, body: question(id) });
    const search = async (): Promise<string[]> => {
      const body = { ...question(''), subject: { type: 'person' } };
      const found = await call('POST', '/access/v1/search/subject', { ...asSecurity, body });
      return (found.body.results as { id: string }[]).map(({ id }) => id);
    };

    const yes = (await ask(two.id, asSecurity)).body;
    assert.deepEqual([yes.decision, yes.context.role], [true, 'billing']);
    const plain = await call('POST', '/access/v1/evaluation', {
      ...asSecurity,
      body: { ...question(two.id), subject: { type: 'role', id: 'billing' } },
    });
    assert.equal(plain.body.decision, true);
    assert.equal((await ask('per_nobody', asSecurity)).body.context.error.status, 404);
    // about oneself, and nobody else
    assert.equal((await ask(one.id, { cookie: one.cookie })).status, 200);
    assert.equal((await ask(two.id, { cookie: one.cookie })).status, 403);
    assert.ok((await search()).includes(two.id));

    const out = await call('POST', `/v1/access/people/${two.id}/disable`, { cookie: ada, body: { keys: 'revoke' } });
    assert.equal(out.status, 200, JSON.stringify(out.body));
    assert.equal((await ask(two.id, asSecurity)).body.context.error.status, 404);
    assert.ok(!(await search()).includes(two.id));
  });
}
