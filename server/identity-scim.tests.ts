/** An identity provider keeps people and groups by SCIM, and its key does nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeIn } from './testing.ts';
import type { Running } from './identity.test.ts';

export function providerKeepsPeople(of: () => Running): void {
  test('an identity provider keeps people and groups by SCIM; what a group means ends on every server at once', async () => {
    const { provider, SCIM, call, ada, two, logged } = of();
    const idp = await provider();
    const made = await idp('POST', '/scim/v2/Users', {
      schemas: [`${SCIM}:User`],
      userName: 'dee@example.org',
      active: true,
    });
    assert.deepEqual(
      [made.status, made.headers.get('content-type'), made.headers.get('etag')],
      [201, 'application/scim+json; charset=utf-8', made.body.meta.version],
    );
    const { id } = made.body;
    const group = await idp('POST', '/scim/v2/Groups', {
      schemas: [`${SCIM}:Group`],
      displayName: 'Help desk',
      members: [{ value: id }],
    });
    const mapping = await call('PUT', `/v1/access/groups/${group.body.id}/roles`, {
      cookie: ada,
      body: { roles: ['security'] },
    });
    assert.equal(mapping.status, 204, JSON.stringify(mapping.body));
    const link = await call('POST', `/v1/access/people/${id}/link`, {
      cookie: ada,
      body: { kind: 'all', identifiedBy: 'in-person' },
    });
    const { cookie } = await comeIn(two, link.body.token);
    const read = () => call('GET', '/v1/access/policies', { cookie, server: 1 });
    assert.equal((await read()).status, 200);

    const query = encodeURIComponent('userName eq "DEE@example.org"');
    const found = await idp('GET', `/scim/v2/Users?filter=${query}&attributes=userName`);
    assert.deepEqual(
      [found.body.totalResults, found.body.Resources],
      [1, [{ schemas: [`${SCIM}:User`], id, userName: 'dee@example.org' }]],
    );
    const operations = (path: string, op: string, value?: unknown) => ({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op, path, value }],
    });
    const stale = await idp('PATCH', `/scim/v2/Users/${id}`, operations('active', 'replace', false), {
      'if-match': made.body.meta.version,
    });
    assert.deepEqual([stale.status, stale.body.status], [412, '412'], 'it is in a group since');
    const [, denied] = [
      await idp('PATCH', `/scim/v2/Users/${id}`, operations('active', 'Replace', 'False')),
      await read(),
    ];

    assert.deepEqual([denied.status, denied.body.code], [401, 'ACCESS_UNAUTHENTICATED']);
    assert.deepEqual(
      (await logged(3)).map(({ action, outcome, detail }) => [
        action,
        outcome,
        detail.code ?? detail.attributes ?? detail.roles,
      ]),
      [
        ['access.provision.user.update', 'denied', 'ACCESS_SCIM_STALE'],
        ['access.provision.user.update', 'done', ['active']],
        ['access.person.roles', 'done', []],
      ],
    );
    assert.equal((await idp('DELETE', `/scim/v2/Users/${id}`)).status, 204);
    const twice = await idp('DELETE', `/scim/v2/Users/${id}`);
    assert.deepEqual(
      [twice.status, twice.body.schemas, twice.body.status],
      [404, ['urn:ietf:params:scim:api:messages:2.0:Error'], '404'],
    );
    assert.doesNotMatch(JSON.stringify(await logged(1000)), /example\.org|Help desk/);
  });

  test('SCIM errors are its own, and what a provider may not ask is said plainly', async () => {
    const { provider, SCIM } = of();
    const idp = await provider();
    const get = (query: string) => idp('GET', `/scim/v2/Users?${query}`);
    for (const [asked, status, scimType] of [
      [await get(`filter=${encodeURIComponent(`${'('.repeat(500)}userName pr`)}`), 400, 'invalidFilter'],
      [await get(`filter=${encodeURIComponent('password eq "x"')}`), 400, 'invalidFilter'],
      [await get('sortBy=userName'), 400, 'invalidValue'],
      [
        await idp('POST', '/scim/v2/Users', { schemas: [`${SCIM}:User`], userName: 'ada@example.org' }),
        409,
        'uniqueness',
      ],
      [
        await idp('POST', '/scim/v2/Users', { schemas: [`${SCIM}:Group`], userName: 'x@example.org' }),
        400,
        'invalidSyntax',
      ],
      [await idp('POST', '/scim/v2/Users', { schemas: [`${SCIM}:User`], userName: 'no address' }), 400, 'invalidValue'],
    ] as const) {
      assert.deepEqual(
        [asked.status, asked.body.status, asked.body.scimType],
        [status, String(status), scimType],
        JSON.stringify(asked.body),
      );
      assert.match(asked.headers.get('content-type') ?? '', /^application\/scim\+json/);
    }
    const negative = await get('startIndex=-5&count=-1');
    assert.deepEqual([negative.body.startIndex, negative.body.itemsPerPage], [1, 0]);
    const config = (await idp('GET', '/scim/v2/ServiceProviderConfig')).body;
    assert.deepEqual(
      [config.patch.supported, config.bulk.supported, config.sort.supported, config.etag.supported],
      [true, false, false, true],
    );
    assert.equal((await idp('GET', `/scim/v2/Schemas/${SCIM}:User`)).body.name, 'User');
    assert.equal((await idp('GET', '/scim/v2/ResourceTypes')).body.totalResults, 2);
  });

  test('where clients are asked for no certificate, no key is bound to one', async () => {
    const { call, ada } = of();
    const body = { name: 'n', role: 'support', certificate: 'A'.repeat(43) };
    const made = await call('POST', '/v1/access/keys', { cookie: ada, body });
    assert.deepEqual([made.status, made.body.code], [409, 'ACCESS_CERTIFICATES_OFF']);
  });

  test('a key for provisioning does nothing else, and nobody else provisions', async () => {
    const { provider, call, ada, adminKey, somebody } = of();
    const idp = await provider();
    const who = (await idp('GET', '/v1/access/whoami')).body;
    assert.deepEqual(who.actions, ['people.provision']);
    for (const [method, path] of [
      ['GET', '/v1/access/people'],
      ['GET', '/v1/access/groups'],
      ['GET', '/v1/access/keys'],
      ['GET', '/v1/audit/entries'],
    ] as const)
      assert.equal((await idp(method, path)).status, 403, path);
    for (const asked of [
      await call('GET', '/scim/v2/Users', { cookie: ada }),
      await call('GET', '/scim/v2/Users', { headers: { authorization: `Bearer ${adminKey}` } }),
      // a person in that role is no provider
      await call('GET', '/scim/v2/Users', { cookie: (await somebody(['provisioner'])).cookie }),
    ])
      assert.deepEqual([asked.status, asked.body.schemas], [403, ['urn:ietf:params:scim:api:messages:2.0:Error']]);
  });
}
