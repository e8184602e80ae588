/** What may be asked for, by how many it is approved, and what is kept of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Eligible } from '../policy-document.ts';
import { asking, aSubject, code, seen } from '../testing.ts';
import type { Running } from './grants.test.ts';

export function grantsAreBounded(of: () => Running): void {
  test('a role asks for what it is eligible for and for nothing beyond', async () => {
    const { servers, supporter } = of();
    const { grants } = servers.first;
    const { by } = await supporter();
    const { text } = aSubject();
    const refused = (ask: Parameters<typeof asking>[1], why: string, actor = by) =>
      assert.rejects(grants.request(actor, asking(text, ask)), code(why));

    await refused({ classes: ['special'] }, 'ACCESS_NOT_ELIGIBLE');
    await refused({ purpose: 'marketing' }, 'ACCESS_NOT_ELIGIBLE');
    await refused({ seconds: 3601 }, 'ACCESS_NOT_ELIGIBLE');
    await refused({ reads: 51 }, 'ACCESS_NOT_ELIGIBLE');
    await refused({}, 'ACCESS_NOT_ELIGIBLE', await servers.by('marketing'));
    await refused({ purpose: 'nowhere' }, 'ACCESS_REQUEST_INVALID');
    await refused({ subjects: [] }, 'ACCESS_REQUEST_INVALID');
    await refused({ subjects: ['rec_1'] }, 'ACCESS_REQUEST_INVALID');
    await refused({ classes: [] }, 'ACCESS_REQUEST_INVALID');
    await refused({ reads: 0 }, 'ACCESS_REQUEST_INVALID');
    await refused({ reason: ' ' }, 'ACCESS_REQUEST_INVALID');
  });

  test('of one who asks without end no more than fifty wait, on whichever server; what was answered makes room', async () => {
    const { servers, supporter } = of();
    const { by } = await supporter();
    const { text } = aSubject();

    const asked = await Promise.allSettled(
      Array.from({ length: 54 }, (_, n) => servers[n % 2 === 0 ? 'first' : 'second'].grants.request(by, asking(text))),
    );

    const waiting = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    assert.equal(waiting.length, 50);
    await assert.rejects(servers.first.grants.request(by, asking(text)), code('ACCESS_REQUESTS_WAIT'));
    const other = await supporter();
    await servers.first.grants.request(other.by, asking(text));
    await servers.first.grants.cancel(by, waiting[0]?.id ?? '');
    await servers.first.grants.request(by, asking(text));
  });

  test('special data needs two approvers, one of them the dpo; the database holds it too', async () => {
    const { servers, roleOf, supporter } = of();
    await servers.change((document) => {
      const eligible = { clearUpTo: 'special', purposes: ['service'], maxMinutes: 60, maxReads: 5, approvers: ['dpo', 'security'], needed: 2 } as const; // prettier-ignore
      return {
        ...document,
        roles: {
          ...document.roles,
          support: { ...roleOf(document, 'support'), grants: { jit: eligible } },
        },
        policies: {
          ...document.policies,
          'support-jit': (document.policies['support-jit'] as string).replace('sensitive', 'special'),
        },
      };
    });
    const { grants } = servers.first;
    const { by } = await supporter();
    const [one, two, dpo] = [await servers.by('security'), await servers.by('security'), await servers.by('dpo')];
    const asked = await grants.request(by, asking(aSubject().text, { classes: ['special'] }));

    assert.equal((await grants.approve(one, asked.id, asked.scopeHash)).state, 'pending');
    await assert.rejects(grants.approve(one, asked.id, asked.scopeHash), code('ACCESS_GRANT_STATE'));
    assert.equal((await grants.approve(two, asked.id, asked.scopeHash)).state, 'pending', 'two, and no dpo');
    await assert.rejects(
      servers.db`update access.grants set state = 'approved' where state = 'pending' and scope like '%special%'`,
      /not enough/,
    );
    assert.equal((await grants.approve(dpo, asked.id, asked.scopeHash)).state, 'approved');
    assert.equal((await grants.activate(by, asked.id)).state, 'activated');
  });

  test('an extension is a new request that names the old one, of the same holder', async () => {
    const { servers, supporter } = of();
    const { grants } = servers.first;
    const { by } = await supporter();
    const { by: stranger } = await supporter();
    const subject = aSubject();
    const { id: first } = await grants.request(by, asking(subject.text));

    const next = await grants.request(by, asking(subject.text, { extends: first }));

    assert.deepEqual([next.extends, next.state], [first, 'pending']);
    await assert.rejects(
      grants.request(stranger, asking(subject.text, { extends: first })),
      code('ACCESS_GRANT_NOT_FOUND'),
    );
  });

  test('history is kept for ever: each state with who and when, neither changed nor deleted', async () => {
    const { servers, supporter } = of();
    const { grants } = servers.first;
    const { by } = await supporter();
    const asked = await grants.request(by, asking(aSubject().text));
    await grants.cancel(by, asked.id);

    const { history } = await grants.get(by.actor, asked.id);
    assert.deepEqual(
      history.map(({ state, by: who }) => [state, who]),
      [
        ['pending', by.actor.id],
        ['cancelled', by.actor.id],
      ],
    );
    for (const table of ['grants', 'grant_history', 'grant_approvals']) {
      await assert.rejects(servers.db.unsafe(`delete from access.${table}`), /kept for ever/);
      await assert.rejects(servers.db.unsafe(`truncate access.${table} cascade`), /kept for ever/);
    }
    await assert.rejects(servers.db`update access.grant_history set by = 'nobody'`, /kept for ever/);
    await assert.rejects(servers.db`update access.grants set reads_used = 0 where reads_used > 0`, /does not change/);
  });

  test('a step whose log entry cannot be written does not happen', async () => {
    const { supporter, servers } = of();
    const { by } = await supporter();
    await servers.db`alter table audit.entries rename to gone`;
    try {
      await assert.rejects(servers.first.grants.request(by, asking(aSubject().text)));
    } finally {
      await servers.db`alter table audit.gone rename to entries`;
    }

    assert.deepEqual(await servers.first.grants.list(by.actor, { states: null }), []);
  });

  test('what was approved is not activated once its role may not ask for it any more, or not with so few approvals', async () => {
    const { servers, roleOf, supporter } = of();
    const { grants } = servers.first;
    const approved = async () => {
      const { by } = await supporter();
      const { id, scopeHash } = await grants.request(by, asking(aSubject().text, { reads: 3, seconds: 1800 }));
      for (const role of ['dpo', 'security']) await grants.approve(await servers.by(role), id, scopeHash);
      return { by, id };
    };
    const whole = roleOf((await servers.first.policies.get('active')).document, 'support').grants?.jit as Eligible;
    const narrower = [{ maxMinutes: 10 }, { maxReads: 2 }, { purposes: ['service.delivery'] }, { needed: 3 }, { approvers: ['dpo'] }] as const; // prettier-ignore
    const set = (jit: Eligible) =>
      servers.change((document) => ({
        ...document,
        roles: { ...document.roles, support: { ...roleOf(document, 'support'), grants: { jit } } },
      }));
    const asked = await Promise.all(narrower.map(approved));
    for (const [n, { by, id }] of asked.entries()) {
      const now = async () => ({
        actor: { ...by.actor, policyVersion: (await servers.by('support')).actor.policyVersion },
      });
      await set({ ...whole, ...narrower[n] });
      await assert.rejects(grants.activate(await now(), id), code('ACCESS_NOT_ELIGIBLE'), JSON.stringify(narrower[n]));
      await set(whole);
      assert.equal((await grants.activate(await now(), id)).state, 'activated');
    }
  });

  test('a grant ends with the eligibility: once the role may not ask for it any more, it shows nothing', async () => {
    const { supporter, servers, roleOf } = of();
    const { by, again } = await supporter();
    const subject = aSubject();
    const { grants } = servers.first;
    const asked = await grants.request(by, asking(subject.text));
    for (const role of ['dpo', 'security']) await grants.approve(await servers.by(role), asked.id, asked.scopeHash);
    await grants.activate(by, asked.id);
    assert.equal(seen(servers, servers.second, await again(), subject.id).state, 'clear');

    await servers.change((document) => {
      const { grants: _, ...support } = roleOf(document, 'support');
      return { ...document, roles: { ...document.roles, support } };
    });

    assert.equal(seen(servers, servers.second, await again(), subject.id).state, 'masked');
  });
}
